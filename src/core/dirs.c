/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"
#include "core/fstype.h"
#include "core/litter.h"
#include "core/planning.h"

/* The slot of a path, or NO_INDEX. */
static uint32_t slot_of(const struct planning *g, const char *path)
{
	const struct slot *s = layout_find(g->layout, path);

	return s ? (uint32_t)(s - g->layout->slots.v) : NO_INDEX;
}

/* The slot of an entry of the directory slot i, as the disk spells it; NO_INDEX. */
static uint32_t entry_slot(const struct planning *g, uint32_t i, const char *name)
{
	const struct slot *slots = g->layout->slots.v, *dir = &slots[i];
	const struct mount *m = &g->mounts->v[mounts_of_path(g->mounts, dir->path)];
	cleanup_free char *path = path_join(dir->path, name);
	uint32_t k = slot_of(g, path);

	if (k != NO_INDEX || !(fstype_lacks(m->fstype) & FS_NO_CASE))
		return k;
	for (k = i + 1; k < g->layout->slots.n; k++) {
		if (!path_is_beneath(slots[k].path, dir->path))
			break;
		if (!strcasecmp(slots[k].path, path))
			return k;
	}
	return NO_INDEX;
}

/*
 * Names in the directory that will be there after the removals (what an arriving file replaces comes
 * later). ret: the first few, comma-separated; returns how many there are.
 */
static uint32_t remaining(const struct planning *g, uint32_t i, struct buf *ret)
{
	const struct slot *s = &g->layout->slots.v[i];
	uint32_t n = 0;

	for (uint32_t e = 0; e < s->entries.n; e++) {
		uint32_t k = entry_slot(g, i, s->entries.v[e]);

		if (k != NO_INDEX && g->steps[k].act == ACT_REMOVE)
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

/* The first slot beneath this one where something is wanted or moves aside, or NO_INDEX. */
static uint32_t needed_by(const struct planning *g, uint32_t i)
{
	const char *dir = g->layout->slots.v[i].path;

	/* what lies beneath follows in path_cmp order */
	for (uint32_t k = i + 1; k < g->layout->slots.n; k++) {
		const struct step *s = &g->steps[k];

		if (!path_is_beneath(g->layout->slots.v[k].path, dir))
			break;
		if (s->act == ACT_CREATE || s->act == ACT_MOVE ||
		    s->act == ACT_MOVE_CREATE)
			return k;
		if (s->want != NO_INDEX &&
		    (s->act != ACT_NONE || g->layout->slots.v[k].fact.type != FT_NONE))
			return k;
	}
	return NO_INDEX;
}

static bool is_mount(const struct planning *g, const char *path)
{
	return strcmp(g->mounts->v[mounts_of_path(g->mounts, path)].path, path) == 0;
}

/* A directory that nothing needs any more: removed if it empties out, else kept. */
static void drop_dir(struct planning *g, uint32_t i, bool silent)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];
	cleanup_buf struct buf names = {0};
	cleanup_free char *path = NULL;

	if (is_mount(g, s->path))
		return;
	if (remaining(g, i, &names) == 0) {
		step->act = ACT_REMOVE;
		step->reason = WHY_EMPTY;
		return;
	}
	if (silent)
		return;
	path = quoted(s->path);
	problems_add(&g->plan->problems, PROBLEM_DIR_KEPT, SEV_NOTE, s->path,
		     "'/%s' stays: not all that is in it goes (%s)", path, names.s);
}

/* Whether a directory above this one has to make room for a file or link. */
static bool is_in_the_way(const struct planning *g, const char *path)
{
	cleanup_free char *up = xstrdup(path);

	while (up[0]) {
		char *slash = strrchr(up, '/');
		uint32_t k;

		*(slash ? slash : up) = '\0';
		k = slot_of(g, up);
		if (k != NO_INDEX && g->steps[k].want != NO_INDEX &&
		    g->steps[k].act == ACT_SWAP &&
		    g->layout->slots.v[k].fact.type == FT_DIR)
			return true;
	}
	return false;
}

/* The transaction that put what leaves, or was left half-written, there; 0: none, or not known. */
static int64_t transaction_of(const struct planning *g, const struct slot *s)
{
	int64_t latest = 0, tid;

	if (s->litter && litter_is(s->path, NULL, &tid))
		return tid;
	for (uint32_t c = s->first; c < s->first + s->n; c++) {
		const struct claim *claim = &g->layout->claims.v[c];

		if (claim->side == SIDE_LEAVING)
			latest = MAX(latest, planning_pkg(g, claim)->installtid);
	}
	return latest;
}

/* Whether the directory is no older than a transaction that put what leaves into it. */
static bool came_with_leaving(const struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	int64_t tid;

	for (uint32_t k = i + 1; k < g->layout->slots.n; k++) {
		const struct slot *x = &g->layout->slots.v[k];

		if (!path_is_beneath(x->path, s->path))
			break;
		tid = transaction_of(g, x);
		if (tid > 0 && s->fact.id.btime_ns / INT64_C(1000000000) >= tid)
			return true;
	}
	return false;
}

/*
 * A directory that no package owns and that held files of what goes only. rpm made it on the way and
 * leaves it for ever. Here it goes too where it is sure to have come with them, or where it keeps
 * another from making room; else it may be someone's, and stays.
 */
static void drop_leftover(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];

	if (s->fact.type == FT_DIR &&
	    (is_in_the_way(g, s->path) || came_with_leaving(g, i)))
		drop_dir(g, i, true);
}

/* A directory stands where a file or link shall be: only one that empties out may go. */
static void replace_dir(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	const struct claim *want = &g->layout->claims.v[g->steps[i].want];
	cleanup_buf struct buf names = {0};
	cleanup_free char *path = NULL;

	if (!remaining(g, i, &names))
		return;
	path = quoted(s->path);
	problems_add(
		&g->plan->problems, PROBLEM_UNPACKAGED, SEV_REFUSE, s->path,
		"'/%s' is a directory that must become a %s, but not all that is in it goes "
		"with its package (%s); move that away first",
		path, ftype_name(ftype_of_mode(planning_file(g, want)->mode)), names.s);
}

/* What a package that stays says of the directory, or NULL. */
static const struct claim *staying_dir(const struct planning *g, const struct slot *s)
{
	const struct claim *cl = g->layout->claims.v;

	for (uint32_t i = s->first; i < s->first + s->n; i++)
		if (cl[i].side == SIDE_STAYING &&
		    ftype_of_mode(planning_file(g, &cl[i])->mode) == FT_DIR)
			return &cl[i];
	return NULL;
}

/* Not wanted by name, but a directory must be there. rpm makes those 0755, root's; one that a
 * package describes is made as that says. by: a slot beneath that needs it. */
static void imply(struct planning *g, uint32_t i, uint32_t by)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];
	const struct claim *owner = staying_dir(g, s);

	if (s->fact.type == FT_DIR)
		return;
	if (s->fact.type != FT_NONE && !step->gone) {
		cleanup_free char *path = quoted(s->path);

		problems_add(
			&g->plan->problems, PROBLEM_UNPACKAGED, SEV_REFUSE, s->path,
			"'/%s' must be a directory and is a %s; move that away first",
			path, ftype_name(s->fact.type));
		return;
	}
	step->implied = true;
	if (step->act == ACT_MOVE) {
		step->act = ACT_MOVE_CREATE; /* for the reason it has */
	} else {
		step->act = s->fact.type == FT_NONE ? ACT_CREATE : ACT_SWAP;
		step->reason = s->fact.type == FT_NONE ? WHY_MISSING : WHY_TYPE;
	}
	if (owner)
		act_attr(g, planning_pkg(g, owner), planning_file(g, owner), &step->new);
	else
		step->new = (struct attr){.mode = S_IFDIR | 0755,
					  .mtime_ns = g->steps[by].new.mtime_ns};
}

/* A packaged file or link where another packaged file needs a directory. */
static void conflict(struct planning *g, uint32_t i, uint32_t by)
{
	const struct slot *s = &g->layout->slots.v[i];
	const struct claim *want = &g->layout->claims.v[g->steps[i].want];
	cleanup_free char *path = quoted(s->path), *other = NULL;

	other = quoted(g->layout->slots.v[by].path);
	problems_add(&g->plan->problems, PROBLEM_FILE_CONFLICT, SEV_REFUSE, s->path,
		     "'/%s' is no directory in %s, but '/%s' shall lie in it", path,
		     planning_pkg(g, want)->nevra, other);
}

static void settle(struct planning *g, uint32_t i)
{
	const struct slot *s = &g->layout->slots.v[i];
	struct step *step = &g->steps[i];
	const struct claim *cl = g->layout->claims.v;
	uint32_t by;

	if (step->want == NO_INDEX && step->content != NO_INDEX)
		return; /* .rpmnew */
	if (step->want != NO_INDEX &&
	    ftype_of_mode(planning_file(g, &cl[step->want])->mode) == FT_DIR)
		return;
	by = needed_by(g, i);
	if (step->want != NO_INDEX) {
		if (by != NO_INDEX)
			conflict(g, i, by);
		else if (step->act == ACT_SWAP && s->fact.type == FT_DIR)
			replace_dir(g, i);
	} else if (by != NO_INDEX) {
		imply(g, i, by);
	} else if (s->leftover) {
		drop_leftover(g, i);
	} else if (step->gone && s->fact.type == FT_DIR &&
		   ftype_of_mode(planning_file(g, &cl[step->old])->mode) == FT_DIR) {
		drop_dir(g, i, false);
	}
}

void dirs_settle(struct planning *g)
{
	/* children before parents */
	for (uint32_t i = g->layout->slots.n; i-- > 0;)
		settle(g, i);
}
