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
#include "txn/freeze.h"
#include "txn/guard.h"
#include "txn/journal.h"
#include "txn/lock.h"
#include "txn/orphan.h"
#include "txn/salvage.h"
#include "txn/salvage_journal.h"
#include "txn/salvage_known.h"
#include "txn/salvage_lost.h"
#include "txn/salvage_mark.h"
#include "txn/salvage_rpmdb.h"
#include "txn/stands.h"
#include "txn/strip.h"
#include "txn/swap.h"

/* --- which one -------------------------------------------------------------------------------------------- */

static int check_paths(const struct orphan *o, const struct strlist *paths,
		       struct error *err)
{
	for (uint32_t n = 0; n < paths->n; n++) {
		struct strlist one = {.v = &paths->v[n], .n = 1};
		cleanup_free char *shown = NULL;
		bool found = false;

		for (uint32_t i = 0; i < o->run.tasks.list.n && !found; i++)
			found = orphan_is_wanted(&o->run.tasks.list.v[i], &one);
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

/* What could not be put back for a reason that can be mended, after which the same is run again. */
struct left {
	uint32_t n;
	struct error first;
};

/* Takes why. */
static void leave(struct run *t, struct left *l, struct error *why)
{
	run_warn(t, "not put back: %s%s", why->msg,
		 why->sys == EPERM ? "; see lsattr(1) for what is fixed there" : "");
	if (!l->n++)
		err_move(&l->first, why);
	else
		err_release(why);
}

/* 1: moved, 0: not, for whatever reason, which is then told */
static int put_one(struct run *t, uint32_t i, struct left *left)
{
	const struct task *k = &t->tasks.list.v[i];
	struct error why = ERROR_INIT;
	cleanup_free char *shown = quoted(k->path);
	const char *lost;
	int rc;

	if (t->areas.v[k->area].fd < 0)
		return 0;
	/* an original comes back whatever stands there; for less nobody's file is moved */
	t->forced = k->kind == OP_SWAP || k->kind == OP_REMOVE;
	rc = commit_one(t, i, BACKWARD, &lost, &why);
	if (rc < 0)
		leave(t, left, &why);
	else if (lost)
		run_warn(t, "not put back: '/%s' %s", shown, lost);
	return rc > 0;
}

static void put_all(struct run *t, const struct strlist *paths, uint32_t *ret_n,
		    struct left *left)
{
	uint32_t n = t->tasks.list.n;

	for (uint32_t i = n; i-- > 0;) {
		if (orphan_is_wanted(&t->tasks.list.v[i], paths))
			*ret_n += (uint32_t)put_one(t, i, left);
		if (i % 256 == 0)
			observer_progress(t->observer, PHASE_RECOVER, n - i, n, false,
					  n - i);
	}
}

/* What is fixed at the paths, beneath them, and in the directory that they lie in. */
static bool is_in_the_way(const struct pin *p, const struct strlist *paths)
{
	for (uint32_t i = 0; i < paths->n; i++) {
		cleanup_free char *above = path_parent(paths->v[i]);

		if (path_is_beneath(p->path, paths->v[i]) || !strcmp(p->path, above))
			return true;
	}
	return !paths->n;
}

static int lift_pins(struct run *t, const struct strlist *paths, struct error *err)
{
	struct pins all = t->pins, wanted = {0};
	int rc;

	for (uint32_t i = 0; i < all.n; i++)
		if (t->areas.v[all.v[i].area].fd >= 0 && is_in_the_way(&all.v[i], paths))
			array_add(&wanted, all.v[i]);
	t->pins = wanted;
	rc = pins_lift(t, err);
	t->pins = all;
	array_release(&wanted);
	return rc;
}

/* All of them, also those that an earlier salvage had lifted when it was cut short. */
static void give_pins(struct run *t, struct left *left)
{
	struct error why = ERROR_INIT;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->pins.n; i++)
		if (t->areas.v[t->pins.v[i].area].fd >= 0)
			t->pins.v[n++] = t->pins.v[i];
	t->pins.n = n;
	if (pins_give(t, BACKWARD, &why) < 0) {
		leave(t, left, &why);
		return;
	}
	for (uint32_t i = 0; i < t->pins.n; i++)
		if (pin_is_lost(t, &t->pins.v[i], BACKWARD)) {
			cleanup_free char *text = pin_describe(&t->pins.v[i]);

			run_warn(t, "%s", text);
		}
}

static void settle_stamps(struct run *t, struct left *left)
{
	struct error why = ERROR_INIT;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->stamps.n; i++)
		if (t->areas.v[t->stamps.v[i].area].fd >= 0)
			t->stamps.v[n++] = t->stamps.v[i];
	t->stamps.n = n;
	if (stamps_set(t, BACKWARD, &why) < 0)
		leave(t, left, &why);
}

static void give_privileges(struct run *t, struct left *left)
{
	struct error why = ERROR_INIT;

	if (strip_run(t, BACKWARD, &why) < 0)
		leave(t, left, &why);
}

static void sync_all(struct run *t, struct left *left)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		struct error why = ERROR_INIT;

		if (t->areas.v[i].fd < 0 ||
		    (syncfs(t->areas.v[i].fd) == 0 && !FAILPOINT("salvage-synced")))
			continue;
		(void)err_errno(&why, "cannot sync %s", area_name(&t->areas.v[i]));
		leave(t, left, &why);
	}
}

static void freeze_all(struct run *t, struct left *left)
{
	struct error why = ERROR_INIT;

	if (freeze_boot(t, &why) < 0)
		leave(t, left, &why);
}

static int put(struct run *t, const struct strlist *paths, struct txn_result *ret,
	       struct error *err)
{
	struct left left = {0};

	t->rpm_lock = lock_rpm(t->root, t->db_dir, err);
	if (t->rpm_lock == -1)
		return -1;
	for (uint32_t i = 0; i < t->areas.n; i++)
		area_settle(t->root, t->areas.v[i].top);
	root_forget(t->root);
	if (salvage_mark_set(t, !paths->n, err) < 0)
		return -1;
	if (lift_pins(t, paths, &left.first) < 0)
		left.n = 1;
	else
		put_all(t, paths, &ret->ops, &left);
	root_forget(t->root);
	if (!paths->n)
		settle_stamps(t, &left);
	give_privileges(t, &left);
	give_pins(t, &left);
	sync_all(t, &left);
	freeze_all(t, &left);
	if (!left.n)
		return 0;
	err_set(err, ERR_HALFWAY,
		"transaction %" PRId64
		" is put back in part: %s. Nothing is lost: mend what is named, and run the same "
		"again",
		t->id, left.first.msg);
	if (err)
		err->sys = left.first.sys;
	err_release(&left.first);
	return -1;
}

/* --- the story -------------------------------------------------------------------------------------------- */

/* other: that one does not count */
static bool anything_stands(struct orphans *all, const struct orphan *other)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (&all->v[i] != other && does_stand(&all->v[i].run))
			return true;
	return false;
}

/* What the root's rpm wrote down since would be nowhere but in the area. */
static int check_rpmdb(struct run *t, const struct strlist *paths, bool force,
		       struct error *err)
{
	cleanup_free char *changed = NULL;

	if (!salvage_rpmdb_look(t, paths, &changed))
		return 0;
	if (force) {
		run_warn(t, "%s", changed);
		return 0;
	}
	return err_set(
		err, ERR_REFUSED,
		"the rpmdb in '/%s' has changed since transaction %" PRId64
		": packages came or went that the one of before knows nothing of; "
		"nothing was moved. Name the paths that shall come back; or --force "
		"puts back all, and keeps that rpmdb in '.putback' until forget",
		t->db_dir, t->id);
}

/* Looks at everything before anything moves. */
static int check_lost(struct orphan *o, struct error *err)
{
	struct strlist lost = {0};
	cleanup_free char *what = NULL;

	if (!does_stand(&o->run))
		return 0;
	salvage_lost(o, &lost);
	if (!lost.n)
		return 0;
	what = guard_summary(&lost);
	strlist_release(&lost);
	return err_set(
		err, ERR_REFUSED,
		"not all that transaction %" PRId64
		" kept is there: %s; nothing was moved. Mount what is missing; or name "
		"the paths that shall come back; or --force puts back what is left",
		o->run.id, what);
}

static int salvage(struct orphans *all, struct orphan *o, const struct strlist *paths,
		   bool force, struct txn_result *ret, struct error *err)
{
	struct run *t = &o->run;

	t->warnings = &ret->warnings;
	if ((!paths->n && !force && check_lost(o, err) < 0) ||
	    check_rpmdb(t, paths, force, err) < 0)
		return -1;
	ret->id = t->id;
	for (uint32_t i = 0; i < o->remarks.n; i++)
		strlist_add(&ret->warnings, o->remarks.v[i]);
	if (put(t, paths, ret, err) < 0)
		return -1;
	if (!paths->n && !anything_stands(all, o)) {
		if (all->journal)
			salvage_journal_aside(t);
		salvage_journal_unnamed(t);
	}
	if (salvage_mark_clear(t, !paths->n, err) == 0)
		return 0;
	if (err) {
		cleanup_free char *why = steal_ptr(err->msg);
		int sys = err->sys;

		err_set(err, ERR_HALFWAY, "all is put back, but %s: run the same again",
			why);
		err->sys = sys;
	}
	return -1;
}

/* A journal or an area that nobody can read, and nothing that would have to be put back. */
static void give_up_journal(struct root *r, bool journal, struct txn_result *ret)
{
	struct run t;

	run_init(&t, r, NULL, &ret->warnings);
	if (journal)
		salvage_journal_aside(&t);
	salvage_journal_unnamed(&t);
	run_release(&t);
}

int txn_salvage(struct root *r, int64_t id, const struct strlist *paths, bool force,
		const struct observer *observer, struct txn_result *ret,
		struct error *err)
{
	struct txn_result result = {0};
	struct orphans all = {0};
	struct orphan *o = NULL;
	int rc = orphans_find(r, &all, err);

	if (rc == 0 && !id && !paths->n && (all.journal || all.unnamed) &&
	    !anything_stands(&all, NULL)) {
		give_up_journal(r, all.journal, &result);
	} else if (rc == 0) {
		o = choose(&all, id, paths, err);
		rc = !o || check_paths(o, paths, err) < 0 ||
				     salvage_known_check(&all, o, paths, err) < 0
			     ? -1
			     : 0;
	}
	if (o && rc == 0) {
		o->run.observer = observer;
		rc = salvage(&all, o, paths, force, &result, err);
	}
	orphans_release(&all);
	*ret = result;
	return rc;
}
