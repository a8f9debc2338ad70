/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/commit.h"
#include "txn/finish.h"
#include "txn/journal.h"
#include "txn/way.h"

int way_set_off(struct run *t, enum txn_state from, enum txn_state by, struct error *err)
{
	struct error first = ERROR_INIT, second = ERROR_INIT;

	if (journal_set_state(t->journal, t, by, &first) == 0)
		return 0;
	if (journal_force_state(t->journal, t, from, &second) == 0)
		err_move(err, &first);
	else
		err_set(err, ERR_HALFWAY,
			"%s; and the journal cannot be put right: %s. The root is as it was, and "
			"nothing is lost: run recover, or recover --back",
			first.msg, second.msg);
	err_release(&first);
	err_release(&second);
	return -1;
}

/*
 * Turns round. finished: the state at the end was to be written, and may have been although that
 * was reported as a failure; then the journal has to say where this goes before anything moves.
 */
static int turn(struct run *t, enum way w, bool finished, struct error *err)
{
	enum way back = way_back(w);

	t->turned = true;
	if (finished &&
	    journal_force_state(t->journal, t,
				back == FORWARD ? TXN_COMMITTING : TXN_UNDOING, err) < 0)
		return -1;
	if (commit_run(t, back, back == FORWARD ? PHASE_COMMIT : PHASE_UNDO, err) < 0)
		return -1;
	return finish_way(t, back, err);
}

int way_run(struct run *t, enum way w, enum phase phase, struct error *err)
{
	struct error first = ERROR_INIT, second = ERROR_INIT;
	bool finished = false;
	int rc = commit_run(t, w, phase, &first);

	if (rc == 0) {
		finished = true;
		rc = finish_way(t, w, &first);
	}
	if (rc == 0)
		return 0;
	if (first.kind == ERR_HALFWAY) {
		/* to turn round would be to write to what is frozen */
		err_move(err, &first);
	} else if (t->forced && (finished || t->kept_aside)) {
		/* what was in the way is aside: this way can only be gone to its end */
		err_set(err, ERR_HALFWAY, "%s. Nothing is lost: run recover", first.msg);
	} else if (turn(t, w, finished, &second) == 0) {
		err_set(err, ERR_FAILED, "%s", first.msg);
		if (err)
			err->sys = first.sys;
	} else {
		err_set(err, ERR_HALFWAY,
			"%s; to take back what was done failed as well: %s. Nothing is lost: run "
			"recover, or recover --back",
			first.msg, second.msg);
	}
	err_release(&first);
	err_release(&second);
	return -1;
}
