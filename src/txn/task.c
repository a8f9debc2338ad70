/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "txn/look.h"
#include "txn/run.h"

void tasks_release(struct tasks *t)
{
	array_release(&t->list);
	arena_release(&t->mem);
	free(t->by_path);
	memset(t, 0, sizeof(*t));
}

const char *task_slot(uint32_t number, const char *suffix, char buf[SLOT_NAME_MAX])
{
	snprintf(buf, SLOT_NAME_MAX, "%u%s", number, suffix);
	return buf;
}

/* --- from a plan ---------------------------------------------------------------------------------- */

bool task_path_is_area(const char *path)
{
	size_t n = strlen(AREA_DIR);

	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncmp(p, AREA_DIR, n) && (!p[n] || p[n] == '/'))
			return true;
	}
	return false;
}

/* --- from a root ----------------------------------------------------------------------------------- */

static bool is_path(const char *path)
{
	return path_is_canonical(path) && strlen(path) < 1 << 16 &&
	       !task_path_is_area(path);
}

/* path2 lies in the same directory as path. */
static bool is_beside(const char *path, const char *path2)
{
	const char *a = strrchr(path, '/'), *b = strrchr(path2, '/');
	size_t n = a ? (size_t)(a - path) : 0, m = b ? (size_t)(b - path2) : 0;

	return n == m && !strncmp(path, path2, n) && strcmp(path, path2);
}

static bool is_object(const struct object *o, bool there)
{
	return object_is_there(o) == there &&
	       (!there || ftype_of_mode(o->attr.mode) != FT_NONE);
}

bool task_is_sound(const struct task *k)
{
	if (!is_path(k->path) || (!*k->path && k->kind != OP_ATTR) ||
	    (k->kind == OP_MOVE) != (k->path2 != NULL) ||
	    !is_object(&k->old, k->kind != OP_CREATE) ||
	    !is_object(&k->new, k->kind != OP_REMOVE))
		return false;
	if (k->path2 && (!is_path(k->path2) || !is_beside(k->path, k->path2)))
		return false;
	if (k->kind != OP_ATTR && k->kind != OP_MOVE)
		return true;
	return identity_is_same(&k->old.id, &k->new.id) &&
	       !((k->old.attr.mode ^ k->new.attr.mode) & S_IFMT);
}

bool task_is_consumed(const struct task *k)
{
	return k->kind == OP_CREATE && !strcmp(k->path, RELABEL_FILE);
}

/* NULL: the task is about something else. */
static const struct object *log_of(const struct task *k)
{
	static const char *const names[] = {"history.sqlite-wal",
					    "transaction_history.sqlite-wal"};
	const struct object *o = k->kind == OP_REMOVE ? &k->old : &k->new;
	const char *slash = strrchr(k->path, '/'), *base = slash ? slash + 1 : k->path;
	bool named = false;

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		named |= !strcmp(base, names[i]);
	return named && (k->kind == OP_REMOVE || k->kind == OP_CREATE) &&
			       S_ISREG(o->attr.mode)
		       ? o
		       : NULL;
}

bool task_is_log(const struct task *k)
{
	return log_of(k);
}

bool task_is_idle_log(const struct task *k)
{
	const struct object *o = log_of(k);

	return o && !o->size;
}

bool task_has_idle_log(const struct task *k, const struct seen *s)
{
	return log_of(k) && s->there && !s->foreign && S_ISREG(s->st.stx_mode) &&
	       !s->st.stx_size;
}

/* --- where a plan's ops lie -------------------------------------------------------------------------- */

/* The directory itself may be the top of a file system: its attributes can be set, no more. */
static int place_directory(struct root *r, const struct op *op, struct areas *areas,
			   struct task *t, struct error *err)
{
	cleanup_free char *shown = NULL;
	uint32_t own;

	if (areas_of(r, areas, op->path, true, &own, err) < 0)
		return -1;
	if (own == t->area)
		return 0;
	if (op->kind == OP_ATTR) {
		t->area = own;
		return 0;
	}
	shown = quoted(op->path);
	return err_set(
		err, ERR_REFUSED,
		"'/%s' is the top of a mounted file system and cannot be replaced; unmount "
		"it, or leave its package out",
		shown);
}

void task_of_op(const struct op *op, struct task *t)
{
	t->kind = op->kind;
	t->reason = op->reason;
	t->strips = op->strips;
	t->path = op->path;
	t->path2 = op->kind == OP_MOVE ? op->path2 : NULL;
	if (op->kind != OP_CREATE) {
		t->old.id = op->old_id;
		t->old.attr = op->old;
		t->old.size = op->old_size;
		t->old.ctime_ns = op->old_ctime_ns;
	}
	if (op->kind != OP_REMOVE && op->kind != OP_MOVE) {
		t->new.attr = op->new;
		t->new.size = op->size;
	}
	if (op->kind == OP_ATTR || op->kind == OP_MOVE) {
		t->new.id = op->old_id;
		t->new.size = op->old_size;
	}
	if (op->kind == OP_MOVE)
		t->new.attr = op->old;
}

static int from_op(struct root *r, const struct op *op, struct areas *areas,
		   struct task *t, const char *last_dir, uint32_t last_area,
		   struct error *err)
{
	const char *slash = strrchr(op->path, '/');
	size_t n = slash ? (size_t)(slash - op->path) : 0;

	task_of_op(op, t);
	/* neighbours share their directory, and so their area */
	if (last_dir && slash && !strncmp(last_dir, op->path, n) && last_dir[n] == '/' &&
	    !strchr(last_dir + n + 1, '/'))
		t->area = last_area;
	else if (areas_of(r, areas, op->path, false, &t->area, err) < 0)
		return -1;
	if (op->kind != OP_CREATE && object_is_dir(&t->old))
		return place_directory(r, op, areas, t, err);
	return 0;
}

int tasks_plan(struct root *r, const struct plan *plan, struct tasks *ret,
	       struct areas *areas, struct error *err)
{
	const char *last_dir = NULL;
	uint32_t last_area = 0;

	array_reserve(&ret->list, plan->ops.n + 8);
	for (uint32_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.v[i];
		struct task *t;

		if (!path_is_canonical(op->path) ||
		    (op->path2 && !path_is_canonical(op->path2)))
			BUG("op %u has a path that is not canonical", i);
		if (task_path_is_area(op->path) || (!*op->path && op->kind != OP_ATTR)) {
			cleanup_free char *shown = quoted(op->path);

			return err_set(err, ERR_REFUSED,
				       "a package owns '/%s', which is not to be "
				       "touched; leave it out",
				       shown);
		}
		t = array_push(&ret->list);
		if (from_op(r, op, areas, t, last_dir, last_area, err) < 0)
			return -1;
		/* a directory that is a task itself may lie elsewhere than its neighbours */
		last_dir = object_is_dir(&t->old) ? NULL : t->path;
		last_area = t->area;
	}
	return 0;
}

/* The plan knows no inode number of it either. */
static bool is_as_planned(const struct object *o, const struct statx *st)
{
	return !((st->stx_mode ^ o->attr.mode) & S_IFMT) &&
	       (S_ISDIR(st->stx_mode) || (st->stx_size == o->size &&
					  root_ns(&st->stx_mtime) == o->attr.mtime_ns)) &&
	       (!o->ctime_ns || root_ns(&st->stx_ctime) == o->ctime_ns);
}

int tasks_adopt(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		struct task *k = &t->tasks.list.v[i];
		const struct area *a = &t->areas.v[k->area];
		struct seen s;

		if (!a->weak || !object_is_there(&k->old))
			continue;
		if (look_path(t->root, a, k->path, &s) < 0)
			return err_errno(err, "cannot look at '/%s' in the root",
					 k->path);
		if (!s.there || !is_as_planned(&k->old, &s.st)) {
			cleanup_free char *shown = quoted(k->path);

			return err_set(
				err, ERR_FAILED,
				"the root changed since the plan was made: '/%s' was replaced",
				shown);
		}
		k->old.id = s.id;
		if (k->kind == OP_ATTR || k->kind == OP_MOVE)
			k->new.id = s.id;
	}
	return 0;
}

/* --- by path ---------------------------------------------------------------------------------------- */

static int cmp_by_path(const void *a, const void *b, void *ctx)
{
	const struct tasks *t = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int rc = strcmp(t->list.v[x].path, t->list.v[y].path);

	return rc ? rc : x < y ? -1 : x > y;
}

void tasks_index(struct tasks *t)
{
	free(t->by_path);
	t->by_path = xcalloc(t->list.n + 1, sizeof(*t->by_path));
	for (uint32_t i = 0; i < t->list.n; i++)
		t->by_path[i] = i;
	if (t->list.n)
		qsort_r(t->by_path, t->list.n, sizeof(*t->by_path), cmp_by_path, t);
}

uint32_t tasks_at(const struct tasks *t, const char *path, uint32_t *ret_first)
{
	uint32_t low = 0, high = t->list.n, n = 0;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (strcmp(t->list.v[t->by_path[mid]].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_first = low;
	while (low + n < t->list.n && !strcmp(t->list.v[t->by_path[low + n]].path, path))
		n++;
	return n;
}

bool tasks_touch_above(const struct tasks *t, const char *path)
{
	cleanup_free char *dir = path_parent(path);

	for (;;) {
		uint32_t first, n = tasks_at(t, dir, &first);
		char *above;

		for (uint32_t i = 0; i < n; i++)
			if (t->list.v[t->by_path[first + i]].kind != OP_ATTR)
				return true;
		if (!*dir)
			return false;
		above = path_parent(dir);
		free(dir);
		dir = above;
	}
}
