/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_DBSWAP_H
#define PUTBACK_TXN_DBSWAP_H
/*
 * The rpmdb's exchange. As a rule the whole directory is exchanged: a new one is made aside, with the
 * new database and copies of whatever else the old one holds. Where the directory cannot be renamed (a
 * mount point, an overlay), or holds more than plain files, or the plan has something to do in
 * it, its files are exchanged one by one, the database itself last.
 *
 *	dbswap_check   the database is the one that the plan was made from; its area
 *	dbswap_stage   the new objects in their slots, and the tasks behind the plan's
 *	dbswap_holds   nobody wrote to it since the check
 */
#include "base/scratch.h"
#include "txn/run.h"

struct dbswap {
	char *file;		     /* name of the main file */
	bool by_file;		     /* no exchange of the directory */
	bool whole; /* what is made is all of the database: what else there is of it goes */
	uint32_t area;		     /* that the directory's own name lies in */
	uint32_t inside;	     /* that its files lie in */
	struct statx dir, main, wal; /* as checked; stx_mask 0: not there */
};
void dbswap_release(struct dbswap *s);

/* ERR_FAILED where it has changed since the plan. Fills t->db_dir and t->db_old. */
_must_check_ int dbswap_check(struct run *t, const struct db *db, struct dbswap *ret,
			      struct error *err);
/* made: folder with the new database's files. Fills t->db_new. */
_must_check_ int dbswap_stage(struct run *t, const struct dbswap *s,
			      const struct scratch *made, uint64_t *ret_bytes,
			      struct error *err);
bool dbswap_holds(struct run *t, const struct dbswap *s);

#endif
