/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/pick.h"
#include "cmd/rebuilding.h"

static int redo(struct session *s, struct root *r, const struct txn_info *t,
		int *ret_exit, struct error *err)
{
	cleanup_done struct done d = {0};
	cleanup_free char *what = pick_describe(t);
	cleanup_free char *question =
		xasprintf("Do again %s: %u paths, %u packages, on %s?", what, t->ops,
			  t->changes, s->o->root);

	if (session_confirm(s, question, err) < 0 ||
	    txn_redo(r, t->id, &s->observer, &d.result, err) < 0)
		return -1;
	done_say(&d, "Done again: %s; %u paths put back.", what, d.result.ops);
	if (d.result.step_open)
		rebuilding_do(s, r, d.result.id, &d);
	done_hold(&d, r, t->id);
	done_next(&d, s, "undo", t->id, "to take it back");
	done_next(&d, s, "forget", t->id, "when all is well, to give back the space");
	done_report(&d, s, TXN_DONE, NULL, ret_exit);
	return 0;
}

static int redo_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct txn_list list = {0};
	const struct txn_info *t;
	int rc;

	if (session_must_ask(s, err) < 0 || session_open_to_change(s, &r, err) < 0)
		return -1;
	rc = pick_transaction(s, r, 1u << TXN_UNDONE, &list, &t, err);
	if (rc == 0 && t)
		rc = redo(s, r, t, ret_exit, err);
	else if (rc == 0)
		pick_nothing(s, NULL, ret_exit);
	txn_list_release(&list);
	return rc;
}

const struct command cmd_redo = {
	.name = "redo",
	.usage = "[ID]",
	.summary = "do again what undo took back",
	.help = "Needs no packages: what was staged is still there. Without ID: the newest transaction that\n"
		"was taken back. A path that has changed since is named, and nothing is done.\n",
	.takes = GIVEN(YES) | GIVEN(RPMDB_BY_ROOT),
	.max_args = 1,
	.changes = true,
	.run = redo_run,
};
