/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_JOURNAL_H
#define PUTBACK_TXN_JOURNAL_H
/*
 * The journal: `.putback/journal.sqlite` in the area at the top of the root. What is in it, a rescuer can
 * read with sqlite3:
 *
 *	states        names of the numbers in transactions.state
 *	transactions  one row each; state, seq, ended, forced are overwritten in place
 *	changes       packages of each
 *	areas         file systems of each, with the area's own id
 *	ops           its tasks, with the identity of both sides
 *	dirs          mtimes that directories get back
 *	ctimes        8 bytes per op and side, little endian: when the object was last put in its place
 *	rpmdb         where it is, and the digest of both sides
 *	meta          of a saved plan; how scriptlets went (txn/scripts.h); database steps (txn/dbstep.h)
 *
 * Rollback journal in PERSIST mode, synchronous FULL: after journal_rehearse() the later changes of state need
 * no space that is not already theirs.
 *
 * A journal is input like any other, and may be forged: the schema must be ours to the letter, every
 * row is checked when it is read.
 */
#include "txn/run.h"

#define JOURNAL_APPLICATION 0x70757462 /* "putb" */
#define JOURNAL_VERSION	    2

struct sqlite3;
struct journal {
	struct sqlite3 *db;
	int dir;		 /* the area's directory; -1: a private copy */
	struct scratch *scratch; /* that holds it */
};

enum journal_mode {
	JOURNAL_READ,  /* a private copy: nothing in the root changes */
	JOURNAL_WRITE, /* the journal itself */
	JOURNAL_MAKE   /* it is made where there is none; the area must be there */
};
/* 1: open; 0: there is none; -1: planted, damaged, forged, of a newer version. */
_must_check_ int journal_open(struct root *r, enum journal_mode mode,
			      struct journal **ret, struct error *err);
void journal_close(struct journal *j); /* NULL does nothing */
/* Opens the file of a saved plan, which is copied first. */
_must_check_ int journal_open_file(const char *path, struct journal **ret,
				   struct error *err);
/* A new one with the schema at path, complete and synced when it returns. */
_must_check_ int journal_make_file(const char *path, struct error *err);
/* Removes the journal's files from an area, and what a crash left of making them. */
_must_check_ int journal_remove(struct area *a, struct error *err);

_must_check_ int journal_begin(struct journal *j,
			       struct error *err); /* of one SQLite transaction */
_must_check_ int journal_commit(struct journal *j, struct error *err);
void journal_rollback(struct journal *j); /* if one is open; keeps errno */

/* --- a transaction's rows: record.c */
struct record {
	const char *title, *command;
	bool unsigned_allowed;
	const struct changes *changes;
	const struct sources *sources; /* NULL: changes without their source */
	int64_t step_of; /* the transaction whose database step this is; 0 */
	const struct txn_script *scripts; /* to be run afterwards */
	uint32_t n_scripts;
};
/* An unused number: above those of the journal and those that areas have directories for. */
_must_check_ int journal_next_id(struct journal *j, int64_t *ret, struct error *err);
/* The row in STAGING, changes, areas, scriptlets. */
_must_check_ int journal_put_start(struct journal *j, const struct run *t,
				   const struct record *record, struct error *err);
/* All that commit, recovery and undo need; the areas again, now that they are there. */
_must_check_ int journal_put_tasks(struct journal *j, const struct run *t,
				   struct error *err);
/* Rows of changes, or of ops and dirs, alone: a saved plan's. */
_must_check_ int journal_put_changes(struct journal *j, int64_t id,
				     const struct record *record, struct error *err);
_must_check_ int journal_put_ops(struct journal *j, const struct run *t,
				 struct error *err);
/* Goes through the later changes of state, to take the space for them. */
_must_check_ int journal_rehearse(struct journal *j, struct error *err);
/* Durable when it returns. t->state must be what the journal has; it follows. */
_must_check_ int journal_set_state(struct journal *j, struct run *t, enum txn_state state,
				   struct error *err);
/* As journal_set_state(), whatever state the journal has: after a write that failed, nobody knows. */
_must_check_ int journal_force_state(struct journal *j, struct run *t,
				     enum txn_state state, struct error *err);
/* The same within journal_begin() and journal_commit(). */
_must_check_ int journal_put_state(struct journal *j, const struct run *t,
				   enum txn_state state, struct error *err);
_must_check_ int journal_put_rpmdb(struct journal *j, const struct run *t,
				   struct error *err);
/* The number that a query gives, 0 where it gives none. */
_must_check_ int journal_number(struct journal *j, const char *sql, int64_t *ret,
				struct error *err);
/* Whether it has an area of that id, of that transaction or (txn 0) of any. */
_must_check_ int journal_knows_area(struct journal *j, int64_t txn, const char *id,
				    bool *ret, struct error *err);
/* Rows go: all of them, or those that only recovery and undo need, but for areas in `keep`. */
_must_check_ int journal_drop(struct journal *j, int64_t id, struct error *err);
_must_check_ int journal_clear(struct journal *j, int64_t id, const struct areas *keep,
			       struct error *err);

/* --- reading them back: load.c */
/* Everything about t->id but the areas' descriptors. With tasks false: state, areas, rpmdb only. */
_must_check_ int journal_load(struct journal *j, struct run *t, bool tasks,
			      struct error *err);
/* ret[i]: the ctime of task i; n as the journal says. old or new side. */
_must_check_ int journal_get_ctimes(struct journal *j, int64_t id, bool new, int64_t *ret,
				    uint32_t n, struct error *err);
_must_check_ int journal_put_ctimes(struct journal *j, int64_t id, bool new,
				    const int64_t *v, uint32_t n, struct error *err);
/* All transactions, oldest first; detail: the change list of id. */
_must_check_ int journal_list(struct journal *j, int64_t detail, struct txn_list *ret,
			      struct error *err);

/* state as the journal numbers it: never 0 or 1, which SQLite stores in another size */
static inline int64_t journal_state_code(enum txn_state s)
{
	return (int64_t)s + 2;
}

#endif
