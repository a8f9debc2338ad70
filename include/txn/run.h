/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_RUN_H
#define PUTBACK_TXN_RUN_H
/* A transaction in hand: everything that the steps of this folder pass to one another. */
#include "base/outside.h"
#include "core/event.h"
#include "txn/area.h"
#include "txn/pin.h"
#include "txn/stamp.h"
#include "txn/task.h"
#include "txn/txn.h"

struct journal;

/* What the root's own rpm is to do (txn/dbstep.h). */
struct dbstep {
	bool there;
	bool by_hand;  /* somebody else has done it */
	uint32_t area; /* that keeps the records */
	struct digest records;
	uint64_t bytes; /* of them; only when they are staged */
};

struct run {
	struct root *root;
	struct journal *journal;
	int64_t id;
	enum txn_state state; /* as the journal has it */
	bool forced;	      /* what is in the way of an undo is kept aside */
	bool kept_aside;      /* something is, or may be: no turning round any more */
	bool turned; /* it failed and is being taken back: who came in between stays */
	struct tasks tasks;
	struct stamps stamps;
	struct pins pins;
	struct areas areas;
	char *db_dir; /* canonical; NULL: this transaction leaves the rpmdb alone */
	struct digest db_old, db_new;
	bool db_strange; /* what stands there is neither, and stays */
	struct dbstep step;
	int rpm_lock; /* -1: none */
	const struct observer *observer;
	struct strlist *warnings; /* borrowed; NULL: nobody wants to know */
};
void run_init(struct run *t, struct root *r, const struct observer *o,
	      struct strlist *warnings);
void run_release(struct run *t);
/*
 * Opens the areas of a transaction that was read from the journal, with its directories in them.
 * ERR_REFUSED, with what can be done, for one that is gone, another's, or a copy.
 */
_must_check_ int run_open_areas(struct run *t, struct error *err);
/* For a program that is run for the transaction (base/runner.h). */
struct outside_stop run_stop(const struct run *t);
void run_warn(struct run *t, const char *fmt, ...) _printf_(2, 3);

#endif
