/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SQL_H
#define PUTBACK_TXN_SQL_H
/* SQLite as the journal uses it: statements with typed values in and out, and its errors as ours. */
#include <sqlite3.h>

#include "base/error.h"

/* Opens a database through the file layer of txn/vfs.h; nothing in its schema is trusted. */
_must_check_ int sql_open(const char *path, bool make, sqlite3 **ret, struct error *err);
void sql_close(sqlite3 *db); /* NULL does nothing */
/* One or more statements without values or results. */
_must_check_ int sql_exec(sqlite3 *db, const char *sql, struct error *err);
_must_check_ sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct error *err);
/* types, one letter per value: i int64_t; s string or NULL (must last until the step is done);
 * b pointer and size_t, of a blob. */
void sql_bind(sqlite3_stmt *s, const char *types, ...);
/* Takes one step: 1: a row, 0: done, -1. */
_must_check_ int sql_step(sqlite3_stmt *s, struct error *err);
/* Steps a statement without results to its end and makes it ready for the next values. */
_must_check_ int sql_run(sqlite3_stmt *s, struct error *err);
/*
 * The columns of a row, by type: i int64_t *; s const char **, S the same or NULL; b const void ** and
 * size_t *. Text and blobs are good until the next step. A column of another type, or text with a
 * NUL in it, is a damaged journal.
 */
_must_check_ int sql_read(sqlite3_stmt *s, const char *types, ...);
/* prepare, bind, run in one */
_must_check_ int sql_do(sqlite3 *db, struct error *err, const char *sql,
			const char *types, ...);
/* The one number that a query gives; 0 where it has no row or gives NULL. */
_must_check_ int sql_number(sqlite3 *db, const char *sql, int64_t *ret,
			    struct error *err);
/* What went wrong last, in our words: always -1. */
int sql_fail(sqlite3 *db, struct error *err);
/* The database is not as we wrote it: ERR_FAILED with sys EBADMSG, -1. */
int sql_damaged(struct error *err, const char *what);

static inline void cleanup_stmtp(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}
#define cleanup_stmt __attribute__((cleanup(cleanup_stmtp)))

#endif
