/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/macros.h"
#include "txn/sql.h"
#include "txn/vfs.h"

/* --- errors ---------------------------------------------------------------------------------------- */

int sql_damaged(struct error *err, const char *what)
{
	err_set(err, ERR_FAILED,
		"the journal is damaged: %s; `recover --salvage` lists what can be put back without it",
		what);
	if (err)
		err->sys = EBADMSG;
	return -1;
}

int sql_fail(sqlite3 *db, struct error *err)
{
	int code = sqlite3_errcode(db), sys = sqlite3_system_errno(db);

	switch (code & 0xff) {
	case SQLITE_FULL:
		errno = ENOSPC;
		return err_errno(err,
				 "cannot write the journal on the root's file system");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return sql_damaged(err, sqlite3_errmsg(db));
	case SQLITE_READONLY:
		return err_set(
			err, ERR_REFUSED,
			"cannot write the journal: the root's file system is read-only");
	case SQLITE_BUSY:
		return err_set(err, ERR_LOCKED, "another program has the journal open");
	}
	if (sys && code != SQLITE_OK) {
		errno = sys;
		return err_errno(err, "cannot use the journal: %s", sqlite3_errmsg(db));
	}
	return err_set(err, ERR_FAILED, "cannot use the journal: %s", sqlite3_errmsg(db));
}

/* --- opening --------------------------------------------------------------------------------------- */

static void distrust(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 256 << 20);
}

int sql_open(const char *path, bool make, sqlite3 **ret, struct error *err)
{
	const char *vfs = vfs_register(path);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_PRIVATECACHE | (make ? SQLITE_OPEN_CREATE : 0);
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, flags, vfs) != SQLITE_OK) {
		if (!db)
			BUG("SQLite has no memory");
		sql_fail(db, err);
		sqlite3_close(db);
		vfs_unregister(vfs);
		return -1;
	}
	distrust(db);
	*ret = db;
	return 0;
}

void sql_close(sqlite3 *db)
{
	sqlite3_vfs *vfs = NULL;

	if (!db)
		return;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
	if (sqlite3_close(db) != SQLITE_OK)
		BUG("a statement of the journal was left open");
	if (vfs)
		vfs_unregister(vfs->zName);
}

/* --- statements ---------------------------------------------------------------------------------- */

int sql_exec(sqlite3 *db, const char *sql, struct error *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0
								    : sql_fail(db, err);
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct error *err)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK)
		return s;
	sql_fail(db, err);
	return NULL;
}

static void bind_values(sqlite3_stmt *s, const char *types, va_list ap)
{
	for (int i = 1; *types; i++, types++) {
		const void *p;

		switch (*types) {
		case 'i': sqlite3_bind_int64(s, i, va_arg(ap, int64_t)); break;
		case 's':
			sqlite3_bind_text(s, i, va_arg(ap, const char *), -1,
					  SQLITE_STATIC);
			break;
		case 'b':
			p = va_arg(ap, const void *);
			sqlite3_bind_blob64(s, i, p ? p : "", va_arg(ap, size_t),
					    SQLITE_STATIC);
			break;
		default: BUG("type '%c'", *types);
		}
	}
}

void sql_bind(sqlite3_stmt *s, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	bind_values(s, types, ap);
	va_end(ap);
}

int sql_step(sqlite3_stmt *s, struct error *err)
{
	switch (sqlite3_step(s)) {
	case SQLITE_ROW: return 1;
	case SQLITE_DONE: return 0;
	}
	return sql_fail(sqlite3_db_handle(s), err);
}

int sql_run(sqlite3_stmt *s, struct error *err)
{
	int rc = sql_step(s, err);

	sqlite3_reset(s);
	return rc < 0 ? -1 : 0;
}

int sql_do(sqlite3 *db, struct error *err, const char *sql, const char *types, ...)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(db, sql, err);
	va_list ap;

	if (!s)
		return -1;
	va_start(ap, types);
	bind_values(s, types, ap);
	va_end(ap);
	return sql_run(s, err);
}

static int read_text(sqlite3_stmt *s, int i, bool null, const char **ret)
{
	if (null && sqlite3_column_type(s, i) == SQLITE_NULL) {
		*ret = NULL;
		return 0;
	}
	if (sqlite3_column_type(s, i) != SQLITE_TEXT)
		return -1;
	*ret = (const char *)sqlite3_column_text(s, i);
	return *ret && strlen(*ret) == (size_t)sqlite3_column_bytes(s, i) ? 0 : -1;
}

int sql_read(sqlite3_stmt *s, const char *types, ...)
{
	va_list ap;
	int rc = 0;

	va_start(ap, types);
	for (int i = 0; *types && rc == 0; i++, types++)
		switch (*types) {
		case 'i':
			if (sqlite3_column_type(s, i) != SQLITE_INTEGER)
				rc = -1;
			*va_arg(ap, int64_t *) = sqlite3_column_int64(s, i);
			break;
		case 's':
		case 'S':
			rc = read_text(s, i, *types == 'S', va_arg(ap, const char **));
			break;
		case 'b':
			if (sqlite3_column_type(s, i) != SQLITE_BLOB)
				rc = -1;
			*va_arg(ap, const void **) = sqlite3_column_blob(s, i);
			*va_arg(ap, size_t *) = (size_t)sqlite3_column_bytes(s, i);
			break;
		default: BUG("type '%c'", *types);
		}
	va_end(ap);
	return rc;
}

int sql_number(sqlite3 *db, const char *sql, int64_t *ret, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(db, sql, err);
	int rc = s ? sql_step(s, err) : -1;

	if (rc < 0)
		return -1;
	*ret = rc ? sqlite3_column_int64(s, 0) : 0;
	return 0;
}
