/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/commit.h"

#include <errno.h>

#include "txn/deed.h"

/* Task number at position n of the execution. */
static uint32_t in_order(const struct run *t, enum way w, uint32_t n)
{
	return w == FORWARD ? n : t->tasks.list.n - 1 - n;
}

/* What could not be lifted on the way did not move: on the way back nothing hangs on it. */
static int lift(struct run *t, struct error *err)
{
	struct error why = ERROR_INIT;

	if (pins_lift(t, &why) == 0)
		return 0;
	if (!t->turned) {
		err_move(err, &why);
		return -1;
	}
	err_release(&why);
	return 0;
}

/* Marks that came since the plan was made are no pins of the transaction. */
static int name_marks(struct error *err)
{
	cleanup_free char *why = NULL;

	if (!err || err->sys != EPERM)
		return -1;
	why = steal_ptr(err->msg);
	err_set(err, err->kind,
		"%s; see lsattr(1) for what is fixed there, and chattr -ia", why);
	err->sys = EPERM;
	return -1;
}

int commit_run(struct run *t, enum way w, enum phase phase, struct error *err)
{
	if (lift(t, err) < 0)
		return -1;
	for (uint32_t n = 0; n < t->tasks.list.n; n++) {
		uint32_t i = in_order(t, w, n);
		enum deed_verdict v = DEED_LOST;
		struct seen seen;

		if (deed_do(t, i, w, false, &v, &seen, err) < 0)
			return name_marks(err);
		if (deed_is_in_vain(v)) {
			const struct task *k = &t->tasks.list.v[i];
			cleanup_free char *shown = quoted(k->path);

			return err_set(err, ERR_FAILED, "'/%s' %s", shown,
				       deed_what_stands_there(k, v, &seen));
		}
		if (n % 256 == 0)
			observer_progress(t->observer, phase, n, t->tasks.list.n, false,
					  n);
	}
	observer_progress(t->observer, phase, t->tasks.list.n, t->tasks.list.n, false,
			  t->tasks.list.n);
	return 0;
}

int commit_one(struct run *t, uint32_t i, enum way w, const char **ret_lost,
	       struct error *err)
{
	enum deed_verdict v = DEED_LOST;
	struct seen seen;

	*ret_lost = NULL;
	if (deed_do(t, i, w, false, &v, &seen, err) < 0)
		return -1;
	if (deed_is_in_vain(v))
		*ret_lost = deed_what_stands_there(&t->tasks.list.v[i], v, &seen);
	return v == DEED_DO;
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

/* Whether the object that is to leave the path is that of the task no more, but for its identity. */
static bool is_edited(const struct run *t, const struct task *k, enum way w,
		      const struct seen *s)
{
	const struct object *o = task_here(k, w);

	return k->kind != OP_ATTR && k->kind != OP_MOVE && !k->db && !task_is_log(k) &&
	       !t->areas.v[k->area].plain && object_is_there(o) &&
	       S_ISREG(o->attr.mode) && look_is(s, &o->id) && o->size &&
	       (s->st.stx_size != o->size ||
		root_ns(&s->st.stx_mtime) != o->attr.mtime_ns);
}

int commit_look(struct run *t, enum way w, struct strlist *ret_lost,
		struct strlist *ret_edited, struct error *err)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];
		cleanup_free char *shown = NULL;
		enum deed_verdict v = DEED_LOST;
		struct seen seen;

		if (deed_do(t, i, w, true, &v, &seen, err) < 0)
			return -1;
		shown = quoted(k->path);
		if (v == DEED_FILLED ||
		    (v == DEED_LOST && !belongs_to_other(t, k, &seen)))
			strlist_take(ret_lost,
				     xasprintf("'/%s' %s", shown,
					       deed_what_stands_there(k, v, &seen)));
		else if (v == DEED_DO && is_edited(t, k, w, &seen))
			strlist_take(ret_edited, xasprintf("'/%s' was changed", shown));
	}
	return 0;
}
