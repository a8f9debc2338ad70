/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/root.h"
#include "core/planning.h"

/* The slot of a direct child, or NO_INDEX. */
static uint32_t child_of(const struct planning *g, const char *dir, const char *name)
{
	cleanup_free char *path = path_join(dir, name);
	const struct slot *s = layout_find(g->layout, path);

	return s ? (uint32_t)(s - g->layout->slots.v) : NO_INDEX;
}

/* Whether slot k is away once the removals are done (what an arriving file replaces it with comes
 * later). */
static bool leaves(const struct planning *g, uint32_t k)
{
	const struct step *s = &g->steps[k];

	return s->act == ACT_REMOVE && !s->stays;
}

/*
 * Names in the directory that will not be gone. ret: the first few, comma-separated; returns how
 * many there are.
 */
static uint32_t remaining(const struct planning *g, uint32_t i, struct buf *ret)
{
	const struct slot *s = &g->layout->slots.v[i];
	uint32_t n = 0;

	for (uint32_t e = 0; e < s->entries.n; e++) {
		uint32_t k = child_of(g, s->path, s->entries.v[e]);

		if (k != NO_INDEX && leaves(g, k))
			continue;
		if (n++ < 3) {
			if (ret->n)
				buf_str(ret, ", ");
			buf_quoted(ret, s->entries.v[e]);
		}
	}
	if (n > 3)
		buf_printf(ret, " and %u more", n - 3);
	return n;
}

/* Something beneath the slot is wanted or moves aside there. */
static bool needed(const struct planning *g, uint32_t i)
{
	const char *dir = g->layout->slots.v[i].path;

	/* what lies beneath follows in path_cmp order */
	for (uint32_t k = i + 1; k < g->layout->slots.n; k++) {
		const struct step *s = &g->steps[k];

		if (!path_is_beneath(g->layout->slots.v[k].path, dir))
			break;

		if (s->act == ACT_CREATE || s->act == ACT_MOVE ||
		    s->act == ACT_MOVE_CREATE)
			return true;
		if (s->want != NO_INDEX && s->stays)
			return true;
	}
	return false;
}

/* A directory of the version that goes: removed if it empties out, else kept. */
static void drop_dir(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];
	cleanup_buf struct buf names = {0};

	if (s->fact.type != FT_DIR) {
		step->stays = s->fact.type != FT_NONE;
		return;
	}
	step->stays = true;
	if (needed(g, i))
		return;
	if (remaining(g, i, &names)) {
		cleanup_free char *path = quoted(s->path);

		problems_add(&g->plan->problems, PROBLEM_DIR_KEPT, SEV_NOTE, s->path,
			     "'/%s' stays: not only packaged files are in it (%s)", path,
			     names.s);
		return;
	}
	step->act = ACT_REMOVE;
	step->reason = WHY_EMPTY;
	step->stays = false;
}

/* A directory stands where a file or link shall be: only one that empties out may go. */
static void replace_dir(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	cleanup_buf struct buf names = {0};
	cleanup_free char *path = NULL;

	if (!remaining(g, i, &names))
		return;
	path = quoted(s->path);
	problems_add(
		&g->plan->problems, PROBLEM_UNPACKAGED, SEV_REFUSE, s->path,
		"'/%s' is a directory that must become a %s, but holds what no package put "
		"there (%s); move that away first",
		path,
		ftype_name(ftype_of_mode(
			planning_file(g, &g->layout->claims.v[g->steps[i].want])->mode)),
		names.s);
}

/* Not wanted by name, but a directory must be there (rpm makes those 0755, root's). */
static void imply(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];

	if (s->fact.type == FT_DIR || (s->fact.type == FT_LNK && !step->gone)) {
		step->stays = true;
		return;
	}
	if (s->fact.type != FT_NONE && !step->gone) {
		cleanup_free char *path = quoted(s->path);

		problems_add(
			&g->plan->problems, PROBLEM_UNPACKAGED, SEV_REFUSE, s->path,
			"'/%s' must be a directory and is a %s; move that away first",
			path, ftype_name(s->fact.type));
		return;
	}
	step->implied = true;
	step->stays = true;
	step->act = s->fact.type == FT_NONE ? ACT_CREATE
		    : step->act == ACT_MOVE ? ACT_MOVE_CREATE
					    : ACT_SWAP;
	step->reason = s->fact.type == FT_NONE ? WHY_MISSING : WHY_TYPE;
	step->new = (struct attr){.mode = S_IFDIR | 0755};
}

void dirs_settle(struct planning *g)
{
	/* children before parents */
	for (uint32_t i = g->layout->slots.n; i-- > 0;) {
		const struct slot *s = &g->layout->slots.v[i];
		struct step *step = &g->steps[i];

		if (step->want != NO_INDEX) {
			if (step->act == ACT_SWAP && s->fact.type == FT_DIR)
				replace_dir(g, i);
			continue;
		}
		if (step->content != NO_INDEX)
			continue; /* .rpmnew */
		if (needed(g, i))
			imply(g, i);
		else if (step->gone &&
			 ftype_of_mode(planning_file(g, &g->layout->claims.v[step->old])
					       ->mode) == FT_DIR)
			drop_dir(g, i);
	}
}
