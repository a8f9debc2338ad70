/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/done.h"
#include "cmd/pick.h"
#include "cmd/rows.h"
#include "cmd/word.h"

int pick_number(struct session *s, const char *what, int64_t *ret, struct error *err)
{
	*ret = 0;
	if (!s->o->args.n || word_number(s->o->args.v[0], ret) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is not the number of %s", s->o->args.v[0],
		       what);
}

static const char *advice(enum txn_state state)
{
	switch (state) {
	case TXN_DONE: return "it stands; `undo` takes it back";
	case TXN_UNDONE: return "it was taken back; `redo` does it again";
	case TXN_FORGOTTEN: return "what it kept for undo was given up by `forget`";
	default: return "`recover` first";
	}
}

int pick_transaction(struct session *s, struct root *r, unsigned states,
		     struct txn_list *list, const struct txn_info **ret,
		     struct error *err)
{
	const struct txn_info *found = NULL;
	int64_t id;

	if (pick_number(s, "a transaction (see `putback log`)", &id, err) < 0 ||
	    txn_log(r, 0, list, err) < 0)
		return -1;
	for (uint32_t i = 0; i < list->n; i++) {
		const struct txn_info *t = &list->v[i];

		/* the newest: they come oldest first; a database step goes with what it belongs to */
		if (id ? t->id == id : !t->step_of && (states & 1u << t->state) != 0)
			found = t;
	}
	for (uint32_t i = 0; found && found->step_of && i < list->n; i++)
		if (list->v[i].id == found->step_of) {
			found = &list->v[i];
			break;
		}
	if (!found && id)
		return err_set(err, ERR_USAGE,
			       "there is no transaction %lld on '%s'; see `putback log`",
			       (long long)id, s->o->root);
	if (found && !(states & 1u << found->state))
		return err_set(err, ERR_REFUSED,
			       "cannot %s transaction %lld, which is %s: %s",
			       s->o->command, (long long)found->id,
			       txn_state_name(found->state), advice(found->state));
	*ret = found;
	return 0;
}

void pick_nothing(struct session *s, const struct strlist *warnings, int *ret_exit)
{
	cleanup_done struct done d = {0};

	done_say(&d,
		 "Nothing to %s: no transaction of putback on '%s' is in a state for it.",
		 s->o->command, s->o->root);
	for (uint32_t i = 0; warnings && i < warnings->n; i++)
		strlist_add(&d.result.warnings, warnings->v[i]);
	done_report(&d, s, TXN_DONE, NULL, ret_exit);
}

char *pick_describe(const struct txn_info *t)
{
	cleanup_free char *when = rows_time(t->ended ? t->ended : t->begun);

	return xasprintf("transaction %lld (%s), %s %s", (long long)t->id,
			 t->title ? t->title : "", txn_state_name(t->state), when);
}
