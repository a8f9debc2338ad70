/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_HISTDB_H
#define PUTBACK_HISTORY_HISTDB_H
/*
 * A package manager's history in a SQLite database of the root, read from a private copy. It is
 * input of unknown origin: only tables are read, neither views nor triggers nor virtual tables,
 * and no schema of its is trusted with functions (base/dbguard.h).
 */
#include <sqlite3.h>

#include "base/dbcopy.h"
#include "core/pkg.h"
#include "history/quota.h"

struct histdb {
	sqlite3 *db;
	struct scratch *copy;
	struct quota *quota;
	char *path; /* canonical, for messages */
};

/*
 * path: packaged. tables: what it must have, up to a NULL. 1: open; 0: there is no such file;
 * -1: it cannot be copied, is damaged, or lacks a table. quota counts what is read, and outlives ret.
 */
_must_check_ int histdb_open(struct root *r, const char *path, const char *const *tables,
			     struct quota *quota, struct histdb *ret, struct error *err);
/* The same for the first of several places that is there; places ends with NULL. */
_must_check_ int histdb_open_first(struct root *r, const char *const *places,
				   const char *const *tables, struct quota *quota,
				   struct histdb *ret, struct error *err);
void histdb_close(struct histdb *h);

_must_check_ int histdb_prepare(struct histdb *h, const char *sql, sqlite3_stmt **ret,
				struct error *err);
/* 1: a row; 0: no more; -1: error, or more than the quota has */
_must_check_ int histdb_step(struct histdb *h, sqlite3_stmt *stmt, struct error *err);
/* A column in mem, "" where it is NULL. */
const char *histdb_text(struct arena *mem, sqlite3_stmt *stmt, int column);
/* 1: there is a real table of that name, 0: there is none, -1: error */
_must_check_ int histdb_has_table(struct histdb *h, const char *name, struct error *err);
/* Five columns from the first on: name, epoch, version, release, arch. Pieces in mem. */
void histdb_nevra(struct arena *mem, sqlite3_stmt *stmt, int first, struct nevra *ret);
/* The value of "version" in the table config, in mem; one that is not in known (up to a NULL) or
 * none at all is an error. NULL then. */
const char *histdb_version(struct histdb *h, const char *const *known, struct arena *mem,
			   struct error *err);
/* An audit user id as text; "" where it was never set. In mem. */
const char *histdb_user(struct arena *mem, int64_t id);
int histdb_damaged(struct error *err, const char *fmt, ...) _printf_(2, 3);

void histdb_finalize(sqlite3_stmt **stmt);
#define cleanup_histdb __attribute__((cleanup(histdb_close)))
#define cleanup_stmt   __attribute__((cleanup(histdb_finalize)))

#endif
