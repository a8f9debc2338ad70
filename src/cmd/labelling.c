/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What SELinux wants of the files that come, or how the machine gets to it by itself. */
#include "config.h"

#include "cmd/prepare.h"
#include "rpm/labels.h"

/* A file system that files come to and that keeps no labels, though the machine would have some there. */
static const struct mount *without_labels(const struct plan *plan)
{
	const struct op *op;

	array_foreach(op, &plan->ops) {
		const struct mount *m = &plan->mounts->v[op->mount];

		if (op_makes(op) && m->no_labels && mount_keeps_attributes(m))
			return m;
	}
	return NULL;
}

/* The label of each op that makes something. -1: why there are none. */
static int look_up(struct prepared *p, const char *type, struct error *err)
{
	struct plan *plan = &p->plan;
	cleanup_free struct labels_question *q = xcalloc(plan->ops.n + 1, sizeof(*q));
	cleanup_free const char **labels = xcalloc(plan->ops.n + 1, sizeof(*labels));
	uint32_t n = 0;
	struct op *op;

	array_foreach(op, &plan->ops)
		if (op_makes(op))
			q[n++] = (struct labels_question){op->path, op->new.mode};
	if (labels_look_up(p->root, type, q, n, &plan->mem, labels, err) < 0)
		return -1;
	n = 0;
	array_foreach(op, &plan->ops)
		if (op_makes(op))
			op->label = labels[n++];
	return 0;
}

static bool makes_anything(const struct plan *plan)
{
	const struct op *op;

	array_foreach(op, &plan->ops)
		if (op_makes(op))
			return true;
	return false;
}

static void relabel(struct prepared *p, enum severity severity, const char *why)
{
	struct statx st;
	bool there = root_statx(p->root, RELABEL_FILE, STATX_TYPE, &st) == 0;

	plan_relabel(&p->plan, there);
	problems_add(&p->plan.problems, PROBLEM_LABELS, severity, "/" RELABEL_FILE,
		     "%s; '/" RELABEL_FILE "' %s the machine label all of its files for SELinux "
		     "when it boots, which takes a while, and boot once more",
		     why, there ? "is there already and makes" : "makes");
}

void labelling(struct session *s, struct prepared *p)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *type = NULL, *why = NULL;
	const struct mount *m;

	if (!makes_anything(&p->plan))
		return;
	if (labels_wanted(p->root, &type)) {
		m = without_labels(&p->plan);
		if (look_up(p, type, &err) < 0) {
			why = xasprintf("files that come get no SELinux labels: %s",
					err.msg);
		} else if (m) {
			cleanup_free char *shown = quoted(m->path);

			why = xasprintf("the file system at '/%s' takes no SELinux labels "
					"from this rescue system",
					shown);
		}
	}
	if (why)
		relabel(p, SEV_WARNING, why);
	else if (s->o->autorelabel)
		relabel(p, SEV_NOTE, "as --autorelabel says");
}
