/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/path.h"
#include "core/planning.h"

/*
 * A plan for some paths only: what was decided about all others is dropped again, but for what these
 * cannot do without: directories above them, and the other names of a hard-linked file.
 */

static bool is_wanted(const struct strlist *only, const char *path)
{
	for (uint32_t i = 0; i < only->n; i++)
		if (path_is_beneath(path, only->v[i]))
			return true;
	return false;
}

static bool takes_away(const struct step *s)
{
	return s->act == ACT_REMOVE || s->act == ACT_MOVE;
}

/* Names of one inode are put back together, or they would be two. */
static void keep_links(const struct planning *g, bool *keep)
{
	uint32_t n = g->layout->slots.n;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t leader = g->steps[i].link_leader;

		if (leader != NO_INDEX && keep[i])
			keep[leader] = true;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t leader = g->steps[i].link_leader;

		if (leader != NO_INDEX && keep[leader])
			keep[i] = true;
	}
}

/* What has to be there, or to be another thing, before a path beneath it can be. */
static void keep_above(const struct planning *g, bool *keep)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		cleanup_free char *dir = NULL;

		if (!keep[i] || g->steps[i].act == ACT_NONE)
			continue;
		dir = xstrdup(g->layout->slots.v[i].path);
		while (*dir) {
			char *up = path_parent(dir);
			const struct slot *s = layout_find(g->layout, up);

			free(dir);
			dir = up;
			if (s && g->steps[s - g->layout->slots.v].act != ACT_ATTR)
				keep[s - g->layout->slots.v] = true;
		}
	}
}

static void drop_step(struct step *s)
{
	*s = (struct step){.want = NO_INDEX,
			   .old = NO_INDEX,
			   .link_leader = NO_INDEX,
			   .content = NO_INDEX};
}

static void drop_extras(struct planning *g, const bool *keep)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < g->extras.n; i++)
		if (keep[g->extras.v[i].slot])
			g->extras.v[kept++] = g->extras.v[i];
	g->extras.n = kept;
}

static void drop_decisions(struct plan *plan, const struct strlist *only)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < plan->decisions.n; i++)
		if (is_wanted(only, plan->decisions.v[i].path))
			plan->decisions.v[kept++] = plan->decisions.v[i];
	plan->decisions.n = kept;
}

/* Of problems, those that speak of another path. */
static void drop_problems(const struct planning *g, const bool *keep)
{
	struct problems kept = {0};

	for (uint32_t i = 0; i < g->plan->problems.list.n; i++) {
		const struct problem *p = &g->plan->problems.list.v[i];
		const char *path =
			p->subject && *p->subject == '/' ? p->subject + 1 : p->subject;
		const struct slot *s = path ? layout_find(g->layout, path) : NULL;

		if (!s || keep[s - g->layout->slots.v])
			problems_add(&kept, p->kind, p->severity, p->subject, "%s",
				     p->text);
	}
	problems_release(&g->plan->problems);
	g->plan->problems = kept;
}

void only_keep(struct planning *g)
{
	const struct strlist *only = g->policy->only;
	uint32_t n = g->layout->slots.n;
	bool *keep = xcalloc(n + 1, sizeof(*keep));

	/* the rpmdb goes on to list what it lists: nothing of that is taken away */
	for (uint32_t i = 0; i < n; i++)
		keep[i] = is_wanted(only, g->layout->slots.v[i].path) &&
			  !takes_away(&g->steps[i]);
	keep_links(g, keep);
	keep_above(g, keep);
	for (uint32_t i = 0; i < n; i++)
		if (!keep[i])
			drop_step(&g->steps[i]);
	drop_extras(g, keep);
	drop_decisions(g->plan, only);
	drop_problems(g, keep);
	array_release(&g->plan->states);
	g->plan->keeps_db = true;
	free(keep);
}
