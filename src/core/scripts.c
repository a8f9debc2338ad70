/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "core/planning.h"

#define ON_ARRIVAL (SCRIPT_PRETRANS | SCRIPT_PRE | SCRIPT_POST | SCRIPT_POSTTRANS)
#define ON_LEAVING (SCRIPT_PREUN | SCRIPT_POSTUN | SCRIPT_PREUNTRANS | SCRIPT_POSTUNTRANS)

static void note(struct planning *g, const struct pkg *p, uint32_t scriptlets)
{
	struct script_note *n;

	if (!scriptlets)
		return;
	n = array_push(&g->plan->scripts);
	n->package = p->nevra;
	n->scriptlets = scriptlets;
}

static bool is_watched(const struct pkg *p, const struct pkg *other)
{
	return other && strlist_has(&p->triggers, other->id.name);
}

/* A package that changes is watched for by name; for one that comes, any that is there
 * (lib/psm.c: runTriggers(), runImmedTriggers()). */
static bool name_fires(const struct planning *g, const struct pkg *p, bool comes)
{
	for (uint32_t c = 0; p->triggers.n && c < g->changes->list.n; c++)
		if (is_watched(p, g->changes->list.v[c].to) ||
		    is_watched(p, g->changes->list.v[c].from))
			return true;
	for (uint32_t k = 0; comes && p->triggers.n && k < g->staying->n; k++)
		if (is_watched(p, g->staying->v[k]))
			return true;
	return false;
}

static bool has_prefix(const struct pkgfile *f, const char *prefix)
{
	size_t len = strlen(prefix), dir = strlen(f->dir);

	if (dir >= len)
		return strncmp(f->dir, prefix, len) == 0;
	return strncmp(f->dir, prefix, dir) == 0 &&
	       strncmp(f->base, prefix + dir, len - dir) == 0;
}

/* A packaged path that changes has a prefix that is watched. rpm goes by the packaged name too,
 * not by where that leads to; but it does not ask whether anything at the path is another now. */
static bool path_fires(const struct planning *g, const struct pkg *p)
{
	const struct claim *c;

	array_foreach(c, &g->layout->claims) {
		if (c->side == SIDE_STAYING || g->steps[c->slot].act == ACT_NONE)
			continue;
		for (uint32_t i = 0; i < p->filetriggers.n; i++)
			if (has_prefix(planning_file(g, c), p->filetriggers.v[i]))
				return true;
	}
	return false;
}

static uint32_t triggers_of(const struct planning *g, const struct pkg *p, bool comes)
{
	const uint32_t files = SCRIPT_FILETRIGGER | SCRIPT_TRANSFILETRIGGER;
	uint32_t fired = 0;

	if ((p->scriptlets & SCRIPT_TRIGGER) && name_fires(g, p, comes))
		fired |= SCRIPT_TRIGGER;
	/* one that comes looks at all files of the root, and will find some */
	if ((p->scriptlets & files) && (comes || path_fires(g, p)))
		fired |= p->scriptlets & files;
	return fired;
}

void scripts_collect(struct planning *g)
{
	for (uint32_t c = 0; c < g->changes->list.n; c++) {
		const struct change *x = &g->changes->list.v[c];

		if (x->to)
			note(g, x->to,
			     (x->to->scriptlets & ON_ARRIVAL) |
				     triggers_of(g, x->to, true));
		if (x->from && x->kind != CHANGE_CLEAR)
			note(g, x->from, x->from->scriptlets & ON_LEAVING);
	}
	for (uint32_t k = 0; k < g->staying->n; k++)
		note(g, g->staying->v[k], triggers_of(g, g->staying->v[k], false));
}
