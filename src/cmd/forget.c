/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/pick.h"
#include "txn/salvage.h"

static int forget(struct session *s, struct root *r, const struct txn_info *t,
		  int *ret_exit, struct error *err)
{
	cleanup_done struct done d = {0};
	cleanup_free char *what = pick_describe(t);
	const char *state = t->state == TXN_DONE ? "taken back" : "done again";
	cleanup_free char *question = xasprintf(
		"Forget %s: it can then not be %s any more. Give back %s on %s?", what,
		state, human_size(t->bytes_held), s->o->root);

	if (session_confirm(s, question, err) < 0 ||
	    txn_forget(r, t->id, s->o->force, &s->observer, &d.result, err) < 0)
		return -1;
	if (!d.result.id)
		d.result.id = t->id;
	done_say(&d, "Forgotten: %s; %s given back.", what, human_size(t->bytes_held));
	done_report(&d, s, TXN_FORGOTTEN, NULL, ret_exit);
	return 0;
}

/* Whether the journal has one of that number that still keeps something. */
static int is_known(struct root *r, int64_t id, bool *ret, struct error *err)
{
	struct txn_list all = {0};
	int rc = txn_log(r, 0, &all, err);

	*ret = false;
	for (uint32_t i = 0; i < all.n; i++)
		*ret |= all.v[i].id == id && all.v[i].state != TXN_FORGOTTEN;
	txn_list_release(&all);
	return rc;
}

static char *question_of(const struct session *s, const struct salvage_txn *t)
{
	return xasprintf("Forget transaction %lld, which no journal knows%s: what it "
			 "keeps can then not be put back any more. Give back %s on %s?",
			 (long long)t->id,
			 t->stands == STANDS_HALF
				 ? ", and in the middle of which the root stands"
				 : "",
			 human_size(t->bytes), s->o->root);
}

/* One that only areas know. 0: it is none of these */
static int forget_orphan(struct session *s, struct root *r, int64_t id, int *ret_exit,
			 struct error *err)
{
	struct salvage all = {0};
	int rc = txn_salvage_look(r, false, &all, err);

	/* it was readable a moment ago: whom it knows cannot be told now */
	if (rc == 0 && all.journal)
		rc = err_set(err, ERR_FAILED, "%s; nothing was forgotten", all.journal);
	for (uint32_t i = 0; i < all.n && rc == 0; i++) {
		cleanup_done struct done d = {0};
		cleanup_free char *question = NULL;

		if (all.v[i].id != id)
			continue;
		question = question_of(s, &all.v[i]);
		rc = session_confirm(s, question, err) < 0 ||
				     txn_salvage_forget(r, id, s->o->force, &d.result,
							err) < 0
			     ? -1
			     : 1;
		if (rc < 0)
			break;
		done_say(&d, "Forgotten: transaction %lld; %s given back.", (long long)id,
			 human_size(all.v[i].bytes));
		done_report(&d, s, TXN_FORGOTTEN, NULL, ret_exit);
	}
	salvage_release(&all);
	return rc;
}

static int forget_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct txn_list list = {0};
	const struct txn_info *t;
	int64_t id;
	bool known;
	int rc;

	if (session_must_ask(s, err) < 0 || session_open_settled(s, &r, err) < 0 ||
	    pick_number(s, "a transaction (see `putback log`)", &id, err) < 0 ||
	    is_known(r, id, &known, err) < 0)
		return -1;
	if ((known || !s->o->force) && session_check_orphans(s, r, 0, err) < 0)
		return -1;
	rc = known ? 0 : forget_orphan(s, r, id, ret_exit, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	/* a forgotten one too: the first time may have been cut short */
	rc = pick_transaction(s, r,
			      1u << TXN_DONE | 1u << TXN_UNDONE | 1u << TXN_FORGOTTEN,
			      &list, &t, err);
	if (rc == 0)
		rc = forget(s, r, t, ret_exit, err);
	txn_list_release(&list);
	return rc;
}

const struct command cmd_forget = {
	.name = "forget",
	.usage = "ID",
	.summary = "give back the space that undo needs",
	.help = "Removes what a transaction keeps in .putback: the originals where it stands, what was\n"
		"staged where it was taken back. The root stays as it is; undo and redo go. --force: also\n"
		"where a file system that holds part of it is not mounted, or its part was removed; and one\n"
		"that no journal knows where the root stands in the middle of it.\n",
	.takes = GIVEN(YES) | GIVEN(FORCE),
	.min_args = 1,
	.max_args = 1,
	.changes = true,
	.run = forget_run,
};
