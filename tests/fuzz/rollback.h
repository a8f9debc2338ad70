/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_FUZZ_ROLLBACK_H
#define PUTBACK_TESTS_FUZZ_ROLLBACK_H
/* A rollback that is noted in the records of a root: plain goes back, other goes, more comes. */
#include "core/change.h"
#include "fuzz.h"
#include "history/record.h"

static inline struct pkg *rollback_pkg(const char *nevra)
{
	struct pkg *p = pkg_new();

	if (nevra_parse(&p->mem, nevra, &p->id) < 0)
		BUG("'%s' is no package", nevra);
	p->nevra = arena_strdup(&p->mem, nevra);
	return p;
}

/* What is made is made; what cannot be told is a sentence. */
static inline void rollback_note(struct root *r)
{
	struct strlist paths = {0}, words = {0};
	struct newfiles made = {0};
	struct changes changes = {0};
	struct pkg *all[] = {
		rollback_pkg("plain-2-1.noarch"), rollback_pkg("plain-1-1.noarch"),
		rollback_pkg("other-1-1.noarch"), rollback_pkg("more-1:3-1.noarch")};
	struct record_order order = {.changes = &changes,
				     .command = "putback apply --undo last",
				     .begin = 300,
				     .end = 301,
				     .cookie_begin = "old",
				     .cookie_end = "new"};

	array_add(&changes.list, (struct change){.kind = CHANGE_DOWNGRADE,
						 .from = all[0],
						 .to = all[1],
						 .source = -1});
	array_add(&changes.list,
		  (struct change){.kind = CHANGE_REMOVE, .from = all[2], .source = -1});
	array_add(&changes.list,
		  (struct change){.kind = CHANGE_INSTALL, .to = all[3], .source = -1});
	record_look(r, NULL, &paths, &words);
	record_make(r, &order, NULL, &made, &words);
	for (uint32_t i = 0; i < paths.n; i++)
		FUZZ_CHECK(path_is_canonical(paths.v[i]));
	for (uint32_t i = 0; i < made.n; i++)
		FUZZ_CHECK(path_is_canonical(made.v[i].path) &&
			   (made.v[i].fd >= 0) == (made.v[i].kind == NEWFILE_CONTENT &&
						   !made.v[i].fresh));
	newfiles_release(&made);
	strlist_release(&paths);
	strlist_release(&words);
	array_release(&changes.list);
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		pkg_free(all[i]);
}

#endif
