/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <time.h>

#include "cmd/rows.h"
#include "cmd/when.h"

struct history_row *rows_history(const struct history_entry *const *entries, uint32_t n)
{
	struct history_row *rows = xcalloc(n ? n : 1, sizeof(*rows));

	for (uint32_t i = 0; i < n; i++) {
		const struct history_entry *e = entries[i];
		struct history_row_item *items =
			xcalloc(e->items.n ? e->items.n : 1, sizeof(*items));

		rows[i] = (struct history_row){
			.entry = e->name,
			.id = e->id,
			.begin = e->begin,
			.end = e->end,
			.state = entry_state_name(e->state),
			.origin = e->origin,
			.command = e->command,
			.user = e->user,
			.comment = e->comment,
			.complete = e->complete,
			.items = items,
			.n_items = e->items.n,
		};
		for (uint32_t k = 0; k < e->items.n; k++) {
			const struct history_item *v = &e->items.v[k];
			int sign = item_action_sign(v->action);

			rows[i].came += sign > 0;
			rows[i].went += sign < 0;
			items[k] = (struct history_row_item){
				.action = item_action_name(v->action),
				.nevra = nevra_string(&v->id),
				.repo = v->repo,
				.failed = v->failed,
			};
		}
	}
	return rows;
}

void rows_free_history(struct history_row *rows, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < rows[i].n_items; k++)
			free((char *)rows[i].items[k].nevra);
		free((void *)rows[i].items);
	}
	free(rows);
}

struct log_row *rows_log(const struct txn_list *list)
{
	struct log_row *rows = xcalloc(list->n ? list->n : 1, sizeof(*rows));

	for (uint32_t i = 0; i < list->n; i++) {
		const struct txn_info *t = &list->v[i];
		bool detail = t->change_list != NULL;
		struct log_change *changes =
			xcalloc(t->changes ? t->changes : 1, sizeof(*changes));

		for (uint32_t k = 0; detail && k < t->changes; k++) {
			const struct txn_change *c = &t->change_list[k];

			changes[k] = (struct log_change){
				.kind = change_kind_name(c->kind),
				.from = c->from,
				.to = c->to,
				.source = c->source,
				.signer = c->signer,
				.unsigned_allowed = c->unsigned_allowed};
		}
		struct log_script *scripts =
			t->n_scripts ? xcalloc(t->n_scripts, sizeof(*scripts)) : NULL;

		for (uint32_t k = 0; k < t->n_scripts; k++)
			scripts[k] = (struct log_script){t->scripts[k].package,
							 t->scripts[k].kind,
							 t->scripts[k].args,
							 t->scripts[k].result,
							 t->scripts[k].output};
		rows[i] = (struct log_row){
			.id = t->id,
			.begun = t->begun,
			.ended = t->ended,
			.state = txn_state_name(t->state),
			.title = t->title,
			.command = t->command,
			.changes = t->changes,
			.ops = t->ops,
			.bytes_held = t->bytes_held,
			.unsigned_allowed = t->unsigned_allowed,
			.list = changes,
			.n_list = detail ? t->changes : 0,
			.scripts = scripts,
			.n_scripts = t->n_scripts,
			.scripts_left = t->scripts_left,
			.step = txn_step_name(t->step),
			.step_by = t->step == STEP_DONE ? t->step_by : 0,
			.step_of = t->step_of,
		};
	}
	return rows;
}

void rows_free_log(struct log_row *rows, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		free((void *)rows[i].list);
		free((void *)rows[i].scripts);
	}
	free(rows);
}

char *rows_time(int64_t seconds)
{
	time_t t = (time_t)seconds;
	char s[32];
	struct tm tm;

	if (!seconds || !localtime_r(&t, &tm) || !strftime(s, sizeof(s), "%F %H:%M", &tm))
		return xstrdup("time unknown");
	return xstrdup(s);
}

/* A long command line without its middle: the verb may stand at either end. */
static char *shortened(const char *s)
{
	enum { KEEP = 30 };
	size_t n = strlen(s), head = KEEP, tail = n - KEEP;

	if (n <= 2 * KEEP + 5)
		return xstrdup(s);
	while (head && (s[head] & 0xc0) == 0x80)
		head--;
	while (s[tail] && (s[tail] & 0xc0) == 0x80)
		tail++;
	return xasprintf("%.*s ... %s", (int)head, s, s + tail);
}

/* "dnf upgrade, 2026-11-20 03:12" */
static char *told(const struct history_entry *e)
{
	cleanup_free char *when = rows_time(e->begin);
	cleanup_free char *command = shortened(e->command);
	/* these leave their own name out of the command line that they keep */
	const char *tool = !*e->command			? ""
			   : !strcmp(e->origin, "dnf4") ? "dnf "
			   : !strcmp(e->origin, "yum")	? "yum "
							: "";

	return xasprintf("%s%s, %s%s%s", tool, *command ? command : "command unknown",
			 when, e->state == ENTRY_DONE ? "" : ", ",
			 e->state == ENTRY_DONE ? "" : entry_state_name(e->state));
}

static char *undo_title(const struct outcome *o)
{
	const struct history_entry *e = &o->entries[0];
	cleanup_free char *words = told(e);

	return xasprintf("undo of entry %s: %s%s", e->name, words,
			 o->narrowed ? o->narrowed : "");
}

static char *cutoff_title(const struct outcome *o)
{
	cleanup_free char *words = o->n_entries ? told(&o->entries[0]) : NULL;

	return xasprintf("%s%s%s", o->title ? o->title : "", words ? ": " : "",
			 words ? words : "");
}

char *rows_title(const struct selection *sel, const struct outcome *o)
{
	cleanup_free char *when = NULL;
	cleanup_free char *of = sel->interrupted  ? cutoff_title(o)
				: o->n_entries == 1 ? undo_title(o)
						  : xstrdup(o->title ? o->title : "");

	if (sel->back_to)
		return xasprintf("back to entry %s%s%s", sel->back_to,
				 o->n_entries ? ": " : "", o->n_entries ? of : "");
	if (!sel->back_to_date)
		return steal_ptr(of);
	when = when_string(sel->back_to_time);
	return xasprintf("back to %s%s%s", when, o->n_entries ? ": " : "",
			 o->n_entries ? of : "");
}
