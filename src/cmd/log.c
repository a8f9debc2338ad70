/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/hold.h"
#include "cmd/pick.h"
#include "cmd/rows.h"

static int log_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_hold struct hold hold = {0};
	struct txn_list list = {0};
	struct log_row *rows;
	int64_t id;

	(void)ret_exit;
	if (pick_number(s, "a transaction", &id, err) < 0 ||
	    session_open(s, ROOT_READ, &r, err) < 0 || txn_log(r, id, &list, err) < 0)
		return -1;
	if (id && !list.n)
		return err_set(err, ERR_USAGE, "there is no transaction %lld on '%s'",
			       (long long)id, s->o->root);
	rows = rows_log(&list);
	if (id) {
		hold_look(&hold, r);
		hold_add_transaction(&hold, &list.v[0]);
		rows[0].hold = hold_shown(&hold);
	}
	s->report->log(session_output(s), s->o->root, rows, list.n, id != 0);
	fflush(stdout);
	session_mention_unfinished(s, r);
	rows_free_log(rows, list.n);
	txn_list_release(&list);
	return 0;
}

const struct command cmd_log = {
	.name = "log",
	.usage = "[ID]",
	.summary = "what putback did on this root",
	.help = "Transactions, newest first; with ID, one of them with its packages, where they came from\n"
		"whose key vouched for them, and what the next update should leave out. Works on a\n"
		"read-only root.\n",
	.max_args = 1,
	.run = log_run,
};
