/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/log.h"
#include "cmd/done.h"
#include "cmd/word.h"

void done_say(struct done *d, const char *fmt, ...)
{
	cleanup_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	buf_str(&d->text, s);
}

void done_warn(struct done *d, const struct problems *p)
{
	for (uint32_t i = 0; i < p->list.n; i++) {
		/* how it went with the rpmdb is told by who did it */
		if (p->list.v[i].severity == SEV_WARNING &&
		    p->list.v[i].kind != PROBLEM_DB_READ_ONLY)
			strlist_add(&d->result.warnings, p->list.v[i].text);
	}
}

void done_next(struct done *d, const struct session *s, const char *command, int64_t id,
	       const char *what_for)
{
	cleanup_free char *root = word_quote(s->o->root);

	strlist_take(&d->next, xasprintf("putback --root %s %s %lld\t%s", root, command,
					 (long long)id, what_for));
}

void done_hold(struct done *d, struct root *r, int64_t id)
{
	struct txn_list list = {0};

	/* it is advice: `log` says why where it cannot be had */
	if (txn_log(r, id, &list, NULL) == 0 && list.n) {
		hold_look(&d->hold, r);
		hold_add_transaction(&d->hold, &list.v[0]);
	}
	txn_list_release(&list);
}

void done_count(struct done *d, const struct changes *changes)
{
	uint32_t back = 0, removed = 0;
	const struct change *c;

	array_foreach(c, &changes->list) {
		back += c->to != NULL;
		removed += c->kind == CHANGE_REMOVE;
	}
	if (back || !removed)
		done_say(d, "%u %s put back", back, back == 1 ? "package" : "packages");
	if (back && removed)
		done_say(d, ", %u removed", removed);
	else if (removed)
		done_say(d, "%u %s removed", removed,
			 removed == 1 ? "package" : "packages");
}

void done_append(struct done *d, const struct done *other)
{
	buf_add(&d->text, other->text.s, other->text.n);
	for (uint32_t i = 0; i < other->next.n; i++)
		strlist_add(&d->next, other->next.v[i]);
	for (uint32_t i = 0; i < other->result.warnings.n; i++)
		strlist_add(&d->result.warnings, other->result.warnings.v[i]);
}

void done_report(struct done *d, struct session *s, enum txn_state state,
		 const struct plan_report *plan, int *ret_exit)
{
	struct done_report r;

	if (d->hold.versionlock.n > HOLD_SHOWN_MAX) {
		cleanup_free char *what_for = xasprintf(
			"the %u versions that the next update should leave out, to copy",
			d->hold.versionlock.n);

		done_next(d, s, "log", d->result.id, what_for);
	}
	r = (struct done_report){
		.command = s->o->command,
		.root = s->o->root,
		.state = txn_state_name(state),
		.id = d->result.id,
		.ops = d->result.ops,
		.bytes = d->result.bytes_staged,
		.text = d->text.s,
		.next = (const char *const *)d->next.v,
		.n_next = d->next.n,
		.warnings = (const char *const *)d->result.warnings.v,
		.n_warnings = d->result.warnings.n,
		.hold = hold_shown(&d->hold),
		.plan = plan,
	};

	s->report->done(session_output(s), &r);
	if (d->result.warnings.n)
		*ret_exit = error_exit_code(ERR_WARNINGS);
	if (session_stopped())
		log_warning(
			"asked to stop in the middle of it: the transaction was finished first");
}

void done_release(struct done *d)
{
	txn_result_release(&d->result);
	buf_release(&d->text);
	strlist_release(&d->next);
	hold_release(&d->hold);
}
