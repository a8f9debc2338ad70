/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_BDB_H
#define PUTBACK_RPM_DB_BDB_H
/*
 * Records as a `Packages` of Berkeley DB, without its indices: what the `rpmdb --rebuilddb` of the machine's
 * own time makes a whole database of. No librpm of today writes that format.
 *
 * It is a hash whose records are in one bucket, a chain of pages that whoever goes through it meets in order.
 * See Berkeley DB's dbinc/db_page.h (HMETA, PAGE, HOFFPAGE) of releases 4.6 to 5.3.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* As the file of another database has them; both ends of the machine's life know that one. */
struct db_bdb_kind {
	uint32_t version;
	bool big; /* byte order */
};
/* Of an open `Packages`. ERR_FAILED for what is none. */
_must_check_ int db_bdb_kind(int fd, struct db_bdb_kind *ret, struct error *err);

struct db_bdb;
/* fd: an empty file, which stays the caller's and must outlive the rest. */
_must_check_ int db_bdb_new(int fd, const struct db_bdb_kind *kind, struct db_bdb **ret,
			    struct error *err);
/* Their numbers grow, with gaps. */
_must_check_ int db_bdb_add(struct db_bdb *b, const void *blob, size_t n,
			    struct error *err);
_must_check_ int db_bdb_finish(struct db_bdb *b, struct error *err);
void db_bdb_free(struct db_bdb *b); /* NULL does nothing */

#endif
