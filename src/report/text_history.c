/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others did to the root (history), and what putback did (log). */
#include "config.h"

#include <string.h>

#include <string.h>

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

static void show_entry(FILE *out, const struct history_row *e)
{
	static const struct table_column columns[] = {
		{"ACTION", 0},
		{"PACKAGE", 0},
		{"REPOSITORY", 0},
		{"", 0},
	};
	cleanup_table struct table t = TABLE(columns);

	text_heading(out, "Entry %s", e->entry);
	text_field(out, "  command", "%s",
		   e->command && *e->command ? e->command : "unknown");
	text_field(out, "  begun", "%s", text_time(e->begin));
	text_field(out, "  ended", "%s", text_time(e->end));
	text_field(out, "  state", "%s", e->state);
	if (e->user && *e->user)
		text_field(out, "  user", "%s", e->user);
	if (e->comment && *e->comment)
		text_field(out, "  comment", "%s", e->comment);
	text_field(out, "  kept by", "%s", e->origin);
	fputc('\n', out);
	for (uint32_t i = 0; i < e->n_items; i++) {
		const struct history_row_item *item = &e->items[i];

		table_add(&t, item->action);
		table_add(&t, item->nevra);
		table_add(&t, item->repo);
		table_add(&t, !item->failed		    ? ""
			      : !strcmp(e->state, "failed") ? "failed"
							    : "not done");
	}
	table_print(&t, out, 2);
	if (!e->complete)
		text_para(
			out, 2, 2,
			"What went for the packages that came is not on record for all of them.");
}

static void show_entries(FILE *out, const struct history_row *v, uint32_t n)
{
	static const struct table_column columns[] = {
		{"ENTRY", TABLE_RIGHT}, {"DATE", TABLE_FIXED},	{"CAME", TABLE_RIGHT},
		{"WENT", TABLE_RIGHT},	{"STATE", TABLE_FIXED}, {"KEPT BY", TABLE_FIXED},
		{"COMMAND", 0},
	};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = n; i-- > 0;) {
		table_add(&t, v[i].entry);
		table_add(&t, text_time(v[i].begin));
		table_addf(&t, "%u", v[i].came);
		if (v[i].complete)
			table_addf(&t, "%u", v[i].went);
		else
			table_add(&t, "?");
		table_add(&t, v[i].state);
		table_add(&t, v[i].origin);
		table_add(&t, v[i].command);
	}
	table_print(&t, out, 0);
}

void text_history(FILE *out, const char *root, const struct history_row *v, uint32_t n,
		  bool detail)
{
	if (!n) {
		cleanup_free char *s = xasprintf("no history found in %s", root);

		text_para(out, 0, 0, s);
		return;
	}
	if (!detail) {
		show_entries(out, v, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		show_entry(out, &v[i]);
}

static void show_way_on(FILE *out, const struct log_row *r)
{
	cleanup_free char *way = xasprintf(
		"putback was cut off before all of them had run, or is still at it. To have them run: `putback undo "
		"%lld`, and its command once more, which runs them all; or those that are missing by hand, in the "
		"root: `rpm -q --scripts PACKAGE` shows them.",
		(long long)r->id);

	if (r->scripts_left)
		text_para(out, 2, 2, way);
}

static void show_scripts(FILE *out, const struct log_row *r)
{
	if (!r->n_scripts)
		return;
	fputc('\n', out);
	if (r->scripts_left)
		text_heading(out, "Scriptlets (%u, %u of them CUT OFF)", r->n_scripts,
			     r->scripts_left);
	else
		text_heading(out, "Scriptlets (%u)", r->n_scripts);
	for (uint32_t i = 0; i < r->n_scripts; i++) {
		const struct log_script *s = &r->scripts[i];
		cleanup_free char *line = xasprintf("%s of %s (%s): %s", s->kind, s->package,
						    s->args, s->result);

		text_para(out, 2, 6, line);
		for (const char *at = s->output, *end; at && *at; at = end ? end + 1 : NULL) {
			cleanup_free char *said = NULL;

			end = strchr(at, '\n');
			said = end ? xstrndup(at, (size_t)(end - at)) : xstrdup(at);
			text_para(out, 6, 8, said);
		}
	}
	show_way_on(out, r);
}

const char *text_step(const struct log_row *r)
{
	static char done[64];

	if (!strcmp(r->step, "open"))
		return "STEP OPEN: it says what was there before, until `putback recover "
		       "--rpmdb-by-root`";
	if (strcmp(r->step, "done") != 0)
		return "brought in line by hand";
	snprintf(done, sizeof(done), "rebuilt by the root's own rpm, transaction %lld",
		 (long long)r->step_by);
	return done;
}

static void show_line(FILE *out, const char *before, const char *s)
{
	cleanup_buf struct buf safe = {0};

	buf_printable(&safe, s);
	fprintf(out, "    %s%s\n", before, safe.s);
}

static void show_lines(FILE *out, const char *const *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		show_line(out, "", v[i]);
}

static void show_hold(FILE *out, const struct hold_report *h)
{
	const char *more = "\nfor the next update, to leave these versions out";

	if (h->words & (HOLD_DNF | HOLD_DNF5)) {
		fprintf(out, "%s (dnf.conf):\n", more);
		show_line(out, "excludepkgs=", h->excludepkgs);
		more = "\nor";
	}
	if ((h->words & (HOLD_DNF | HOLD_DNF5)) == HOLD_DNF) {
		fputs("or, with dnf's versionlock plugin (versionlock.list):\n", out);
		show_lines(out, h->versionlock, h->n_versionlock);
	}
	if (h->words & HOLD_YUM) {
		fprintf(out, "%s (yum.conf):\n", more);
		show_line(out, "exclude=", h->excludepkgs);
		more = "\nor";
	}
	if (h->words & HOLD_ZYPPER) {
		fprintf(out, "%s, once the machine is up:\n", more);
		show_lines(out, h->commands, h->n_zypper);
	}
}

static void show_transaction(FILE *out, const struct log_row *r)
{
	static const struct table_column columns[] = {
		{"STEP", TABLE_FIXED}, {"FROM", 0},	 {"TO", 0},
		{"SOURCE", 0},	       {"SIGNED BY", 0},
	};
	cleanup_table struct table t = TABLE(columns);

	text_heading(out, "Transaction %lld", (long long)r->id);
	text_field(out, "  title", "%s", r->title ? r->title : "");
	text_field(out, "  state", "%s", r->state);
	text_field(out, "  begun", "%s", text_time(r->begun));
	text_field(out, "  ended", "%s", text_time(r->ended));
	text_field(out, "  command", "%s", r->command ? r->command : "");
	text_field(out, "  steps", "%u paths, %u packages", r->ops, r->changes);
	text_field(out, "  holds", "%s, until `forget %lld`", human_size(r->bytes_held),
		   (long long)r->id);
	if (r->step)
		text_field(out, "  rpmdb", "%s", text_step(r));
	if (r->step_of)
		text_field(out, "  belongs to",
			   "transaction %lld: undo, redo and forget of that one take it along",
			   (long long)r->step_of);
	if (r->unsigned_allowed)
		text_field(out, "  UNSIGNED", "--allow-unsigned was given");
	fputc('\n', out);
	for (uint32_t i = 0; i < r->n_list; i++) {
		const struct log_change *c = &r->list[i];

		table_add(&t, c->kind);
		table_add(&t, c->from);
		table_add(&t, c->to);
		table_add(&t, c->source);
		table_add(&t, c->unsigned_allowed ? "NOBODY (allowed)" : c->signer);
	}
	table_print(&t, out, 2);
	show_scripts(out, r);
	if (r->hold.excludepkgs)
		show_hold(out, &r->hold);
}

static void show_transactions(FILE *out, const struct log_row *v, uint32_t n)
{
	static const struct table_column columns[] = {
		{"ID", TABLE_RIGHT},
		{"DATE", TABLE_FIXED},
		{"STATE", TABLE_FIXED},
		{"PACKAGES", TABLE_RIGHT},
		{"PATHS", TABLE_RIGHT},
		{"HOLDS", TABLE_RIGHT},
		{"WHAT", 0},
	};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = n; i-- > 0;) {
		table_addf(&t, "%lld", (long long)v[i].id);
		table_add(&t, text_time(v[i].begun));
		table_add(&t, v[i].state);
		table_addf(&t, "%u", v[i].changes);
		table_addf(&t, "%u", v[i].ops);
		table_add(&t, human_size(v[i].bytes_held));
		table_addf(&t, "%s%s%s", v[i].title,
			   v[i].step && !strcmp(v[i].step, "open") ? "; rpmdb STEP OPEN"
								   : "",
			   v[i].scripts_left ? "; scriptlets CUT OFF" : "");
	}
	table_print(&t, out, 0);
}

void text_hold(FILE *out, const struct hold_report *h)
{
	if (h->excludepkgs && h->n_versionlock <= HOLD_SHOWN_MAX)
		show_hold(out, h);
}

void text_log(FILE *out, const char *root, const struct log_row *v, uint32_t n,
	      bool detail)
{
	if (!n) {
		cleanup_free char *s =
			xasprintf("putback has done nothing on %s yet", root);

		text_para(out, 0, 0, s);
		return;
	}
	if (!detail) {
		show_transactions(out, v, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		show_transaction(out, &v[i]);
}
