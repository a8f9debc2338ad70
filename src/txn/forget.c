/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "txn/downloads.h"
#include "txn/drop.h"
#include "txn/journal.h"
#include "txn/litter.h"
#include "txn/txn.h"

/* All areas must be at hand, or what lies there would be forgotten for good. force: then be it so. */
static int check_areas(struct run *t, bool force, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		const struct area *a = &t->areas.v[i];
		struct area now;
		int rc = area_open(t->root, a->top, &now, err);

		if (rc < 0)
			return -1;
		/* another file system has one of its own; without an id it may be this one's */
		if (*now.id && strcmp(now.id, a->id) != 0)
			rc = 0;
		area_release(&now);
		if (rc == 0 && !force)
			return err_set(
				err, ERR_REFUSED,
				"'.putback' on %s is not there, or is another: mount what was "
				"mounted at '/%s' when transaction %" PRId64
				" was made, or, if it was removed by hand, give --force",
				area_name(a), a->top, t->id);
		if (rc == 0)
			run_warn(
				t,
				"'.putback' on %s is not there, or is another: should it come back, "
				"what it holds goes then",
				area_name(a));
	}
	return 0;
}

static int forget(struct run *t, bool force, struct error *err)
{
	if (journal_load(t->journal, t, false, err) < 0)
		return -1;
	if (txn_state_is_unfinished(t->state))
		return err_set(err, ERR_UNFINISHED,
			       "transaction %" PRId64 " is unfinished (%s)", t->id,
			       txn_state_name(t->state));
	if (t->state == TXN_FORGOTTEN && !t->areas.n)
		return err_set(err, ERR_REFUSED,
			       "transaction %" PRId64 " is forgotten already", t->id);
	if (check_areas(t, force, err) < 0)
		return -1;
	observer_progress(t->observer, PHASE_FORGET, 0, 0, false, 0);
	if (t->state != TXN_FORGOTTEN &&
	    journal_set_state(t->journal, t, TXN_FORGOTTEN, err) < 0)
		return -1;
	if (drop_slots(t, err) < 0)
		return err_prefix(
			err,
			"transaction %" PRId64
			" is forgotten, but part of its space is not back yet; run recover when what is named is mended",
			t->id);
	/* of a run that was cut short, which a next one would have used */
	return downloads_remove(t->root, err);
}

static int forget_one(struct root *r, int64_t id, bool force, const struct observer *o,
		      struct strlist *warnings, struct error *err)
{
	struct run t;
	int rc;

	run_init(&t, r, o, warnings);
	t.id = id;
	rc = journal_open(r, JOURNAL_WRITE, &t.journal, err);
	if (rc == 0)
		rc = err_set(err, ERR_USAGE, "there is no transaction %" PRId64, id);
	else if (rc > 0)
		rc = forget(&t, force, err);
	run_release(&t);
	return rc;
}

/* What belongs together: a transaction, and those that did its database step. Those that are there to go, or the
 * one itself where there is none. */
static int collect(struct root *r, int64_t id, bool force, struct ids *ret,
		   struct error *err)
{
	struct txn_list all = {0};
	int64_t owner = id;
	int rc = txn_log(r, 0, &all, err);

	for (uint32_t i = 0; i < all.n; i++)
		if (all.v[i].id == id && all.v[i].step_of)
			owner = all.v[i].step_of;
	for (uint32_t i = 0; i < all.n && rc == 0; i++) {
		const struct txn_info *t = &all.v[i];

		if (t->id == owner && t->step == STEP_OPEN && !force)
			rc = err_set(
				err, ERR_REFUSED,
				"the database step of transaction %" PRId64
				" is open, and cannot be done any more once it is forgotten: "
				"run `recover --rpmdb-by-root`, undo it, or give --force",
				owner);
		if ((t->id == owner || t->step_of == owner) && t->state != TXN_FORGOTTEN)
			array_add(ret, t->id);
	}
	txn_list_release(&all);
	if (rc == 0 && !ret->n)
		array_add(ret, id);
	return rc;
}

int txn_forget(struct root *r, int64_t id, bool force, const struct observer *o,
	       struct txn_result *ret, struct error *err)
{
	struct txn_result result = {.id = id};
	struct ids ids = {0};
	int rc = collect(r, id, force, &ids, err);

	for (uint32_t i = 0; i < ids.n && rc == 0; i++) {
		rc = forget_one(r, ids.v[i], force, o, &result.warnings, err);
		if (rc == 0 && i + 1 < ids.n && FAILPOINT("forgot-first"))
			rc = err_errno(err, "cannot go on");
	}
	array_release(&ids);
	litter_clear(r);
	if (rc == 0)
		*ret = result;
	else
		txn_result_release(&result);
	return rc;
}
