/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "txn/commit.h"
#include "txn/journal.h"
#include "txn/lock.h"
#include "txn/orphan.h"
#include "txn/salvage.h"
#include "txn/stands.h"
#include "txn/swap.h"

/* --- which one -------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct task *k, const struct strlist *paths)
{
	if (!paths->n)
		return true;
	for (uint32_t i = 0; i < paths->n; i++)
		if (path_is_beneath(k->path, paths->v[i]))
			return true;
	return false;
}

static int check_paths(const struct orphan *o, const struct strlist *paths,
		       struct error *err)
{
	for (uint32_t n = 0; n < paths->n; n++) {
		struct strlist one = {.v = &paths->v[n], .n = 1};
		cleanup_free char *shown = NULL;
		bool found = false;

		for (uint32_t i = 0; i < o->run.tasks.list.n && !found; i++)
			found = is_wanted(&o->run.tasks.list.v[i], &one);
		if (found)
			continue;
		shown = quoted(paths->v[n]);
		return err_set(
			err, ERR_USAGE,
			"transaction %" PRId64
			" has nothing at or beneath '/%s'; see `recover --salvage`",
			o->run.id, shown);
	}
	return 0;
}

static bool does_stand(struct run *t)
{
	enum salvage_stands s = stands_of(t);

	return s == STANDS_WHOLLY || s == STANDS_HALF;
}

static int none(const struct orphans *all, int64_t id, struct error *err)
{
	if (id)
		return err_set(
			err, ERR_USAGE,
			"no area holds anything of a transaction %" PRId64
			" that the journal does not know; see `putback log` and `recover --salvage`",
			id);
	return err_set(err, ERR_REFUSED, "there is nothing to put back: %s",
		       all->n ? "no transaction that areas know of stands in the root"
			      : "no area holds anything that the journal does not know");
}

static struct orphan *choose(struct orphans *all, int64_t id, const struct strlist *paths,
			     struct error *err)
{
	struct orphan *newer = NULL;

	for (uint32_t i = 0; i < all->n; i++) {
		struct orphan *o = &all->v[i];

		if (id	       ? o->run.id == id
		    : paths->n ? check_paths(o, paths, NULL) == 0
			       : does_stand(&o->run)) {
			if (!newer || paths->n)
				return o;
			err_set(err, ERR_REFUSED,
				"transaction %" PRId64 " came after %" PRId64
				" and stands: put that one back first",
				newer->run.id, id);
			return NULL;
		}
		if (does_stand(&o->run))
			newer = o;
	}
	/* of what path there is nothing, the newest says */
	if (!id && paths->n && all->n)
		return &all->v[0];
	(void)none(all, id, err);
	return NULL;
}

/* --- putting back ----------------------------------------------------------------------------------------- */

/* 1: moved, 0: not, for whatever reason, which is then told */
static int put_one(struct run *t, uint32_t i)
{
	const struct task *k = &t->tasks.list.v[i];
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *shown = quoted(k->path);
	const char *lost;
	int rc;

	if (t->areas.v[k->area].fd < 0)
		return 0;
	/* an original comes back whatever stands there; for less nobody's file is moved */
	t->forced = k->kind == OP_SWAP || k->kind == OP_REMOVE;
	rc = commit_one(t, i, BACKWARD, false, &lost, &why);
	if (rc < 0)
		run_warn(t, "not put back: %s", why.msg);
	else if (lost)
		run_warn(t, "not put back: '/%s' %s", shown, lost);
	return rc > 0;
}

static int sync_all(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++)
		if (t->areas.v[i].fd >= 0 &&
		    (syncfs(t->areas.v[i].fd) < 0 || FAILPOINT("salvage-synced")))
			return err_errno(err, "cannot sync %s",
					 area_name(&t->areas.v[i]));
	return 0;
}

static void settle_stamps(struct run *t)
{
	cleanup_error struct error why = ERROR_INIT;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->stamps.n; i++)
		if (t->areas.v[t->stamps.v[i].area].fd >= 0)
			t->stamps.v[n++] = t->stamps.v[i];
	t->stamps.n = n;
	root_forget(t->root);
	if (stamps_set(t, BACKWARD, &why) < 0)
		run_warn(t, "%s", why.msg);
}

static int put(struct run *t, const struct strlist *paths, struct txn_result *ret,
	       struct error *err)
{
	uint32_t n = t->tasks.list.n;

	if (t->db_dir) {
		t->rpm_lock = lock_rpm(t->root, t->db_dir, err);
		if (t->rpm_lock == -1)
			return -1;
	}
	for (uint32_t i = 0; i < t->areas.n; i++)
		area_settle(t->root, t->areas.v[i].top);
	root_forget(t->root);
	for (uint32_t i = n; i-- > 0;) {
		if (is_wanted(&t->tasks.list.v[i], paths))
			ret->ops += (uint32_t)put_one(t, i);
		if (i % 256 == 0)
			observer_progress(t->observer, PHASE_RECOVER, n - i, n, false,
					  n - i);
	}
	if (!paths->n)
		settle_stamps(t);
	return sync_all(t, err);
}

/* --- the journal that nobody can read --------------------------------------------------------------------- */

static int rename_aside(const struct area *a, const char *name, char **ret)
{
	for (int n = 0; n < 1000; n++) {
		cleanup_free char *to = n ? xasprintf("%s.unreadable.%d", name, n)
					  : xasprintf("%s.unreadable", name);

		if (swap_move((struct spot){a->fd, name}, (struct spot){a->fd, to}) ==
		    0) {
			*ret = steal_ptr(to);
			return 1;
		}
		if (errno == ENOENT)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

static void put_journal_aside(struct run *t)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *main = NULL, *beside = NULL;
	struct area a;
	int rc = area_open(t->root, "", &a, &why);

	if (rc <= 0) {
		if (rc == 0)
			area_release(&a);
		return;
	}
	rc = rename_aside(&a, JOURNAL_FILE, &main);
	if (rc > 0 && rename_aside(&a, JOURNAL_FILE "-journal", &beside) < 0)
		rc = -1;
	if (rc < 0)
		run_warn(t,
			 "the journal that cannot be read stays where it is (%s); move "
			 "'/" AREA_DIR "/" JOURNAL_FILE "' away by hand",
			 strerror(errno));
	else if (main)
		run_warn(t,
			 "the journal that could not be read is kept as '/" AREA_DIR
			 "/%s'",
			 main);
	area_release(&a);
}

static bool anything_stands(struct orphans *all)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (does_stand(&all->v[i].run))
			return true;
	return false;
}

int txn_salvage(struct root *r, int64_t id, const struct strlist *paths,
		const struct observer *observer, struct txn_result *ret,
		struct error *err)
{
	struct txn_result result = {0};
	struct orphans all = {0};
	struct orphan *o;
	int rc = orphans_find(r, &all, err);

	o = rc < 0 ? NULL : choose(&all, id, paths, err);
	if (!o || check_paths(o, paths, err) < 0) {
		orphans_release(&all);
		return -1;
	}
	o->run.observer = observer;
	o->run.warnings = &result.warnings;
	result.id = o->run.id;
	for (uint32_t i = 0; i < o->remarks.n; i++)
		strlist_add(&result.warnings, o->remarks.v[i]);
	rc = put(&o->run, paths, &result, err);
	if (rc == 0 && all.journal && !paths->n && !anything_stands(&all))
		put_journal_aside(&o->run);
	orphans_release(&all);
	if (rc < 0) {
		txn_result_release(&result);
		return -1;
	}
	*ret = result;
	return 0;
}

/* --- giving it up ----------------------------------------------------------------------------------------- */

static int drop(struct root *r, struct areas *l, int64_t id, struct error *err)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].fd >= 0 && (area_remove_slots(&l->v[i], id, err) < 0 ||
					area_remove(r, &l->v[i], err) < 0))
			return -1;
	return 0;
}

int txn_salvage_forget(struct root *r, int64_t id, struct txn_result *ret,
		       struct error *err)
{
	struct txn_result result = {.id = id};
	struct orphans all = {0};
	struct orphan *o = NULL;
	int rc = orphans_find(r, &all, err);

	for (uint32_t i = 0; i < all.n && rc == 0 && !o; i++)
		if (all.v[i].run.id == id)
			o = &all.v[i];
	if (rc == 0 && !o)
		rc = none(&all, id, err);
	else if (rc == 0 && stands_of(&o->run) == STANDS_HALF)
		rc = err_set(err, ERR_UNFINISHED,
			     "the root stands in the middle of transaction %" PRId64
			     ": `recover --salvage --yes %" PRId64 "` first",
			     id, id);
	else if (rc == 0)
		rc = drop(r, &o->run.areas, id, err) < 0 || drop(r, &o->bare, id, err) < 0
			     ? -1
			     : 0;
	orphans_release(&all);
	if (rc < 0)
		return -1;
	*ret = result;
	return 0;
}
