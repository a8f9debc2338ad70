/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_ROWS_H
#define PUTBACK_RPM_DB_ROWS_H
/* The records of a private copy of an rpmdb, whatever its backend. */
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/error.h"
#include "rpm/db_find.h"

/* One record: its number, and the header's bytes, borrowed. Anything but 0 ends the walk with it. */
typedef int (*db_row_fn)(void *ctx, uint32_t instance, const void *blob, size_t n,
			 struct error *err);

/*
 * All records of the database file in folder. sqlite and ndb are read directly; Berkeley DB by librpm in a
 * child process, since a damaged one may take librpm down. A record that cannot be read is
 * ERR_FAILED, and so is a Berkeley DB where librpm does not know it.
 */
_must_check_ int db_rows_each(const char *folder, enum db_backend backend, db_row_fn fn,
			      void *ctx, struct error *err);

/* The record of that number alone; ERR_FAILED where there is none. */
_must_check_ int db_rows_one(const char *folder, enum db_backend backend,
			     uint32_t instance, db_row_fn fn, void *ctx,
			     struct error *err);

/* NEVRAs of all records, sorted. Of headers: only a child may (rpm/child.h). */
_must_check_ int db_rows_names(const char *folder, enum db_backend backend,
			       struct strlist *ret, struct error *err);

/*
 * What the file itself says about its length and the number of records, before anybody believes it:
 * truncated, garbage or of a version that cannot be read is ERR_FAILED and says so.
 * *ret_count: UINT32_MAX where it cannot be told (sqlite: see db_sqlite_open()).
 */
_must_check_ int db_rows_check(int fd, enum db_backend backend, uint32_t *ret_count,
			       struct error *err);

#endif
