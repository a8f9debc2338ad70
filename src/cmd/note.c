/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/note.h"

#include <string.h>
#include <time.h>

#include "cmd/selected.h"
#include "history/record.h"

void note_look(struct prepared *p)
{
	struct strlist remarks = {0};

	record_look(p->root, &p->records, &remarks);
	for (uint32_t i = 0; i < remarks.n; i++)
		problems_add(&p->plan.problems, PROBLEM_HISTORY, SEV_NOTE, "", "%s",
			     remarks.v[i]);
	strlist_release(&remarks);
}

void note_begin(struct note *n)
{
	n->begun = (int64_t)time(NULL);
}

/* What was asked for, without where the root and the packages lay. */
static char *command(const struct session *s)
{
	cleanup_buf struct buf b = {0};
	struct strlist words = {0};

	selected_args(&s->o->selection, NULL, &words);
	buf_str(&b, "putback apply");
	for (uint32_t i = 0; i < words.n; i++)
		if (strcmp(words.v[i], "--") != 0)
			buf_printf(&b, " %s", words.v[i]);
	strlist_release(&words);
	return buf_steal(&b);
}

int note_make(void *ctx, const char *rpmdb, struct newfiles *ret, struct error *err)
{
	struct note *n = ctx;
	const struct prepared *p = n->prepared;
	cleanup_free char *before = NULL, *after = NULL, *line = command(n->session);
	struct record_order order = {
		.changes = &p->outcome.changes, .command = line, .begin = n->begun};

	if (!p->records.n)
		return 0;
	if (db_cookie(p->db->scratch->path, p->db->backend, &before, err) < 0 ||
	    db_cookie(rpmdb, p->db->backend, &after, err) < 0)
		return -1;
	order.cookie_begin = before;
	order.cookie_end = after;
	order.end = (int64_t)time(NULL);
	record_make(n->root, &order, ret, &n->warnings);
	return 0;
}

void note_release(struct note *n)
{
	strlist_release(&n->warnings);
}
