/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mutant.h"
#include "txn/attr.h"
#include "txn/commit.h"
#include "txn/look.h"
#include "txn/swap.h"

/* A task under way: where things are now. */
struct deed {
	struct run *run;
	const struct task *k;
	uint32_t i;
	enum way way;
	struct area *area;
	bool force; /* what is in the way is kept aside */
	bool dry;
	struct seen path; /* what stands at k->path */
};

enum verdict {
	DONE, /* nothing to do */
	DO,   /* done, or with dry: could be done */
	LOST, /* neither the one nor the other: nothing is guessed */
	RACED /* another object came between the look and the rename: it was put back */
};

/* --- small steps ------------------------------------------------------------------------------------- */

static int look_slot(const struct deed *d, const char *suffix, struct seen *ret)
{
	char buf[SLOT_NAME_MAX];
	struct spot s = swap_slot(d->run, d->i, suffix, buf);

	return look_name(d->area, s.dir, s.name, ret);
}

static bool is_dir_or_link(const struct seen *s)
{
	return s->there && (S_ISDIR(s->st.stx_mode) || S_ISLNK(s->st.stx_mode));
}

/* Directories are opened once for all that happens in them: until one of them moves. */
static void forget_dirs(const struct deed *d, const struct object *moved)
{
	if (S_ISDIR(moved->attr.mode) || S_ISLNK(moved->attr.mode) ||
	    is_dir_or_link(&d->path))
		root_forget(d->run->root);
}

/*
 * vfat keeps no journal and writes in any order: each rename is on the disk before the next is begun, so
 * that a cut can meet one at most.
 */
static int settle(const struct deed *d, int rc)
{
	if (rc < 0 || !d->area->plain)
		return rc;
	return syncfs(d->area->fd) < 0 || FAILPOINT("commit-settled") ? -1 : 0;
}

static int into_slot(const struct deed *d, const char *suffix)
{
	char buf[SLOT_NAME_MAX];

	return settle(d, swap_move(swap_path(d->run, d->k->path),
				   swap_slot(d->run, d->i, suffix, buf)));
}

static int out_of_slot(const struct deed *d, const char *suffix)
{
	char buf[SLOT_NAME_MAX];

	return settle(d, swap_move(swap_slot(d->run, d->i, suffix, buf),
				   swap_path(d->run, d->k->path)));
}

static int between_slots(const struct deed *d, const char *from, const char *to)
{
	char a[SLOT_NAME_MAX], b[SLOT_NAME_MAX];

	return settle(d, swap_move(swap_slot(d->run, d->i, from, a),
				   swap_slot(d->run, d->i, to, b)));
}

/* Makes room at the path. */
static int put_aside(const struct deed *d)
{
	char name[SLOT_NAME_MAX];
	cleanup_free char *shown = NULL, *top = NULL;

	d->run->kept_aside = true; /* a rename that is reported as failed may have been done */
	if (swap_aside(d->run, d->i, swap_path(d->run, d->k->path), name) < 0 ||
	    FAILPOINT("commit-aside"))
		return -1;
	if (is_dir_or_link(&d->path))
		root_forget(d->run->root);
	if (d->k->db)
		return 0;
	shown = quoted(d->k->path);
	top = path_join(d->area->top, AREA_DIR);
	run_warn(d->run, "what stood at '/%s' is kept as '/%s/%lld/%s'", shown, top,
		 (long long)d->run->id, name);
	return 0;
}

/* --- an exchange -------------------------------------------------------------------------------------- */

/*
 * Where the file system cannot exchange, three renames do, and `.old` holds what stood at the path
 * meanwhile:
 *
 *	path O    slot T            path -> .old
 *	path -    slot T   .old O   slot -> path
 *	path T    slot -   .old O   .old -> slot
 *	path T    slot O
 *
 * A crash leaves any of these lines; turned round, T and O change their names, and the middle
 * lines read: path -, slot O, .old T; and path O, slot -, .old T.
 */
static int three_renames(const struct deed *d)
{
	if (into_slot(d, ".old") < 0)
		return -1;
	root_forget(d->run->root);
	return out_of_slot(d, "") < 0 || between_slots(d, ".old", "") < 0 ? -1 : 0;
}

static int swap_both(const struct deed *d)
{
	char buf[SLOT_NAME_MAX];

	return swap_exchange(d->area, swap_path(d->run, d->k->path),
			     swap_slot(d->run, d->i, "", buf));
}

static int exchange(const struct deed *d, const struct object *other, enum verdict *ret)
{
	struct seen slot;
	int rc = swap_both(d);

	if (rc == 1)
		return three_renames(d);
	rc = settle(d, rc);
	if (rc < 0 || d->area->weak)
		return rc;
	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (look_is(&slot, &other->id))
		return 0;
	*ret = RACED;
	return swap_both(d);
}

static int do_swap(const struct deed *d, enum verdict *ret)
{
	const struct object *want = task_there(d->k, d->way),
			    *other = task_here(d->k, d->way);
	struct seen slot, old = {0};
	int rc = 0;

	*ret = DO;
	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (MUTANT("recover-blind") && d->path.there && slot.there) {
		rc = d->dry ? 0 : swap_both(d);
		goto out;
	}
	if (look_is(&d->path, &want->id) && slot.there) {
		*ret = DONE;
		return 0;
	}
	if (look_is(&d->path, &other->id) && look_is(&slot, &want->id)) {
		rc = d->dry ? 0 : exchange(d, other, ret);
		goto out;
	}
	if (look_slot(d, ".old", &old) < 0)
		return -1;
	if (look_is(&d->path, &want->id)) {
		*ret = look_is(&old, &other->id) ? DO : DONE;
		rc = *ret == DONE || d->dry ? 0 : between_slots(d, ".old", "");
	} else if (look_is(&d->path, &other->id) && !slot.there &&
		   look_is(&old, &want->id)) {
		rc = d->dry ? 0 : into_slot(d, "") < 0 || out_of_slot(d, ".old") < 0;
	} else if (!d->path.there && look_is(&slot, &want->id) &&
		   look_is(&old, &other->id)) {
		rc = d->dry ? 0
			    : out_of_slot(d, "") < 0 || between_slots(d, ".old", "") < 0;
	} else if (!d->path.there && look_is(&slot, &other->id) &&
		   look_is(&old, &want->id)) {
		rc = d->dry ? 0 : out_of_slot(d, ".old");
	} else if (d->force && look_is(&slot, &want->id)) {
		rc = d->dry ? 0
			    : (d->path.there && put_aside(d) < 0) ||
				      out_of_slot(d, "") < 0;
	} else {
		/* where nothing was exchanged, somebody's newcomer is not in the way */
		*ret = d->run->turned && look_is(&slot, &other->id) ? DONE : LOST;
	}
out:
	if (!d->dry && *ret == DO) {
		forget_dirs(d, want);
		forget_dirs(d, other);
	}
	return rc ? -1 : 0;
}

/* --- one rename --------------------------------------------------------------------------------------- */

/* The object comes from its slot to the path: CREATE forwards, REMOVE backwards. */
static int do_bring(const struct deed *d, const struct object *o, enum verdict *ret)
{
	struct seen slot;
	int rc = 0;

	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (look_is(&d->path, &o->id)) {
		*ret = DONE;
		return 0;
	}
	if (!look_is(&slot, &o->id) || (d->path.there && !d->force)) {
		*ret = !slot.there && (d->run->turned || task_is_consumed(d->k)) ? DONE : LOST;
		return 0;
	}
	*ret = DO;
	if (!d->dry) {
		rc = (d->path.there && put_aside(d) < 0) || out_of_slot(d, "") < 0;
		forget_dirs(d, o);
	}
	return rc ? -1 : 0;
}

static int take(const struct deed *d, const struct object *o, enum verdict *ret)
{
	struct seen slot;

	if (into_slot(d, "") < 0)
		return -1;
	if (d->area->weak)
		return 0;
	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (look_is(&slot, &o->id))
		return 0;
	*ret = RACED;
	return out_of_slot(d, "");
}

/* The object goes from the path to its slot: REMOVE forwards, CREATE backwards. */
static int do_take(const struct deed *d, const struct object *o, enum verdict *ret)
{
	struct seen slot;
	int rc = 0;

	if (look_slot(d, "", &slot) < 0)
		return -1;
	*ret = DO;
	if (look_is(&d->path, &o->id) && !slot.there)
		rc = d->dry ? 0 : take(d, o, ret);
	else if (look_is(&slot, &o->id) ||
		 (!d->path.there && (d->force || d->k->kind == OP_CREATE)))
		*ret = DONE; /* whatever else stands at the path is another task's */
	else if (d->force)
		rc = d->dry ? 0 : put_aside(d);
	else
		*ret = LOST;
	if (!d->dry && *ret == DO)
		forget_dirs(d, o);
	return rc;
}

/* Between path and path2. */
static int do_move(const struct deed *d, enum verdict *ret)
{
	const struct object *o = &d->k->old;
	bool back = d->way == BACKWARD;
	struct seen path2;
	int rc = 0;

	if (look_path(d->run->root, d->area, d->k->path2, &path2) < 0)
		return -1;
	*ret = DO;
	if (look_is(back ? &d->path : &path2, &o->id)) {
		*ret = DONE;
	} else if (!look_is(back ? &path2 : &d->path, &o->id)) {
		*ret = back && d->force ? DONE : LOST;
	} else if (back ? d->path.there && !d->force : path2.there) {
		*ret = LOST;
	} else if (!d->dry) {
		cleanup_free char *name =
			xstrdup(strrchr(d->k->path2, '/') ? strrchr(d->k->path2, '/') + 1
							  : d->k->path2);
		struct spot here, beside;

		if (back && d->path.there && put_aside(d) < 0)
			return -1;
		here = swap_path(d->run, d->k->path);
		beside = (struct spot){here.dir, name}; /* in the same directory */
		rc = back ? swap_move(beside, here) : swap_move(here, beside);
		forget_dirs(d, o);
	}
	return rc;
}

static int do_attr(const struct deed *d, enum verdict *ret)
{
	const struct attr *want = d->way == FORWARD ? &d->k->new.attr : &d->k->old.attr;
	bool same = look_is_still(d->area, &d->path, &d->k->old.id);
	struct spot s;

	if (!same || (d->path.st.stx_mode ^ want->mode) & S_IFMT) {
		*ret = d->force || d->run->turned ? DONE : LOST;
		return 0;
	}
	*ret = DO;
	if (d->dry)
		return 0;
	s = swap_path(d->run, d->k->path);
	return s.dir < 0 ? -1 : attr_change(d->area, s.dir, s.name, &d->k->old.id, want);
}

/* --- one task ------------------------------------------------------------------------------------------ */

static int fail(const struct deed *d, struct error *err)
{
	int saved = errno;
	cleanup_free char *shown = quoted(d->k->path);

	errno = saved;
	return err_errno(err, "'/%s' (%s)", shown, op_kind_name(d->k->kind));
}

static int do_task(struct run *t, uint32_t i, enum way w, bool dry, enum verdict *ret,
		   struct seen *ret_path, struct error *err)
{
	const struct task *k = &t->tasks.list.v[i];
	struct deed d = {.run = t, .k = k, .i = i, .way = w, .dry = dry};
	int rc = -1;

	d.area = &t->areas.v[k->area];
	d.force = w == BACKWARD && (t->forced || k->db);
	if (look_path(t->root, d.area, k->path, &d.path) == 0)
		switch (k->kind) {
		case OP_SWAP: rc = do_swap(&d, ret); break;
		case OP_CREATE:
			rc = w == FORWARD ? do_bring(&d, &k->new, ret)
					  : do_take(&d, &k->new, ret);
			break;
		case OP_REMOVE:
			rc = w == FORWARD ? do_take(&d, &k->old, ret)
					  : do_bring(&d, &k->old, ret);
			break;
		case OP_MOVE: rc = do_move(&d, ret); break;
		case OP_ATTR: rc = do_attr(&d, ret); break;
		}
	*ret_path = d.path;
	return rc < 0 ? fail(&d, err) : 0;
}

/* Task number at position n of the execution. */
static uint32_t in_order(const struct run *t, enum way w, uint32_t n)
{
	return w == FORWARD ? n : t->tasks.list.n - 1 - n;
}

static const char *what_stands_there(const struct task *k, enum verdict v,
				     const struct seen *s)
{
	if (v == RACED)
		return "was replaced at this very moment";
	if (!s->there)
		return "is not there, and its other half is not in the area";
	if (s->foreign)
		return "is hidden by a mount";
	if (look_is(s, &k->old.id) || look_is(s, &k->new.id))
		return "is there, but its other half is not in the area";
	return "is neither the old nor the new one";
}

int commit_run(struct run *t, enum way w, enum phase phase, struct error *err)
{
	if (pins_lift(t, err) < 0)
		return -1;
	for (uint32_t n = 0; n < t->tasks.list.n; n++) {
		uint32_t i = in_order(t, w, n);
		enum verdict v = LOST;
		struct seen seen;

		if (do_task(t, i, w, false, &v, &seen, err) < 0)
			return -1;
		if (v == LOST || v == RACED) {
			const struct task *k = &t->tasks.list.v[i];
			cleanup_free char *shown = quoted(k->path);

			return err_set(err, ERR_FAILED, "'/%s' %s", shown,
				       what_stands_there(k, v, &seen));
		}
		if (n % 256 == 0)
			observer_progress(t->observer, phase, n, t->tasks.list.n, false,
					  n);
	}
	observer_progress(t->observer, phase, t->tasks.list.n, t->tasks.list.n, false,
			  t->tasks.list.n);
	return 0;
}

int commit_one(struct run *t, uint32_t i, enum way w, bool dry, const char **ret_lost,
	       struct error *err)
{
	enum verdict v = LOST;
	struct seen seen;

	*ret_lost = NULL;
	if (do_task(t, i, w, dry, &v, &seen, err) < 0)
		return -1;
	if (v == LOST || v == RACED)
		*ret_lost = what_stands_there(&t->tasks.list.v[i], v, &seen);
	return v == DO;
}

/* What stands at the path is there for another task to take away. */
static bool belongs_to_other(const struct run *t, const struct task *k,
			     const struct seen *s)
{
	uint32_t first, n = tasks_at(&t->tasks, k->path, &first);

	for (uint32_t i = 0; i < n; i++) {
		const struct task *o = &t->tasks.list.v[t->tasks.by_path[first + i]];

		if (o != k && (look_is(s, &o->old.id) || look_is(s, &o->new.id)))
			return true;
	}
	return false;
}

int commit_look(struct run *t, enum way w, struct strlist *ret_lost, struct error *err)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];
		enum verdict v = LOST;
		struct seen seen;

		if (do_task(t, i, w, true, &v, &seen, err) < 0)
			return -1;
		if (v == LOST && !belongs_to_other(t, k, &seen)) {
			cleanup_free char *shown = quoted(k->path);

			strlist_take(ret_lost, xasprintf("'/%s' %s", shown,
							 what_stands_there(k, v, &seen)));
		}
	}
	return 0;
}
