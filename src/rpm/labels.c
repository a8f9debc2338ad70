/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/labels.h"

#include <ctype.h>
#include <errno.h>

#define CONFIG_MAX (64 * 1024)
#define TYPE_MAX   64

/* The value of an assignment that begins with key, as libselinux reads its configuration: no quotes,
 * and what follows white space does not count. NULL: it is another line. */
static char *value_of(char *line, const char *key)
{
	size_t n = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, n) != 0 || line[n] != '=')
		return NULL;
	line += n + 1;
	line += strspn(line, " \t");
	line[strcspn(line, " \t\r")] = '\0';
	return line;
}

static bool is_plain_name(const char *s)
{
	if (!*s || *s == '.' || strlen(s) > TYPE_MAX)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.+", *s))
			return false;
	return true;
}

bool labels_wanted(struct root *r, char **ret_type)
{
	cleanup_buf struct buf text = {0};
	cleanup_free char *type = xstrdup("targeted"), *dir = NULL, *canonical = NULL;
	bool disabled = false;
	struct statx st;
	char *rest, *line;

	if (root_read_packaged(r, "/etc/selinux/config", CONFIG_MAX, &text) < 0)
		return false;
	rest = text.s;
	while ((line = strsep(&rest, "\n"))) {
		char *value;

		if ((value = value_of(line, "SELINUX"))) {
			disabled = strcasecmp(value, "disabled") == 0;
		} else if ((value = value_of(line, "SELINUXTYPE"))) {
			free(type);
			type = xstrdup(value);
		}
	}
	if (disabled || !is_plain_name(type))
		return false;
	/* a configuration alone, without any policy, labels nothing */
	dir = xasprintf("/etc/selinux/%s", type);
	if (root_resolve(r, dir, true, &canonical, NULL) < 0 ||
	    root_statx(r, canonical, STATX_TYPE, &st) < 0 || !S_ISDIR(st.stx_mode))
		return false;
	*ret_type = steal_ptr(type);
	return true;
}

#ifdef HAVE_SELINUX

#include <selinux/label.h>
#include <selinux/selinux.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/scratch.h"
#include "rpm/child.h"

enum {
	FILE_MAX_BYTES = 32 * 1024 * 1024,
	SILENCE_SECONDS = 30, /* between two lots of answers */
	CPU_SECONDS = 120,    /* in all */
	LOT = 64	      /* answers that are sent together */
};

#define FILE_CONTEXTS "file_contexts"

/* The files that selabel_file(5) knows, by what their names add. */
static const char *const parts[] = {"", ".local", ".homedirs", ".subs", ".subs_dist"};

static int copy_part(struct root *r, const char *type, const char *part,
		     struct scratch *s, struct error *err)
{
	cleanup_free char *path =
		xasprintf("/etc/selinux/%s/contexts/files/" FILE_CONTEXTS "%s", type,
			  part);
	cleanup_free char *name = xasprintf(FILE_CONTEXTS "%s", part);
	cleanup_buf struct buf text = {0};
	cleanup_close int fd = -1;

	if (root_read_packaged(r, path, FILE_MAX_BYTES, &text) < 0) {
		if (*part && errno == ENOENT)
			return 0;
		return err_errno(err, "cannot read '%s' in the root", path);
	}
	fd = scratch_create(s, name, err);
	if (fd < 0)
		return -1;
	if (file_write_all(fd, text.s, text.n) < 0)
		return err_errno(err, "cannot write a copy of '%s'", path);
	return 0;
}

/* --- in the child ------------------------------------------------------------------------------------ */

struct job {
	const char *path; /* of the copy */
	const struct labels_question *q;
	uint32_t n;
};

/* What libselinux thinks of a stranger's file it need not tell the user's terminal. */
_printf_(2, 3) static int say_nothing(int kind, const char *fmt, ...)
{
	(void)kind;
	(void)fmt;
	return 0;
}

static int answer(struct selabel_handle *h, const struct labels_question *q,
		  struct buf *ret)
{
	cleanup_free char *path = xasprintf("/%s", q->path);
	char *label = NULL;

	if (selabel_lookup_raw(h, &label, path, (int)q->mode) < 0) {
		if (errno != ENOENT)
			return -1;
	} else {
		buf_str(ret, label);
		freecon(label);
	}
	buf_char(ret, '\0');
	return 0;
}

static int look_up(void *ctx, struct buf *ret, struct error *err)
{
	const struct job *job = ctx;
	const struct selinux_opt options[] = {{SELABEL_OPT_PATH, job->path}};
	const struct rlimit limit = {CPU_SECONDS, CPU_SECONDS};
	struct selabel_handle *h;

	setrlimit(RLIMIT_CPU, &limit);
	selinux_set_callback(SELINUX_CB_LOG,
			     (union selinux_callback){.func_log = say_nothing});
	h = selabel_open(SELABEL_CTX_FILE, options, 1);
	if (!h)
		return err_errno(err, "libselinux cannot use it");
	for (uint32_t i = 0; i < job->n; i++) {
		if (answer(h, &job->q[i], ret) < 0)
			return err_errno(err, "libselinux cannot look up '/%s'",
					 job->q[i].path);
		if (i % LOT == LOT - 1 && child_flush(ret) < 0)
			break;
	}
	selabel_close(h);
	return 0;
}

/* --- and out of it ------------------------------------------------------------------------------------ */

static int take_answers(const struct buf *b, uint32_t n, struct arena *mem,
			const char **ret, struct error *err)
{
	const char *s = b->s, *end = b->s + b->n;

	for (uint32_t i = 0; i < n; i++) {
		size_t len = s < end ? strnlen(s, (size_t)(end - s)) : 0;

		if (s + len >= end)
			return err_set(err, ERR_FAILED, "libselinux gave up half-way");
		ret[i] = len ? arena_strdup(mem, s) : NULL;
		s += len + 1;
	}
	return 0;
}

static int ask(const char *path, const struct labels_question *q, uint32_t n,
	       struct arena *mem, const char **ret, struct error *err)
{
	cleanup_buf struct buf answers = {0};
	struct job job = {path, q, n};
	struct error why = ERROR_INIT;
	struct child *c;
	int rc;

	if (child_start(look_up, &job, &c, err) < 0)
		return -1;
	rc = child_finish(c, SILENCE_SECONDS, &answers, &why);
	if (rc == -2)
		err_set(err, ERR_FAILED, "libselinux crashes on it, or does not end");
	else if (rc < 0)
		err_move(err, &why);
	err_release(&why);
	return rc < 0 ? -1 : take_answers(&answers, n, mem, ret, err);
}

int labels_look_up(struct root *r, const char *type, const struct labels_question *q,
		   uint32_t n, struct arena *mem, const char **ret, struct error *err)
{
	cleanup_free char *path = NULL;
	struct scratch *s = NULL;
	int rc = 0;

	if (scratch_new("labels", FILE_MAX_BYTES, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(parts) && rc == 0; i++)
		rc = copy_part(r, type, parts[i], s, err);
	if (rc == 0) {
		path = xasprintf("%s/" FILE_CONTEXTS, s->path);
		rc = ask(path, q, n, mem, ret, err);
		if (rc < 0)
			err_prefix(err, "'/etc/selinux/%s/contexts/files/" FILE_CONTEXTS
					"' of the root", type);
	}
	scratch_free(s);
	return rc;
}

#else

int labels_look_up(struct root *r, const char *type, const struct labels_question *q,
		   uint32_t n, struct arena *mem, const char **ret, struct error *err)
{
	(void)r;
	(void)type;
	(void)q;
	(void)n;
	(void)mem;
	(void)ret;
	return err_set(err, ERR_FAILED,
		       "this putback was built without libselinux and cannot read its policy");
}

#endif
