/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "core/plan.h"

/* Where it belongs among those that bring something; -1: an op is there already. */
static int64_t place(const struct plan *p)
{
	uint32_t i = p->ops.n;

	for (uint32_t k = 0; k < p->ops.n; k++)
		if (strcmp(p->ops.v[k].path, RELABEL_FILE) == 0)
			return -1;
	while (i && p->ops.v[i - 1].kind != OP_REMOVE && p->ops.v[i - 1].kind != OP_MOVE &&
	       path_cmp(p->ops.v[i - 1].path, RELABEL_FILE) > 0)
		i--;
	return i;
}

void plan_relabel(struct plan *p, bool is_there)
{
	struct op new = {.kind = OP_CREATE,
			 .reason = WHY_RELABEL,
			 .path = RELABEL_FILE,
			 .new.mode = S_IFREG | 0644,
			 .change = NO_INDEX,
			 .file = NO_INDEX,
			 .link_leader = NO_INDEX};
	int64_t at = place(p);
	struct op *op;

	p->relabels = true;
	if (at < 0 || is_there)
		return;
	new.mount = mounts_of_path(p->mounts, RELABEL_FILE);
	array_foreach(op, &p->ops) {
		/* no clock: a plan that is made again is the same */
		if (op_makes(op))
			new.new.mtime_ns = MAX(new.new.mtime_ns, op->new.mtime_ns);
		if (op->link_leader != NO_INDEX && op->link_leader >= at)
			op->link_leader++;
	}
	(void)array_push(&p->ops);
	memmove(&p->ops.v[at + 1], &p->ops.v[at],
		(size_t)(p->ops.n - 1 - at) * sizeof(*p->ops.v));
	p->ops.v[at] = new;
}
