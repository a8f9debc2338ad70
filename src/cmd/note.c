/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/note.h"

#include <string.h>
#include <time.h>

#include "cmd/selected.h"
#include "history/record.h"

void note_look(const struct session *s, struct prepared *p)
{
	struct strlist remarks = {0};

	record_look(p->root, &s->observer, &p->records, &remarks);
	for (uint32_t i = 0; i < remarks.n; i++)
		problems_add(&p->plan.problems, PROBLEM_HISTORY, SEV_NOTE, "", "%s",
			     remarks.v[i]);
	strlist_release(&remarks);
}

void note_room(const struct prepared *p, struct space_extras *ret)
{
	/* what an entry may take of a package, with its indexes; and of a file, whatever is in it */
	enum { PACKAGE_BYTES = 1024, FILE_BYTES = 64 * 1024 };
	struct statx st;

	for (uint32_t i = 0; i < p->records.n; i++) {
		const char *path = p->records.v[i];

		if (root_statx(p->root, path, STATX_SIZE, &st) < 0)
			continue;
		array_add(ret, ((struct space_extra){
				       mounts_of_path(&p->mounts, path),
				       st.stx_size + st.stx_size / 4 + FILE_BYTES +
					       (uint64_t)p->plan.changes->list.n *
						       PACKAGE_BYTES,
				       1}));
	}
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
	if (!n->session->o->selection.forward) {
		order.undone = p->outcome.entries;
		order.n_undone = p->outcome.n_entries;
	}
	if (db_cookie(p->db->scratch->path, p->db->backend, &before, err) < 0 ||
	    (rpmdb && db_cookie(rpmdb, p->db->backend, &after, err) < 0))
		return -1;
	order.cookie_begin = before;
	order.cookie_end = after ? after : "";
	order.end = (int64_t)time(NULL);
	record_make(n->root, &order, &n->session->observer, ret, &n->warnings);
	return 0;
}

void note_release(struct note *n)
{
	strlist_release(&n->warnings);
}
