/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_TASK_H
#define PUTBACK_TXN_TASK_H
/*
 * A task: one op as the journal keeps it, with all that is needed to do it, to tell whether it is
 * done, and to take it back. Tasks have the numbers of the plan's ops; those that exchange other
 * files (txn/others.h), and then the rpmdb, follow them.
 *
 *	kind     before             after
 *	SWAP     path old, slot new   path new, slot old
 *	CREATE   slot new             path new
 *	REMOVE   path old             slot old
 *	MOVE     path old             path2 old
 *	ATTR     path with old.attr   path with new.attr
 *
 * Of the last two, old and new are the same object.
 */
#include "core/plan.h"
#include "txn/area.h"

enum way { FORWARD, BACKWARD };
static inline enum way way_back(enum way w)
{
	return w == FORWARD ? BACKWARD : FORWARD;
}

struct object {
	struct identity id; /* ino 0: there is none */
	struct attr attr;
	uint64_t size;
	int64_t ctime_ns; /* when it was last in its place; 0: not known */
};

struct task {
	enum op_kind kind;
	enum op_reason reason;
	bool strips; /* op.strips */
	bool db; /* belongs to the rpmdb, whose content is compared by digest */
	const char *path, *path2;
	uint32_t area;
	uint32_t number; /* of its slot, where it is not its index: see struct tasks */
	struct object old, new;
};

struct tasks {
	struct arena mem;
	ARRAY(struct task) list;
	uint32_t *by_path; /* indices sorted by path, see tasks_index() */
	bool numbered;	   /* some are missing: each has its number */
};
void tasks_release(struct tasks *t);

/*
 * Tasks of a plan's ops, each with its area (which areas_of() adds where it is new). Strings are the
 * plan's. ERR_REFUSED for an op on what is no business of the plan (`.putback`) or cannot be renamed
 * (the top of a mounted file system).
 */
_must_check_ int tasks_plan(struct root *r, const struct plan *plan, struct tasks *ret,
			    struct areas *areas, struct error *err);
/*
 * Whether a task that was read from a root can be a transaction's: canonical paths outside the areas,
 * and the sides that its kind has. What passes can only act beneath the root.
 */
bool task_is_sound(const struct task *k);
/* /.autorelabel, which the machine removes when it has done what it says: it need not be there. */
bool task_is_consumed(const struct task *k);
/*
 * A log of SQLite's beside dnf's history that comes or goes: whoever opens the database takes it away once it is in
 * the main file, so that its absence says nothing. One with nothing in it says nothing at all: it may be made, too.
 * Whether the task's own is such a one, and whether what is seen in its place is.
 */
struct seen;
bool task_is_log(const struct task *k);
bool task_is_idle_log(const struct task *k);
bool task_has_idle_log(const struct task *k, const struct seen *s);
/* One op without its area. */
void task_of_op(const struct op *op, struct task *ret);
/*
 * Where inode numbers do not last, objects are known by their content: replaces what the plan saw.
 * The areas are open. ERR_FAILED for an object that is not the plan's any more.
 */
struct run;
_must_check_ int tasks_adopt(struct run *t, struct error *err);
/* Whether some component of a canonical path is ".putback". */
bool task_path_is_area(const char *path);
/* Sorts by path, for the look-up below. Again after tasks were added. */
void tasks_index(struct tasks *t);
/* Tasks on a path: indices by_path[*ret_first .. + number) */
uint32_t tasks_at(const struct tasks *t, const char *path, uint32_t *ret_first);
/* Whether some task makes, removes or exchanges a directory above path. */
bool tasks_touch_above(const struct tasks *t, const char *path);

/* What stands at the path, and what in the slot, before the task is done that way. */
static inline const struct object *task_here(const struct task *t, enum way w)
{
	return w == FORWARD ? &t->old : &t->new;
}
static inline const struct object *task_there(const struct task *t, enum way w)
{
	return task_here(t, way_back(w));
}
static inline bool object_is_there(const struct object *o)
{
	return o->id.ino != 0;
}
static inline bool object_is_dir(const struct object *o)
{
	return (o->attr.mode & 0170000) == 0040000;
}
/* Where the object is that task_here() names: MOVE backwards finds it at path2. */
static inline const char *task_place(const struct task *t, enum way w)
{
	return t->kind == OP_MOVE && w == BACKWARD ? t->path2 : t->path;
}
/* Slots are named by the task's number; suffix: "", ".old" or ".kept". */
#define SLOT_NAME_MAX 24
const char *task_slot(uint32_t number, const char *suffix, char buf[SLOT_NAME_MAX]);

#endif
