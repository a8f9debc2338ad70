/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/histdb.h"

#include <inttypes.h>
#include <string.h>

void histdb_finalize(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}

static bool is_interrupted(struct histdb *h)
{
	return (sqlite3_errcode(h->db) & 0xff) == SQLITE_INTERRUPT;
}

static int err_db(struct histdb *h, struct error *err)
{
	if (is_interrupted(h))
		return dbguard_err(&h->quota->guard, err);
	return err_set(err, ERR_FAILED, "%s", sqlite3_errmsg(h->db));
}

int histdb_damaged(struct error *err, const char *fmt, ...)
{
	cleanup_free char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	return err_set(err, ERR_FAILED, "damaged: %s", what);
}

int histdb_prepare(struct histdb *h, const char *sql, sqlite3_stmt **ret,
		   struct error *err)
{
	return sqlite3_prepare_v2(h->db, sql, -1, ret, NULL) == SQLITE_OK
		       ? 0
		       : err_db(h, err);
}

/* All text of a row may be kept. */
static uint64_t bytes_of(sqlite3_stmt *stmt)
{
	uint64_t bytes = 0;

	for (int i = sqlite3_column_count(stmt); i-- > 0;)
		if (sqlite3_column_type(stmt, i) == SQLITE_TEXT ||
		    sqlite3_column_type(stmt, i) == SQLITE_BLOB)
			bytes += (uint64_t)sqlite3_column_bytes(stmt, i);
	return bytes;
}

int histdb_step(struct histdb *h, sqlite3_stmt *stmt, struct error *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return err_db(h, err);
	return quota_take(h->quota, bytes_of(stmt), err) < 0 ? -1 : 1;
}

const char *histdb_text(struct arena *mem, sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s && *s ? arena_strdup(mem, s) : "";
}

const char *histdb_user(struct arena *mem, int64_t id)
{
	/* -1, with or without sign, is an audit user id that was never set */
	return id >= 0 && id != UINT32_MAX ? arena_printf(mem, "%" PRId64, id) : "";
}

void histdb_nevra(struct arena *mem, sqlite3_stmt *stmt, int first, struct nevra *ret)
{
	ret->name = histdb_text(mem, stmt, first);
	ret->epoch = sqlite3_column_int64(stmt, first + 1);
	ret->version = histdb_text(mem, stmt, first + 2);
	ret->release = histdb_text(mem, stmt, first + 3);
	ret->arch = histdb_text(mem, stmt, first + 4);
}

static int open_copy(struct histdb *h, const char *name, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", h->copy->path, name);

	/* for writing: SQLite may have to roll a journal back first */
	if (sqlite3_open_v2(path, &h->db, SQLITE_OPEN_READWRITE, NULL))
		return err_db(h, err);
	dbguard_settle(h->db);
	dbguard_watch(h->db, &h->quota->guard);
	sqlite3_limit(h->db, SQLITE_LIMIT_LENGTH, 16 << 20);
	return 0;
}

static int check_harmless(struct histdb *h, struct error *err)
{
	cleanup_free char *odd = NULL;
	int rc = dbguard_find_computed(h->db, &h->quota->guard, &odd, err);

	return rc > 0 ? err_set(err, ERR_FAILED, "no history of a package manager: %s",
				odd)
		      : rc;
}

static int check_health(struct histdb *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	const char *verdict;
	int rc;

	if (histdb_prepare(h, "PRAGMA quick_check(1)", &stmt, err) ||
	    (rc = histdb_step(h, stmt, err)) < 0)
		return is_interrupted(h) ? -1 : err_prefix(err, "damaged");
	verdict = rc ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (!verdict || strcmp(verdict, "ok"))
		return histdb_damaged(err, "%s", verdict ? verdict : "no verdict");
	return 0;
}

int histdb_has_table(struct histdb *h, const char *name, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;

	/* a virtual table has no pages of its own */
	if (histdb_prepare(
		    h,
		    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1 "
		    "AND rootpage > 0",
		    &stmt, err))
		return -1;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	return histdb_step(h, stmt, err);
}

static int check_tables(struct histdb *h, const char *const *tables, struct error *err)
{
	for (; *tables; tables++) {
		int rc = histdb_has_table(h, *tables, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			return err_set(
				err, ERR_FAILED,
				"no history of this kind, or a damaged one: it has no "
				"table '%s'",
				*tables);
	}
	return 0;
}

const char *histdb_version(struct histdb *h, const char *const *known, struct arena *mem,
			   struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	cleanup_buf struct buf list = {0};
	const char *version;
	int rc;

	if (histdb_prepare(h, "SELECT value FROM config WHERE key = 'version'", &stmt,
			   err) ||
	    (rc = histdb_step(h, stmt, err)) < 0)
		return NULL;
	version = rc ? histdb_text(mem, stmt, 0) : "";
	if (!*version) {
		histdb_damaged(err, "it does not say of what version it is");
		return NULL;
	}
	for (size_t i = 0; known[i]; i++) {
		if (!strcmp(known[i], version))
			return version;
		buf_printf(&list, "%s%s", i ? ", " : "", known[i]);
	}
	err_set(err, ERR_FAILED,
		"of version '%s', which is not known here (those known: %s)", version,
		list.s);
	return NULL;
}

int histdb_open(struct root *r, const char *path, const char *const *tables,
		struct quota *quota, struct histdb *ret, struct error *err)
{
	struct histdb h = {.quota = quota};
	const char *slash;
	int rc;

	if (root_resolve(r, path, true, &h.path, err) < 0)
		return err_prefix(err, "'%s'", path);
	rc = dbcopy_sqlite(r, h.path, &h.copy, err);
	if (rc <= 0) {
		histdb_close(&h);
		return rc;
	}
	slash = strrchr(h.path, '/');
	if (open_copy(&h, slash ? slash + 1 : h.path, err) < 0 ||
	    check_harmless(&h, err) < 0 || check_health(&h, err) < 0 ||
	    check_tables(&h, tables, err) < 0) {
		err_prefix(err, "'%s'", h.path);
		histdb_close(&h);
		return -1;
	}
	*ret = h;
	return 1;
}

int histdb_open_first(struct root *r, const char *const *places,
		      const char *const *tables, struct quota *quota, struct histdb *ret,
		      struct error *err)
{
	int rc = 0;

	for (; *places && rc == 0; places++)
		rc = histdb_open(r, *places, tables, quota, ret, err);
	return rc;
}

void histdb_close(struct histdb *h)
{
	sqlite3_close(h->db);
	scratch_free(h->copy);
	free(h->path);
	memset(h, 0, sizeof(*h));
}
