/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_rebuilt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "rpm/child.h"
#include "rpm/db_sqlite.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

#define SECONDS 600 /* without a sign of life; no rpmdb takes so long */

/* --- what is in them ---------------------------------------------------------------------------------- */

/* A line of all that must be the same, the name first. */
static int take_all(void *ctx, uint32_t instance, const void *blob, size_t n,
		    struct error *err)
{
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);
	struct buf line = {0};
	struct pkg *p;

	if (!h || hdr_read_installed(h, instance, HDR_FILES, what, &p, err))
		return -1;
	buf_printf(&line, "%s %u %u ", p->nevra, hdr_install_id(h), hdr_install_color(h));
	buf_hex(&line, p->hdrdigest.bytes, p->hdrdigest.len);
	buf_char(&line, ' ');
	for (uint32_t i = 0; i < p->files.n; i++)
		buf_printf(&line, "%u", p->files.v[i].state);
	pkg_free(p);
	strlist_take(ctx, buf_steal(&line));
	return 0;
}

static int read_all(const char *folder, enum db_backend backend, struct strlist *ret,
		    struct error *err)
{
	if (db_rows_each(folder, backend, take_all, ret, err))
		return -1;
	strlist_sort(ret);
	return 0;
}

/* The first that is in one list alone, NULL where they are the same; it is in *ret_more. */
static const char *first_difference(const struct strlist *a, const struct strlist *b,
				    bool *ret_more)
{
	uint32_t i = 0;
	int rc;

	while (i < a->n && i < b->n && strcmp(a->v[i], b->v[i]) == 0)
		i++;
	if (i == a->n && i == b->n)
		return NULL;
	rc = i == a->n ? 1 : i == b->n ? -1 : strcmp(a->v[i], b->v[i]);
	*ret_more = rc > 0;
	return rc > 0 ? b->v[i] : a->v[i];
}

/* --- which it is --------------------------------------------------------------------------------------- */

/* The file's own figures, before anything in it is believed. */
static int look_at(const char *folder, const struct db_kind *kind, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, kind->file);
	cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	cleanup_sqlite sqlite3 *db = NULL;
	struct stat st;
	uint32_t count;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "cannot open '%s'", kind->file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED, "'%s' is no regular file", kind->file);
	return kind->backend == DB_SQLITE
		       ? db_sqlite_open(path, DB_SQLITE_ALL, &db, &count, err)
		       : db_rows_check(fd, kind->backend, &count, err);
}

static int find_made(const char *folder, const struct db_kind **ret, struct error *err)
{
	*ret = NULL;
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds); i++) {
		cleanup_free char *path =
			xasprintf("%s/%s", folder, db_find_kinds[i].file);
		struct stat st;

		if (lstat(path, &st) < 0) {
			if (errno != ENOENT)
				return err_errno(err, "cannot look at '%s'", path);
			continue;
		}
		if (*ret)
			return err_set(err, ERR_FAILED, "it made both '%s' and '%s'",
				       (*ret)->file, db_find_kinds[i].file);
		*ret = &db_find_kinds[i];
	}
	return *ret ? look_at(folder, *ret, err)
		    : err_set(err, ERR_FAILED, "it made no database");
}

/* --- in a child ---------------------------------------------------------------------------------------- */

struct question {
	const char *records, *made;
	const struct db *db;
};

static int check(void *ctx, struct buf *ret _unused_, struct error *err)
{
	const struct question *q = ctx;
	struct strlist want = {0}, have = {0};
	const struct db_kind *kind;
	const char *other;
	bool more = false;

	if (find_made(q->made, &kind, err) || !kind ||
	    read_all(q->records, DB_BDB, &want, err) ||
	    read_all(q->made, kind->backend, &have, err))
		return -1;
	other = first_difference(&want, &have, &more);
	if (!other)
		return 0;
	return err_set(err, ERR_FAILED, "%.*s %s", (int)strcspn(other, " "), other,
		       more ? "is in it, which is not wanted, or is not as it should be"
			    : "is not in it as it should be");
}

static int look_for(void *ctx, struct buf *ret, struct error *err)
{
	const struct question *q = ctx;
	struct strlist want = {0}, have = {0};
	bool more;

	if (db_rows_names(q->records, DB_BDB, &want, err) ||
	    db_rows_names(q->db->scratch->path, q->db->backend, &have, err))
		return -1;
	if (!first_difference(&want, &have, &more))
		buf_str(ret, "yes");
	return 0;
}

int db_rebuilt_check(const char *records, const char *made, struct error *err)
{
	struct question q = {.records = records, .made = made};

	return librpm_init(err) || child_do(check, &q, SECONDS, NULL, err) ? -1 : 0;
}

int db_rebuilt_is_there(const char *records, const struct db *db, struct error *err)
{
	struct question q = {.records = records, .db = db};
	cleanup_buf struct buf answer = {0};

	return librpm_init(err) || child_do(look_for, &q, SECONDS, &answer, err)
		       ? -1
		       : answer.n > 0;
}
