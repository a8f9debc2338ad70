/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/strip.h"

#include <errno.h>

#include "base/failpoint.h"
#include "txn/attr.h"
#include "txn/look.h"
#include "txn/swap.h"

static bool is_privileged(const struct object *o)
{
	return object_is_there(o) && attr_is_privileged(&o->attr);
}

/* Slots that hold the object: of hard links each task has one. */
static uint32_t slots_with(const struct run *t, const struct task *like, enum way w)
{
	const struct identity *id = &task_here(like, w)->id;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];

		n += k->area == like->area && k->kind != OP_MOVE && k->kind != OP_ATTR &&
		     identity_is_same(&task_here(k, w)->id, id);
	}
	return n;
}

/* Of what has gone into its slot. */
static int take(struct run *t, uint32_t i, enum way w)
{
	const struct task *k = &t->tasks.list.v[i];
	const struct object *o = task_here(k, w);
	struct attr plain = attr_unprivileged(&o->attr);
	char buf[SLOT_NAME_MAX];
	struct spot at;
	struct seen s;

	/* what the plan knew of the old one, nobody can know of what came since: all its names are ours */
	if (!is_privileged(o) || (w == FORWARD && !k->strips))
		return 0;
	at = swap_slot(t, i, "", buf);
	if (look_name(&t->areas.v[k->area], at.dir, at.name, &s) < 0)
		return -1;
	if (!look_is(&s, &o->id) || s.st.stx_nlink <= slots_with(t, k, w))
		return 0;
	if (attr_change_privileges(&t->areas.v[k->area], at.dir, at.name, &o->id,
				   &plain) < 0)
		return -1;
	return FAILPOINT("stripped") ? -1 : 0;
}

/* To what has come to its path. */
static int give(struct run *t, uint32_t i, enum way w)
{
	const struct task *k = &t->tasks.list.v[i];
	const struct object *o = task_there(k, w);
	struct seen s;
	struct spot at;

	if (!is_privileged(o))
		return 0;
	if (look_path(t->root, &t->areas.v[k->area], k->path, &s) < 0)
		return -1;
	if (!look_is(&s, &o->id))
		return 0;
	at = swap_path(t, k->path);
	if (at.dir < 0 || attr_change_privileges(&t->areas.v[k->area], at.dir, at.name,
						 &o->id, &o->attr) < 0)
		return -1;
	return FAILPOINT("unstripped") ? -1 : 0;
}

int strip_run(struct run *t, enum way w, struct error *err)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];
		const struct area *a = &t->areas.v[k->area];
		cleanup_free char *shown = NULL;
		int saved;

		if (k->db || k->kind == OP_ATTR || k->kind == OP_MOVE || a->fd < 0 ||
		    a->weak || a->plain || (take(t, i, w) == 0 && give(t, i, w) == 0))
			continue;
		saved = errno;
		shown = quoted(k->path);
		errno = saved;
		return err_errno(err, "cannot set who '/%s' runs as", shown);
	}
	return 0;
}
