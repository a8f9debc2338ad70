/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_NDB_H
#define PUTBACK_RPM_DB_NDB_H
/*
 * rpm's ndb format (lib/backend/ndb/rpmpkg.c: Packages.db) read directly, always from a private copy: few librpm
 * know it. Index.db beside it holds nothing that is not in here.
 *
 * The file is a table of slots and, behind it, a blob for each slot in use, with its number, its length
 * and a checksum. librpm ends its walk without a word at a blob that is damaged, and does not look at
 * checksums while it reads; here all of it is checked.
 */
#include <stdint.h>

#include "base/error.h"
#include "rpm/db_rows.h"

/* That the table and every blob are as rpm wrote them. *ret_count: of packages. */
_must_check_ int db_ndb_check(int fd, uint32_t *ret_count, struct error *err);

/* All packages in the order of their numbers; or the one of that number, if there is one. */
_must_check_ int db_ndb_each(int fd, uint32_t only, db_row_fn fn, void *ctx,
			     struct error *err);

#endif
