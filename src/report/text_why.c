/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

static void show_one(FILE *out, const struct why_row *w)
{
	static const struct table_column columns[] = {{"", TABLE_FIXED}, {"PACKAGE", 0},
						      {"WHERE", 0},	 {"VENDOR", 0},
						      {"KEY", 0},	 {"WHY NOT", 0}};
	cleanup_table struct table t = TABLE(columns);

	fputc('\n', out);
	text_heading(out, "Why %s", w->package);
	for (uint32_t i = 0; i < w->n; i++) {
		const struct why_found *f = &w->v[i];

		table_add(&t, f->reason ? "" : "taken");
		table_add(&t, f->nevra);
		table_add(&t, f->location);
		table_add(&t, f->vendor);
		table_add(&t, f->keyid && *f->keyid ? f->keyid : "");
		table_add(&t, f->reason);
	}
	if (w->n)
		table_print(&t, out, 2);
	else
		text_para(out, 2, 2, "It goes, and nothing comes in its place.");
}

void text_why(FILE *out, const struct plan_report *r)
{
	for (uint32_t i = 0; i < r->n_why; i++)
		show_one(out, &r->why[i]);
}
