/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_SQLITE_H
#define PUTBACK_RPM_DB_SQLITE_H
/*
 * rpm's sqlite format read and written directly, always on a private copy. rpm's schema
 * (lib/backend/sqlite.c): a table Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT
 * NULL), and one table per indexed tag with the columns key, hnum, idx.
 *
 * The copy may have been made by an intruder: a schema that runs code (triggers, views,
 * what is computed or checked) is refused, and reading it comes to an end (base/dbguard.h).
 */
#include <sqlite3.h>

#include "base/error.h"
#include "rpm/db_rows.h"

enum db_sqlite_look {
	DB_SQLITE_ALL, /* the structure of every page as well */
	DB_SQLITE_KNOWN /* this process or its parent has looked at it, or made it, itself */
};
/*
 * Opens path after a look at it: magic, length by its own header, pages, schema. A log beside it is
 * written back, so that the main file alone is whole. *ret_count: rows of Packages.
 */
_must_check_ int db_sqlite_open(const char *path, enum db_sqlite_look look, sqlite3 **ret,
				uint32_t *ret_count, struct error *err);
void db_sqlite_closep(sqlite3 **db);
#define cleanup_sqlite __attribute__((cleanup(db_sqlite_closep)))

_must_check_ int db_sqlite_each(sqlite3 *db, db_row_fn fn, void *ctx, struct error *err);

/*
 * Takes packages out of every table, as rpmdbRemove() does, in one transaction of the caller. Not
 * through librpm, whose only way to remove is a whole transaction: that one looks up every file's path on
 * the *host*, digests configuration files it finds there, and syncs the host's file systems.
 */
_must_check_ int db_sqlite_remove(sqlite3 *db, const uint32_t *instances, uint32_t n,
				  struct error *err);
_must_check_ int db_sqlite_get(sqlite3 *db, uint32_t instance, void **ret, size_t *ret_n,
			       struct error *err);
_must_check_ int db_sqlite_replace(sqlite3 *db, uint32_t instance, const void *blob,
				   size_t n, struct error *err);
/* Gives back the space of removed packages where it is a third of the file or more. */
_must_check_ int db_sqlite_shrink(sqlite3 *db, struct error *err);
_must_check_ int db_sqlite_exec(sqlite3 *db, const char *sql, struct error *err);

#endif
