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
				"'.putback' on %s is not there, or is another: should it come back, it "
				"can be removed by hand",
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

int txn_forget(struct root *r, int64_t id, bool force, const struct observer *o,
	       struct txn_result *ret, struct error *err)
{
	struct txn_result result = {0};
	struct run t;
	int rc;

	run_init(&t, r, o, &result.warnings);
	t.id = id;
	rc = journal_open(r, JOURNAL_WRITE, &t.journal, err);
	if (rc == 0)
		rc = err_set(err, ERR_USAGE, "there is no transaction %" PRId64, id);
	else if (rc > 0)
		rc = forget(&t, force, err);
	result.id = id;
	run_release(&t);
	litter_clear(r);
	if (rc == 0)
		*ret = result;
	else
		txn_result_release(&result);
	return rc;
}
