/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_WORK_H
#define PUTBACK_TXN_WORK_H
/* What txn_apply() asks of the story in txn.c; a test asks the same without packages and rpm. */
#include "txn/content.h"
#include "txn/journal.h"
#include "txn/txn.h"

/* How the new rpmdb is made, beside the staging of files. */
struct rpmdb_maker {
	struct db *db;
	void *ctx;
	int (*start)(void *ctx, void **ret_job, struct error *err);
	int (*finish)(void *job, struct scratch **ret,
		      struct error *err); /* takes the job */
	void (*give_up)(void *job);
	bool for_root; /* what is made is for the root's own rpm (txn/dbstep.h); the rpmdb stays */
	bool whole; /* what is made is all of the database: what else there is of it goes */
};

struct work_order {
	const struct plan *plan;
	const struct content *content;
	const struct rpmdb_maker *rpmdb;   /* NULL: the rpmdb stays as it is */
	const struct others_maker *others; /* with an rpmdb only; NULL: none */
	const struct derived_steps *derived; /* NULL: none */
	struct record record;
	const struct observer *observer;
};

_must_check_ int txn_run(struct root *r, const struct work_order *w,
			 struct txn_result *ret, struct error *err);

#endif
