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

/* One of the packages that change is watched for by name. */
static bool name_fires(const struct planning *g, const struct pkg *p)
{
	for (uint32_t c = 0; p->triggers.n && c < g->changes->list.n; c++) {
		const struct change *x = &g->changes->list.v[c];

		if (strlist_has(&p->triggers, (x->to ? x->to : x->from)->id.name))
			return true;
	}
	return false;
}

/* One of the paths that change lies under a prefix that is watched. */
static bool path_fires(const struct planning *g, const struct pkg *p)
{
	for (uint32_t i = 0; i < p->filetriggers.n; i++) {
		const char *prefix =
			p->filetriggers.v[i] + strspn(p->filetriggers.v[i], "/");
		size_t len = strlen(prefix);
		const struct op *op;

		array_foreach(op, &g->plan->ops)
			if (strncmp(op->path, prefix, len) == 0)
				return true;
	}
	return false;
}

static uint32_t triggers_of(const struct planning *g, const struct pkg *p)
{
	uint32_t fired = 0;

	if ((p->scriptlets & SCRIPT_TRIGGER) && name_fires(g, p))
		fired |= SCRIPT_TRIGGER;
	if ((p->scriptlets & (SCRIPT_FILETRIGGER | SCRIPT_TRANSFILETRIGGER)) &&
	    path_fires(g, p))
		fired |= p->scriptlets & (SCRIPT_FILETRIGGER | SCRIPT_TRANSFILETRIGGER);
	return fired;
}

void scripts_collect(struct planning *g)
{
	for (uint32_t c = 0; c < g->changes->list.n; c++) {
		const struct change *x = &g->changes->list.v[c];

		if (x->to)
			note(g, x->to,
			     (x->to->scriptlets & ON_ARRIVAL) | triggers_of(g, x->to));
		if (x->from)
			note(g, x->from, x->from->scriptlets & ON_LEAVING);
	}
	for (uint32_t k = 0; k < g->staying->n; k++)
		note(g, g->staying->v[k], triggers_of(g, g->staying->v[k]));
}
