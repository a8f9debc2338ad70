/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include "disk/machine.h"

enum {
	TEXT_MAX = 64 * 1024,
	HOSTNAME_BYTES = 253,	     /* RFC 1035, 2.3.4, without the dots' lengths */
	USERS_MAX = 16 * 1024 * 1024 /* bytes of a passwd or group */
};

/* Value of an assignment as a shell reads it; see os-release(5). In place. */
static char *unquoted(char *s)
{
	char *to = s, *start = s, quote = '\0';

	for (; *s; s++) {
		if (*s == quote) {
			quote = '\0';
		} else if (!quote && (*s == '"' || *s == '\'')) {
			quote = *s;
		} else if (*s == '\\' && s[1] && quote != '\'' &&
			   (!quote || strchr("\"\\$`", s[1]))) {
			*to++ = *++s;
		} else if (!quote && (*s == ' ' || *s == '\t' || *s == '\r')) {
			break;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
	return start;
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

static void parse_os_release(struct machine *m, char *text)
{
	cleanup_free char *name = xstrdup("");
	struct {
		const char *key;
		char **field;
	} wanted[] = {{"PRETTY_NAME", &m->os_name},
		      {"NAME", &name},
		      {"ID", &m->os_id},
		      {"VERSION_ID", &m->os_version}};
	char *line;

	while ((line = strsep(&text, "\n"))) {
		size_t n;

		line += strspn(line, " \t");
		n = strcspn(line, "=");
		for (size_t i = 0; i < ELEMENTSOF(wanted); i++)
			if (line[n] && strlen(wanted[i].key) == n &&
			    !strncmp(line, wanted[i].key, n))
				set(wanted[i].field, unquoted(line + n + 1));
	}
	if (!*m->os_name)
		set(&m->os_name, name);
}

/* First line of a file that says something, without blanks around it; "" if there is none */
static char *first_line(struct root *r, const char *path)
{
	cleanup_buf struct buf text = {0};
	char *rest, *line;

	if (root_read_packaged(r, path, TEXT_MAX, &text) < 0)
		return xstrdup("");
	rest = text.s;
	while ((line = strsep(&rest, "\n"))) {
		size_t n;

		line += strspn(line, " \t\r");
		n = strlen(line);
		while (n && strchr(" \t\r", line[n - 1]))
			n--;
		if (n && *line != '#')
			return xstrndup(line, n);
	}
	return xstrdup("");
}

/* See machine-id(5): 32 hexadecimal digits; "uninitialized" is none */
static bool is_machine_id(const char *s)
{
	return strlen(s) == 32 && strspn(s, "0123456789abcdefABCDEF") == 32;
}

int machine_read(struct root *r, struct machine *ret, struct error *err)
{
	static const char *const releases[] = {"/etc/os-release", "/usr/lib/os-release"};
	struct machine m = {0};
	struct statx st;

	if (root_statx(r, "", STATX_TYPE, &st) < 0)
		return err_errno(err, "cannot look at root '%s'", r->path);
	set(&m.os_name, "");
	set(&m.os_id, "");
	set(&m.os_version, "");
	for (size_t i = 0; i < ELEMENTSOF(releases); i++) {
		cleanup_buf struct buf text = {0};

		if (root_read_packaged(r, releases[i], TEXT_MAX, &text) < 0)
			continue;
		parse_os_release(&m, text.s);
		break;
	}
	m.machine_id = first_line(r, "/etc/machine-id");
	if (!is_machine_id(m.machine_id))
		set(&m.machine_id, "");
	m.hostname = first_line(r, "/etc/hostname");
	if (strlen(m.hostname) > HOSTNAME_BYTES)
		set(&m.hostname, "");
	*ret = m;
	return 0;
}

void machine_release(struct machine *m)
{
	free(m->os_name);
	free(m->os_id);
	free(m->os_version);
	free(m->machine_id);
	free(m->hostname);
	*m = (struct machine){0};
}

int machine_users(struct root *r, struct users *ret, struct error *err)
{
	static const struct {
		const char *path;
		void (*parse)(struct users *u, const char *text);
	} files[] = {{"/etc/passwd", users_parse_passwd},
		     {"/usr/lib/passwd", users_parse_passwd},
		     {"/etc/group", users_parse_group},
		     {"/usr/lib/group", users_parse_group}};
	struct users users = {0};

	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		cleanup_buf struct buf text = {0};

		if (root_read_packaged(r, files[i].path, USERS_MAX, &text) == 0) {
			files[i].parse(&users, text.s);
		} else if (errno != ENOENT && errno != ENOTDIR) {
			/* without its names, owners would be guessed wrongly */
			if (errno == EINVAL)
				err_set(err, ERR_FAILED,
					"'%s' in the root is no regular file",
					files[i].path);
			else
				err_errno(err, "cannot read '%s' in the root",
					  files[i].path);
			users_release(&users);
			return -1;
		}
	}
	users_finish(&users);
	*ret = users;
	return 0;
}
