/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/pick.h"

static int undo(struct session *s, struct root *r, const struct txn_info *t,
		int *ret_exit, struct error *err)
{
	cleanup_done struct done d = {0};
	cleanup_free char *what = pick_describe(t);
	cleanup_free char *question =
		xasprintf("Take back %s: %u paths, %u packages, on %s?", what, t->ops,
			  t->changes, s->o->root);

	if (session_confirm(s, question, err) < 0 ||
	    txn_undo(r, t->id, s->o->force, &s->observer, &d.result, err) < 0)
		return -1;
	done_say(&d, "Taken back: %s; %u paths are as they were before it.", what,
		 d.result.ops);
	done_next(&d, s, "redo", t->id, "to do it again");
	done_next(&d, s, "forget", t->id,
		  "to give back the space, when it is not wanted any more");
	done_report(&d, s, TXN_UNDONE, NULL, ret_exit);
	return 0;
}

static int undo_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct txn_list list = {0};
	const struct txn_info *t;
	int rc;

	if (session_must_ask(s, err) < 0 || session_open_settled(s, &r, err) < 0)
		return -1;
	rc = pick_transaction(s, r, 1u << TXN_DONE, &list, &t, err);
	/* what lies beneath it can be salvaged only when it is taken back */
	if (rc == 0)
		rc = session_check_orphans(s, r, t ? t->id : 0, err);
	if (rc == 0 && t)
		rc = undo(s, r, t, ret_exit, err);
	else if (rc == 0)
		pick_nothing(s, NULL, ret_exit);
	txn_list_release(&list);
	return rc;
}

const struct command cmd_undo = {
	.name = "undo",
	.usage = "[ID]",
	.summary = "take a transaction of putback back",
	.help = "Brings the originals back, the same inodes, and the package database with them. Without ID:\n"
		"the newest transaction that stands. A path that has changed since is named, and nothing\n"
		"is done; with --force it is kept aside in .putback and replaced.\n",
	.takes = GIVEN(YES) | GIVEN(FORCE),
	.max_args = 1,
	.changes = true,
	.run = undo_run,
};
