/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "core/fact.h"
#include "report/table.h"
#include "report/text.h"

static const char *how_it_stands(const char *stands)
{
	if (!strcmp(stands, "done"))
		return "it stands in the root";
	if (!strcmp(stands, "undone"))
		return "it does not stand in the root: it had not begun, or was taken back";
	if (!strcmp(stands, "halfway"))
		return "THE ROOT IS IN THE MIDDLE OF IT: part is old, part is new";
	return "whether it stands in the root cannot be told";
}

static void show_entries(FILE *out, const struct salvage_row *r)
{
	static const struct table_column columns[] = {
		{"WHAT", TABLE_FIXED}, {"MODIFIED", TABLE_FIXED},  {"SIZE", TABLE_RIGHT},
		{"PATH", 0},	       {"THERE NOW", TABLE_FIXED}, {"LIES IN", 0},
	};
	cleanup_table struct table t = TABLE(columns);

	for (uint32_t i = 0; i < r->n_entries; i++) {
		const struct salvage_row_entry *e = &r->entries[i];
		cleanup_free char *path = e->path ? text_path(e->path) : NULL;
		cleanup_free char *slot = text_path(e->slot);

		table_add(&t, e->kind);
		table_add(&t, text_time(e->mtime));
		if (S_ISREG(e->mode))
			table_add(&t, human_size(e->size));
		else
			table_add(&t, ftype_name(ftype_of_mode(e->mode)));
		table_add(&t, path ? path : "not known");
		table_add(&t, e->now);
		table_add(&t, slot);
	}
	table_print(&t, out, 2);
}

static void show(FILE *out, const struct salvage_row *r)
{
	uint32_t originals = 0;

	for (uint32_t i = 0; i < r->n_entries; i++)
		originals += !strcmp(r->entries[i].kind, "original");
	text_heading(out, "Transaction %lld", (long long)r->id);
	text_field(out, "  title", "%s", r->title && *r->title ? r->title : "not known");
	text_field(out, "  begun", "%s", text_time(r->begun));
	text_field(out, "  now", "%s", how_it_stands(r->stands));
	text_field(out, "  holds", "%u %s of %u %s, %s", originals,
		   text_plural(originals, "original", "originals"), r->n_entries,
		   text_plural(r->n_entries, "object", "objects"), human_size(r->bytes));
	for (uint32_t i = 0; i < r->n_remarks; i++) {
		cleanup_free char *s = xasprintf("warning: %s", r->remarks[i]);

		text_para(out, 2, 4, s);
	}
	fputc('\n', out);
	show_entries(out, r);
}

void text_salvage(FILE *out, const struct salvage_report *r)
{
	if (r->journal)
		text_para(out, 0, 0, r->journal);
	if (!r->n) {
		cleanup_free char *s = xasprintf(
			"Nothing to salvage: no area on %s holds anything that its journal does not know.",
			r->root);

		text_para(out, 0, 0, s);
	}
	for (uint32_t i = 0; i < r->n; i++) {
		if (i || r->journal)
			fputc('\n', out);
		show(out, &r->v[i]);
	}
	text_next(out, r->next, r->n_next);
}
