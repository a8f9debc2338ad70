/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_DBSTEP_H
#define PUTBACK_TXN_DBSTEP_H
/*
 * The database step of a transaction whose rpmdb nobody here can write: files are put back, and the rpmdb is
 * left for the root's own rpm.
 *
 *	dbstep_stage    what that rpm rebuilds it from, in the area: `.putback/7/rpmdb/Packages`
 *	txn_rebuild()   has it rebuilt aside, and exchanges what came of it: a transaction of its own,
 *	                which belongs to the first (rebuild.c)
 *
 * The step is open as long as the first stands and the other does not. undo and redo of the first
 * take the other along. In the journal it is rows of meta:
 *
 *	rpmdb-step 7       "open AREA SHA256", of the file; "hand ...": somebody else did it
 *	rpmdb-step-of 8    "7": transaction 8 exchanged the rpmdb for transaction 7
 */
#include "base/scratch.h"
#include "txn/journal.h"

#define DBSTEP_DIR "rpmdb"

/* The records into the area of that index, and t->step. */
_must_check_ int dbstep_stage(struct run *t, uint32_t area, const struct scratch *records,
			      uint64_t *ret_bytes, struct error *err);
/* A scratch folder with a copy of them. ERR_FAILED where they are not what was staged. */
_must_check_ int dbstep_records(struct run *t, struct scratch **ret, struct error *err);

/* --- rows, within journal_begin() and journal_commit() */
_must_check_ int dbstep_put(struct journal *j, const struct run *t, struct error *err);
_must_check_ int dbstep_put_of(struct journal *j, int64_t id, int64_t of,
			       struct error *err);
/* The rows of a transaction that goes. */
_must_check_ int dbstep_drop(struct journal *j, int64_t id, struct error *err);
/* Somebody else has done it. */
_must_check_ int dbstep_close(struct journal *j, int64_t id, struct error *err);

/* t->step, if there is one. */
_must_check_ int dbstep_load(struct journal *j, struct run *t, struct error *err);
/* What it is to each of the transactions: txn_info.step, .step_by, .step_of. */
_must_check_ int dbstep_list(struct journal *j, struct txn_list *all, struct error *err);

#endif
