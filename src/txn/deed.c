/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/deed.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mutant.h"
#include "txn/attr.h"
#include "txn/inside.h"
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

/* how: "stood at" */
static void warn_kept(const struct deed *d, const char *how, const char *slot)
{
	cleanup_free char *shown = quoted(d->k->path);
	cleanup_free char *top = path_join(d->area->top, AREA_DIR);

	run_warn(d->run, "what %s '/%s' is kept as '/%s/%lld/%s'", how, shown, top,
		 (long long)d->run->id, slot);
}

/* Makes room at the path. */
static int put_aside(const struct deed *d)
{
	char name[SLOT_NAME_MAX];

	d->run->kept_aside =
		true; /* a rename that is reported as failed may have been done */
	if (swap_aside(d->run, d->i, swap_path(d->run, d->k->path), name) < 0 ||
	    FAILPOINT("commit-aside"))
		return -1;
	if (is_dir_or_link(&d->path))
		root_forget(d->run->root);
	if (!d->k->db && !task_has_idle_log(d->k, &d->path))
		warn_kept(d, "stood at", name);
	return 0;
}

/*
 * Whoever kept something aside was cut short before he put anything in its place, and now it goes the other way: what
 * stood there returns. What an earlier undo kept stays where it is. 1: it does; 0: nothing is aside.
 */
static int return_aside(const struct deed *d)
{
	char buf[SLOT_NAME_MAX];
	cleanup_free char *shown = NULL;
	struct spot aside;

	if (d->way == BACKWARD || !d->run->turned || !d->run->kept_aside ||
	    d->path.there || !swap_last_aside(d->run, d->i, &aside, buf))
		return 0;
	if (d->dry)
		return 1;
	if (settle(d, swap_move(aside, swap_path(d->run, d->k->path))) < 0 ||
	    FAILPOINT("commit-returned"))
		return -1;
	root_forget(d->run->root);
	shown = quoted(d->k->path);
	run_warn(d->run, "what stood at '/%s' before is there again", shown);
	return 1;
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

static int exchange(const struct deed *d, const struct object *other,
		    enum deed_verdict *ret)
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
	*ret = DEED_RACED;
	return swap_both(d);
}

static int do_swap(const struct deed *d, enum deed_verdict *ret)
{
	const struct object *want = task_there(d->k, d->way),
			    *other = task_here(d->k, d->way);
	struct seen slot, old = {0};
	int rc = 0;

	*ret = DEED_DO;
	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (MUTANT("recover-blind") && d->path.there && slot.there) {
		rc = d->dry ? 0 : swap_both(d);
		goto out;
	}
	if (look_is(&d->path, &want->id) && slot.there) {
		*ret = DEED_DONE;
		return 0;
	}
	if (look_is(&d->path, &other->id) && look_is(&slot, &want->id)) {
		rc = d->force ? 0 : inside_is_filled(d->run, d->k, other, d->dry);
		if (rc > 0) {
			*ret = DEED_FILLED;
			return 0;
		}
		if (rc == 0 && !d->dry)
			rc = exchange(d, other, ret);
		goto out;
	}
	if (look_slot(d, ".old", &old) < 0)
		return -1;
	if (look_is(&d->path, &want->id)) {
		*ret = look_is(&old, &other->id) ? DEED_DO : DEED_DONE;
		rc = *ret == DEED_DONE || d->dry ? 0 : between_slots(d, ".old", "");
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
		*ret = d->run->turned && look_is(&slot, &other->id) ? DEED_DONE
								    : DEED_LOST;
		rc = *ret == DEED_DONE ? return_aside(d) : 0;
		if (rc > 0)
			*ret = DEED_DO;
		return MIN(rc, 0);
	}
out:
	if (!d->dry && *ret == DEED_DO) {
		forget_dirs(d, want);
		forget_dirs(d, other);
	}
	return rc ? -1 : 0;
}

/* --- one rename --------------------------------------------------------------------------------------- */

/* The object comes from its slot to the path: CREATE forwards, REMOVE backwards. */
static int do_bring(const struct deed *d, const struct object *o, enum deed_verdict *ret)
{
	bool room = !d->path.there || d->force || task_has_idle_log(d->k, &d->path);
	struct seen slot;
	int rc = 0;

	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (look_is(&d->path, &o->id)) {
		*ret = DEED_DONE;
		return 0;
	}
	if (!look_is(&slot, &o->id) || !room) {
		*ret = !slot.there && (d->run->turned || task_is_consumed(d->k) ||
				       task_is_idle_log(d->k))
			       ? DEED_DONE
			       : DEED_LOST;
		rc = *ret == DEED_DONE ? return_aside(d) : 0;
		if (rc > 0)
			*ret = DEED_DO;
		return MIN(rc, 0);
	}
	*ret = DEED_DO;
	if (!d->dry) {
		rc = (d->path.there && put_aside(d) < 0) || out_of_slot(d, "") < 0;
		forget_dirs(d, o);
	}
	return rc ? -1 : 0;
}

/* A directory that something came into stays for it, as rpm leaves one that is not empty; a forced undo takes
 * both. 1: it stays */
static int stays(const struct deed *d, const struct object *o)
{
	int filled = inside_is_filled(d->run, d->k, o, false);
	cleanup_free char *shown = quoted(d->k->path);
	char name[SLOT_NAME_MAX];

	if (filled <= 0)
		return filled;
	if (d->force && !d->run->turned) {
		warn_kept(d, "came into", swap_slot(d->run, d->i, "", name).name);
		return 0;
	}
	run_warn(d->run, "'/%s' was to go, and stays: something came into it", shown);
	return 1;
}

static int take(const struct deed *d, const struct object *o, enum deed_verdict *ret)
{
	struct seen slot;
	int rc = stays(d, o);

	if (rc > 0)
		*ret = DEED_DONE;
	if (rc || into_slot(d, "") < 0)
		return rc > 0 ? 0 : -1;
	if (d->area->weak)
		return 0;
	if (look_slot(d, "", &slot) < 0)
		return -1;
	if (look_is(&slot, &o->id))
		return 0;
	*ret = DEED_RACED;
	return out_of_slot(d, "");
}

/* The object goes from the path to its slot: REMOVE forwards, CREATE backwards. */
static int do_take(const struct deed *d, const struct object *o, enum deed_verdict *ret)
{
	bool idle = task_is_idle_log(d->k);
	struct seen slot;
	int rc = 0;

	if (look_slot(d, "", &slot) < 0)
		return -1;
	*ret = DEED_DO;
	if (look_is(&d->path, &o->id) && !slot.there)
		rc = d->dry ? 0 : take(d, o, ret);
	else if (look_is(&slot, &o->id) ||
		 (!d->path.there && (d->force || idle || d->k->kind == OP_CREATE))) {
		/* whatever else stands at the path is another task's */
		rc = return_aside(d);
		if (rc <= 0) {
			*ret = DEED_DONE;
			return rc;
		}
		rc = 0;
	} else if (d->force || (idle && task_has_idle_log(d->k, &d->path)))
		rc = d->dry ? 0 : put_aside(d);
	else
		*ret = DEED_LOST;
	if (!d->dry && *ret == DEED_DO)
		forget_dirs(d, o);
	return rc;
}

/* Between path and path2. */
static int do_move(const struct deed *d, enum deed_verdict *ret)
{
	const struct object *o = &d->k->old;
	bool back = d->way == BACKWARD;
	struct seen path2;
	int rc = 0;

	if (look_path(d->run->root, d->area, d->k->path2, &path2) < 0)
		return -1;
	if (!path2.there && path2.foreign) {
		*ret = DEED_LOST;
		return 0;
	}
	*ret = DEED_DO;
	if (look_is(back ? &d->path : &path2, &o->id)) {
		*ret = DEED_DONE;
	} else if (!look_is(back ? &path2 : &d->path, &o->id)) {
		*ret = back && d->force ? DEED_DONE : DEED_LOST;
	} else if (back ? d->path.there && !d->force : path2.there) {
		*ret = DEED_LOST;
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

static int do_attr(const struct deed *d, enum deed_verdict *ret)
{
	const struct attr *want = d->way == FORWARD ? &d->k->new.attr : &d->k->old.attr;
	bool same = look_is_still(d->area, &d->path, &d->k->old.id);
	struct spot s;

	if (!same || (d->path.st.stx_mode ^ want->mode) & S_IFMT) {
		*ret = d->force || d->run->turned ? DEED_DONE : DEED_LOST;
		return 0;
	}
	*ret = DEED_DO;
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

int deed_do(struct run *t, uint32_t i, enum way w, bool dry, enum deed_verdict *ret,
	    struct seen *ret_path, struct error *err)
{
	const struct task *k = &t->tasks.list.v[i];
	struct deed d = {.run = t, .k = k, .i = i, .way = w, .dry = dry};
	int rc = -1;

	d.area = &t->areas.v[k->area];
	d.force = w == BACKWARD && (t->forced || k->db);
	rc = look_path(t->root, d.area, k->path, &d.path);
	if (rc == 0 && !d.path.there && d.path.foreign)
		*ret = DEED_LOST;
	else if (rc == 0)
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

const char *deed_what_stands_there(const struct task *k, enum deed_verdict v,
				   const struct seen *s)
{
	if (v == DEED_RACED)
		return "was replaced at this very moment";
	if (v == DEED_FILLED)
		return "is to go, but something came into it: move that out first";
	if (s->foreign)
		return "is hidden by a mount";
	if (!s->there)
		return "is not there, and its other half is not in the area";
	if (look_is(s, &k->old.id) || look_is(s, &k->new.id))
		return "is there, but its other half is not in the area";
	return "is neither the old nor the new one";
}
