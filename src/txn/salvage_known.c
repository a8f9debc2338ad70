/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "txn/journal.h"
#include "txn/salvage_known.h"

/* Whether something that is wanted of the orphan lies at the path, or is a directory above it that moves. */
static bool orphan_has(const struct tasks *t, const struct strlist *paths,
		       const char *path)
{
	cleanup_free char *at = xstrdup(path);

	for (;;) {
		uint32_t first, n = tasks_at(t, at, &first);
		char *above;

		for (uint32_t i = 0; i < n; i++) {
			const struct task *k = &t->list.v[t->by_path[first + i]];

			if (orphan_is_wanted(k, paths) &&
			    (k->kind != OP_ATTR || !strcmp(at, path)))
				return true;
		}
		if (!*at)
			return false;
		above = path_parent(at);
		free(at);
		at = above;
	}
}

/* The path of the orphan that both have, or NULL. */
static const char *common_path(const struct tasks *known, const struct tasks *orphan,
			       const struct strlist *paths)
{
	for (uint32_t i = 0; i < known->list.n; i++) {
		const struct task *k = &known->list.v[i];

		if (orphan_has(orphan, paths, k->path) ||
		    (k->path2 && orphan_has(orphan, paths, k->path2)))
			return k->path;
	}
	for (uint32_t i = 0; i < orphan->list.n; i++) {
		const struct task *k = &orphan->list.v[i];

		if (orphan_is_wanted(k, paths) && tasks_touch_above(known, k->path))
			return k->path;
	}
	return NULL;
}

static int check_one(struct journal *j, const struct orphan *o,
		     const struct strlist *paths, int64_t id, struct error *err)
{
	cleanup_free char *shown = NULL;
	const char *common;
	struct run known;
	int rc;

	run_init(&known, o->run.root, NULL, NULL);
	known.id = id;
	rc = journal_load(j, &known, true, err);
	if (rc == 0) {
		tasks_index(&known.tasks);
		common = common_path(&known.tasks, &o->run.tasks, paths);
		if (!common && !paths->n && known.db_dir && o->run.db_dir &&
		    !strcmp(known.db_dir, o->run.db_dir))
			common = known.db_dir;
		shown = common ? quoted(common) : NULL;
	}
	run_release(&known);
	if (shown)
		return err_set(err, ERR_REFUSED,
			       "transaction %" PRId64
			       ", which the journal knows, came after %" PRId64
			       " and stands, with '/%s': undo that one first",
			       id, o->run.id, shown);
	return rc;
}

static int check(struct journal *j, const struct orphan *o, const struct strlist *paths,
		 const struct txn_list *all, struct error *err)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (txn_state_is_unfinished(all->v[i].state))
			return err_set(err, ERR_UNFINISHED,
				       "transaction %" PRId64
				       ", which the journal knows, is unfinished (%s): "
				       "run recover first",
				       all->v[i].id, txn_state_name(all->v[i].state));
	for (uint32_t i = all->n; i-- > 0;) /* the newest first */
		if (all->v[i].state == TXN_DONE && all->v[i].id >= o->run.id &&
		    check_one(j, o, paths, all->v[i].id, err) < 0)
			return -1;
	return 0;
}

int salvage_known_check(const struct orphans *all, const struct orphan *o,
			const struct strlist *paths, struct error *err)
{
	struct journal *j = NULL;
	struct txn_list list = {0};
	int rc = all->journal ? 0 : journal_open(o->run.root, JOURNAL_READ, &j, err);

	if (rc > 0) {
		rc = journal_list(j, 0, &list, err);
		if (rc == 0)
			rc = check(j, o, paths, &list, err);
	}
	txn_list_release(&list);
	journal_close(j);
	return rc;
}
