/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/pick.h"
#include "cmd/rebuilding.h"
#include "cmd/salvage.h"
#include "cmd/scriptlets.h"

/* Where it will end: forward, or back when asked. */
static const char *outcome_of(enum txn_state state, bool back)
{
	switch (state) {
	case TXN_COMMITTING: return back ? "take it back" : "finish it";
	case TXN_UNDOING: return back ? "do it again" : "finish taking it back";
	default: return "drop what it staged (the root was not changed yet)";
	}
}

/* To go back from here; or why that cannot be. */
static void say_back(struct done *d, struct session *s, struct root *r, int64_t id,
		     bool done)
{
	struct strlist lost = {0};

	/* the command itself says why where that is not to be known */
	if (txn_lost(r, id, &lost, NULL) < 0 || !lost.n)
		done_next(d, s, done ? "undo" : "redo", id,
			  done ? "to take it back" : "to do it again");
	for (uint32_t i = 0; i < lost.n; i++)
		strlist_take(&d->result.warnings,
			     xasprintf("it cannot be %s any more: %s",
				       done ? "taken back" : "done again", lost.v[i]));
	strlist_release(&lost);
}

/* A database step goes with what it belongs to, which stands: by that one's number, and what is left to do of the step
 * is told by who does it. */
static void say_owner(struct done *d, struct session *s, int64_t id, bool done)
{
	done_say(d, " It belongs to transaction %lld, which stands.", (long long)id);
	done_next(d, s, "undo", id, "to take it back");
	if (done)
		done_next(d, s, "forget", id, "when all is well, to give back the space");
}

static void say(struct done *d, struct session *s, struct root *r,
		const struct txn_info *t, enum txn_state state)
{
	bool done = state == TXN_DONE;

	switch (state) {
	case TXN_DONE:
		done_say(
			d,
			"Transaction %lld is done: the root is wholly as it was meant to be.",
			(long long)t->id);
		break;
	case TXN_UNDONE:
		done_say(
			d,
			"Transaction %lld is taken back: the root is wholly as it was before it.",
			(long long)t->id);
		break;
	default:
		done_say(
			d,
			"Transaction %lld had not begun to change the root: what it had staged is "
			"removed.",
			(long long)t->id);
		return;
	}
	if (t->step_of) {
		say_owner(d, s, t->step_of, done);
		return;
	}
	say_back(d, s, r, t->id, done);
	done_next(d, s, "forget", t->id, "when all is well, to give back the space");
}

static void do_open_step(struct session *s, struct root *r, struct done *d)
{
	struct txn_info t = {0};

	if (txn_open_step(r, &t, NULL) > 0)
		rebuilding_do(s, r, t.id, d);
	txn_info_release(&t);
}

/* Nothing was cut short, and yet something is left to do. 0: there is not */
static int finish_step(struct session *s, struct root *r, int *ret_exit,
		       struct error *err)
{
	cleanup_done struct done d = {0};
	cleanup_free char *what = NULL, *question = NULL;
	struct txn_info t = {0};
	int rc = txn_open_step(r, &t, err);

	if (rc <= 0)
		return rc;
	what = pick_describe(&t);
	question = xasprintf("Have the rpm of %s itself rebuild its database, for %s?",
			     s->o->root, what);
	if (s->o->rpmdb_by_root &&
	    (session_must_ask(s, err) < 0 || session_confirm(s, question, err) < 0)) {
		txn_info_release(&t);
		return -1;
	}
	d.result.id = t.id;
	done_say(&d, "Nothing was cut short. Transaction %lld stands.", (long long)t.id);
	rebuilding_do(s, r, t.id, &d);
	scriptlets_tell(r, &d.result.warnings);
	done_next(&d, s, "undo", t.id, "to take it back");
	done_report(&d, s, TXN_DONE, NULL, ret_exit);
	txn_info_release(&t);
	return 1;
}

static int recover(struct session *s, struct root *r, const struct txn_info *t,
		   int *ret_exit, struct error *err)
{
	cleanup_done struct done d = {0};
	cleanup_free char *what = pick_describe(t);
	cleanup_free char *question = xasprintf("Recover %s on %s: %s?", what, s->o->root,
						outcome_of(t->state, s->o->back));
	enum txn_state state = TXN_DONE;
	int rc;

	if (session_must_ask(s, err) < 0 || session_confirm(s, question, err) < 0)
		return -1;
	rc = txn_recover(
		r, (s->o->back ? RECOVER_BACK : 0) | (s->o->force ? RECOVER_FORCE : 0),
		&s->observer, &d.result, &state, err);
	if (rc < 0)
		return -1;
	if (!d.result.id)
		d.result.id = t->id;
	say(&d, s, r, t, state);
	done_hold(&d, r, t->id);
	do_open_step(s, r, &d);
	scriptlets_tell(r, &d.result.warnings);
	done_report(&d, s, state, NULL, ret_exit);
	return 0;
}

/* What a forget left that was cut short: there is nothing to ask about. */
static int tidy(struct session *s, struct root *r, int *ret_exit, struct error *err)
{
	struct txn_result result = {0};
	struct strlist left = {0};
	enum txn_state state;

	session_changes_root();
	if (txn_recover(r, 0, &s->observer, &result, &state, err) < 0)
		return -1;
	txn_result_release(&result);
	scriptlets_tell(r, &left);
	pick_nothing(s, &left, ret_exit);
	strlist_release(&left);
	return 0;
}

static int recover_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct txn_info t = {0};
	int rc;

	if (s->o->salvage)
		return salvage_run(s, ret_exit, err);
	if (s->o->args.n)
		return err_set(err, ERR_USAGE,
			       "`recover` takes no '%s' unless --salvage is given",
			       s->o->args.v[0]);
	if (session_open(s, ROOT_WRITE, &r, err) < 0 || txn_lock(r, err) < 0)
		return -1;
	rc = txn_unfinished(r, &t, err);
	if (rc > 0)
		rc = recover(s, r, &t, ret_exit, err);
	else if (rc == 0 && session_check_orphans(s, r, 0, err) < 0)
		rc = -1;
	else if (rc == 0)
		rc = finish_step(s, r, ret_exit, err) ?: tidy(s, r, ret_exit, err);
	rc = MIN(rc, 0);
	txn_info_release(&t);
	return rc;
}

const struct command cmd_recover = {
	.name = "recover",
	.usage =
		"[--back] [--force] [--rpmdb-by-root] | --salvage [--force] [ID] [PATH]...",
	.summary = "finish what a power cut or a kill left in the middle",
	.help = "Needs no packages, no keys and no network, only what lies in .putback. Goes forward: what\n"
		"was being done is done, what was being taken back is taken back. --back: the other way.\n"
		"May itself be cut short and begun again. Where somebody put something else in a path that\n"
		"was half done, that path is named and nothing moves; --force goes on: what came by hand\n"
		"stays, or is kept in .putback where an original returns.\n"
		"\n"
		"--rpmdb-by-root does the database step that an apply left open: the root's own rpm rebuilds a\n"
		"copy of the rpmdb, in a cage, and the outcome is looked at and exchanged.\n"
		"\n"
		"--salvage is for a root whose journal is gone or cannot be read: lists what .putback holds,\n"
		"where each thing belongs and what stands there now, by the manifests that lie beside it.\n"
		"Nothing is changed. With --yes the originals are put back: of transaction ID (default: the\n"
		"newest that stands), all of them, or those at and beneath each PATH. What they replace is kept.\n"
		"Where the rpmdb has changed since, or not all that was kept is there, --force goes on.\n",
	.takes = GIVEN(YES) | GIVEN(BACK) | GIVEN(FORCE) | GIVEN(SALVAGE) |
		 GIVEN(RPMDB_BY_ROOT),
	.max_args = UINT32_MAX,
	.changes = true,
	.run = recover_run,
};
