/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/pmconf.h"

#include <fnmatch.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini.h"
#include "base/path.h"

enum { FILE_MAX = 1 << 20 };

/* One name a line; what else a line holds is none. */
static void take_lines(const char *text, struct strlist *ret)
{
	while (*text) {
		size_t n = strcspn(text, "\n"), blank = strspn(text, " \t");
		size_t name = strcspn(text + blank, " \t\r\n");

		if (name && blank + name <= n && text[blank] != '#' &&
		    !memchr(text + blank, '=', name) && text[blank] != '[')
			strlist_take(ret, xstrndup(text + blank, name));
		text += n + (text[n] == '\n');
	}
}

/* The files of a folder that a pattern fits, each as a path, in the order of their names. */
static void list_files(struct root *r, const char *folder, const char *pattern,
		       struct strlist *ret)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (root_resolve(r, folder, true, &canonical, NULL) == 0 &&
	    root_list(r, canonical, &names) == 0)
		strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++)
		if (fnmatch(pattern, names.v[i], FNM_PERIOD) == 0)
			strlist_take(ret, path_join(canonical, names.v[i]));
	strlist_release(&names);
}

void pmconf_names(struct root *r, const char *folder, const char *pattern,
		  struct strlist *ret)
{
	struct strlist paths = {0};

	list_files(r, folder, pattern, &paths);
	for (uint32_t i = 0; i < paths.n; i++) {
		cleanup_buf struct buf text = {0};

		if (root_read_packaged(r, paths.v[i], FILE_MAX, &text) == 0 && text.s)
			take_lines(text.s, ret);
	}
	strlist_release(&paths);
}

static void take_glob(struct root *r, const char *glob, struct strlist *ret)
{
	const char *slash = strrchr(glob, '/');
	cleanup_free char *folder =
		slash ? xstrndup(glob, (size_t)(slash - glob) + 1) : NULL;

	if (slash)
		pmconf_names(r, folder, slash + 1, ret);
}

static void take_words(struct root *r, const char *value, struct strlist *ret)
{
	static const char glob[] = "glob:";

	if (value[strspn(value, " \t\n")] == ',')
		strlist_release(ret);
	while (*value) {
		size_t blank = strspn(value, " ,\t\r\n"), n;
		cleanup_free char *word = NULL;

		value += blank;
		n = strcspn(value, " ,\t\r\n");
		word = xstrndup(value, n);
		if (!strncmp(word, glob, strlen(glob)))
			take_glob(r, word + strlen(glob), ret);
		else if (n)
			strlist_take(ret, steal_ptr(word));
		value += n;
	}
}

static void take_file(struct root *r, const char *path, const char *key,
		      struct strlist *ret)
{
	cleanup_buf struct buf text = {0};
	cleanup_free char *value = NULL;

	if (root_read_packaged(r, path, FILE_MAX, &text) || !text.n)
		return;
	value = ini_value(text.s, text.n, "main", key);
	if (value)
		take_words(r, value, ret);
}

static void take_folder(struct root *r, const char *folder, const char *key,
			struct strlist *ret)
{
	struct strlist paths = {0};

	list_files(r, folder, "*.conf", &paths);
	for (uint32_t i = 0; i < paths.n; i++)
		take_file(r, paths.v[i], key, ret);
	strlist_release(&paths);
}

void pmconf_list(struct root *r, const char *key, struct strlist *ret)
{
	take_folder(r, "/usr/share/dnf5/libdnf.conf.d", key, ret);
	take_file(r, "/etc/yum.conf", key, ret);
	take_file(r, "/etc/dnf/dnf.conf", key, ret);
	take_folder(r, "/etc/dnf/libdnf5.conf.d", key, ret);
	take_file(r, "/etc/zypp/zypp.conf", key, ret);
}
