/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "core/planning.h"

/*
 * Hard links. Files of one set in the arriving package shall be one inode, and share it with
 * nothing else that is packaged. Links that an administrator made elsewhere are not looked for.
 */
struct member {
	uint32_t slot;
	uint32_t change,
		leader; /* the set: change and first file of it; or the slot itself */
	uint64_t dev, ino;
	uint32_t mount;
};
struct members {
	struct member *v;
	uint32_t n, cap;
};

static int by_set(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	if (a->change != b->change)
		return a->change < b->change ? -1 : 1;
	if (a->leader != b->leader)
		return a->leader < b->leader ? -1 : 1;
	if (a->mount != b->mount)
		return a->mount < b->mount ? -1 : 1;
	return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static int by_inode(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return by_set(pa, pb);
}

/* Links do not cross file systems: there is a set on each. */
static bool same_set(const struct member *a, const struct member *b)
{
	return a->change == b->change && a->leader == b->leader && a->mount == b->mount;
}

static void swap_for_links(struct step *step)
{
	if (step->act != ACT_NONE && step->act != ACT_ATTR)
		return;
	step->act = ACT_SWAP;
	step->reason = WHY_LINKS;
}

static bool is_replaced(const struct step *step)
{
	return step->act == ACT_SWAP || step->act == ACT_CREATE ||
	       step->act == ACT_MOVE_CREATE;
}

/* Inodes that packaged files of different sets share now: all of those that stay as they are,
 * but one set, get inodes of their own. */
static void break_foreign_links(struct planning *g, struct members *m)
{
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_inode);
	for (uint32_t i = 0, k; i < m->n; i = k) {
		const struct member *keeper = NULL;

		for (k = i;
		     k < m->n && m->v[k].dev == m->v[i].dev && m->v[k].ino == m->v[i].ino;
		     k++) {
			struct step *step = &g->steps[m->v[k].slot];

			if (m->v[k].ino == 0 || is_replaced(step))
				continue;
			if (!keeper)
				keeper = &m->v[k];
			else if (!same_set(keeper, &m->v[k]))
				swap_for_links(step);
		}
	}
}

/* An overlay's lower layer is copied name by name when it changes, and each name gets an inode of
 * its own (Documentation/filesystems/overlayfs.rst on "index"). */
static bool keeps_links(const struct mount *m)
{
	return !m->fstype || strcmp(m->fstype, "overlay") != 0;
}

/* Attributes belong to the inode. Where it has names outside of the set, it is not the package's
 * alone: a new inode takes its place, as it always does with rpm. */
static bool can_change_inode(const struct planning *g, const struct member *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (g->steps[v[i].slot].act != ACT_ATTR)
			continue;
		if (g->layout->slots.v[v[i].slot].fact.nlink > n ||
		    (n > 1 && !keeps_links(&g->mounts->v[v[i].mount])))
			return false;
	}
	return true;
}

/* One set: all one inode now, or all made anew. */
static void join(struct planning *g, struct member *v, uint32_t n)
{
	bool whole = true;

	for (uint32_t i = 0; i < n; i++)
		whole &= !is_replaced(&g->steps[v[i].slot]) && v[i].ino == v[0].ino &&
			 v[i].dev == v[0].dev;
	if (whole && can_change_inode(g, v, n))
		return;
	for (uint32_t i = 0; i < n; i++) {
		struct step *step = &g->steps[v[i].slot];

		if (whole && step->act == ACT_ATTR)
			step->act = ACT_SWAP; /* for the reason it has */
		swap_for_links(step);
		if (i)
			step->link_leader = v[0].slot;
	}
}

void links_regroup(struct planning *g)
{
	struct members m = {0};

	for (uint32_t i = 0; i < g->layout->slots.n; i++) {
		const struct step *step = &g->steps[i];
		const struct fact *disk = &g->layout->slots.v[i].fact;
		const struct claim *want;
		const struct pkgfile *f;
		struct member *x;
		uint32_t mount;

		if (step->want == NO_INDEX || step->content != step->want)
			continue;
		want = &g->layout->claims.v[step->want];
		f = planning_file(g, want);
		if (ftype_of_mode(f->mode) != FT_REG ||
		    (f->link_count < 2 && (disk->type != FT_REG || disk->nlink < 2)))
			continue;
		mount = mounts_of_path(g->mounts, g->layout->slots.v[i].path);
		if (!mount_keeps_attributes(&g->mounts->v[mount]))
			continue; /* each is a file of its own there */
		x = array_push(&m);
		x->slot = i;
		x->change = want->owner;
		x->leader = f->link_count > 1 ? f->link_first : want->file;
		x->mount = mount;
		if (disk->type == FT_REG) {
			x->dev = disk->dev;
			x->ino = disk->id.ino;
		}
	}
	break_foreign_links(g, &m);
	if (m.n)
		qsort(m.v, m.n, sizeof(*m.v), by_set);
	for (uint32_t i = 0, k; i < m.n; i = k) {
		for (k = i + 1; k < m.n && same_set(&m.v[i], &m.v[k]); k++)
			;
		join(g, m.v + i, k - i);
	}
	array_release(&m);
}
