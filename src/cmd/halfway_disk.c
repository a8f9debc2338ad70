/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/halfway_disk.h"

#include <string.h>

#include "base/strmap.h"
#include "disk/facts.h"

#define NS INT64_C(1000000000)

static bool is_among(struct pkg *const *v, uint32_t n, const struct pkg *p)
{
	for (uint32_t i = 0; i < n; i++)
		if (v[i] == p)
			return true;
	return false;
}

int halfway_disk(struct session *s, struct prepared *p, struct pkg *const *v, uint32_t n,
		 struct halfway_disk *ret, struct error *err)
{
	/* an edited configuration file differs like any other */
	const struct plan_policy policy = {.config = CONFIG_REPLACE,
					   .replacefiles = true};
	struct halfway_disk d = {0};
	struct tree_view view;
	int rc;

	for (uint32_t i = 0; i < n; i++)
		array_add(&d.changes.list, (struct change){.kind = CHANGE_REINSTALL,
							   .from = v[i],
							   .to = v[i],
							   .source = -1});
	for (uint32_t i = 0; i < p->installed.n; i++)
		if (!is_among(v, n, p->installed.v[i]))
			pkgset_take(&d.staying, p->installed.v[i]);
	facts_view(p->root, &p->mounts, &view);
	rc = layout_build(&d.changes, &d.staying, &view, &d.layout, err);
	facts_view_release(&view);
	if (rc == 0)
		rc = facts_gather(p->root, &d.layout, &p->mounts, &s->observer, err);
	if (rc < 0) {
		halfway_disk_release(&d);
		return -1;
	}
	plan_build(&d.changes, &d.staying, &d.layout, &p->mounts, &p->users, &policy,
		   &d.plan);
	*ret = d;
	ret->plan.changes = &ret->changes;
	return 0;
}

void halfway_disk_release(struct halfway_disk *d)
{
	plan_release(&d->plan);
	layout_release(&d->layout);
	changes_release(&d->changes);
	free(d->staying.v);
	memset(d, 0, sizeof(*d));
}

static void paths_of_ops(const struct halfway_disk *d, bool attributes,
			 struct strmap *ret)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops)
		if (attributes || op->kind != OP_ATTR)
			strmap_set(ret, op->path, 1);
}

/* Whether the slot is one of a file of the package that is there, and no package that stays has it. */
struct ownership {
	bool comes, stays;
};
static struct ownership owned(const struct halfway_disk *d, const struct slot *s)
{
	struct ownership o = {0};

	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		const struct claim *c = &d->layout.claims.v[i];
		const struct pkgfile *f =
			&layout_pkg(&d->changes, &d->staying, c)->files.v[c->file];

		if ((f->flags & FILE_GHOST) || ftype_of_mode(f->mode) == FT_DIR)
			continue;
		o.comes |= c->side == SIDE_ARRIVING;
		o.stays |= c->side == SIDE_STAYING && f->state == STATE_NORMAL;
	}
	return o;
}

uint32_t halfway_disk_has_come(const struct halfway_disk *d,
			       const struct halfway_disk *was, const int64_t *since)
{
	struct strmap differs = {0}, other = {0};
	uint32_t n = 0;

	paths_of_ops(d, true, &differs);
	if (was)
		paths_of_ops(was, !since, &other);
	for (uint32_t i = 0; i < d->layout.slots.n; i++) {
		const struct slot *s = &d->layout.slots.v[i];
		struct ownership o = owned(d, s);

		if (o.comes && s->fact.type != FT_NONE && s->fact.type != FT_DIR &&
		    (!since || s->fact.ctime_ns / NS >= *since) &&
		    !strmap_get(&differs, s->path, NULL))
			n += !o.stays || strmap_get(&other, s->path, NULL);
	}
	strmap_release(&differs);
	strmap_release(&other);
	return n;
}

static bool is_removable(const struct pkgfile *f)
{
	return !(f->flags & FILE_GHOST) && f->state == STATE_NORMAL &&
	       ftype_of_mode(f->mode) != FT_DIR;
}

/* The slot of each file of a package; NO_INDEX: none. The caller frees. */
static uint32_t *slots_of(const struct halfway_disk *d, uint32_t change)
{
	uint32_t n = d->changes.list.v[change].to->files.n;
	uint32_t *ret = xmalloc((n + 1) * sizeof(*ret));
	const struct claim *c;

	memset(ret, 0xff, (n + 1) * sizeof(*ret));
	array_foreach(c, &d->layout.claims)
		if (c->side == SIDE_ARRIVING && c->owner == change)
			ret[c->file] = c->slot;
	return ret;
}

/* Whether the directory of a path was written to since; 0: it is not there, and nobody knows. */
static int changed_when(struct root *r, const char *path, int64_t since)
{
	cleanup_free char *dir = path_parent(path);
	struct statx st;

	if (root_statx(r, dir, STATX_MTIME, &st) < 0)
		return 0;
	return st.stx_mtime.tv_sec >= since ? 1 : -1;
}

/* Whether a package that came with transaction tid has that directory. */
static bool was_set(const struct halfway_disk *d, const char *dir, int64_t tid)
{
	cleanup_buf struct buf path = {0};

	for (uint32_t i = 0; i < d->staying.n; i++) {
		const struct pkg *p = d->staying.v[i];
		const struct pkgfile *f;

		if (!tid || p->installtid != tid)
			continue;
		array_foreach(f, &p->files)
			if (ftype_of_mode(f->mode) == FT_DIR &&
			    !strcmp(pkgfile_path(f, &path) + 1, dir))
				return true;
	}
	return false;
}

/* Likewise of one that is there no more. The mtime of a directory which a package brings is that package's in the end,
 * whatever happened in it before. */
static bool lost_since(struct root *r, const struct halfway_disk *d, const char *path,
		       int64_t since, int64_t tid)
{
	cleanup_free char *dir = path_parent(path);
	struct statx st;

	if (root_statx(r, dir, STATX_MTIME | STATX_CTIME, &st) < 0)
		return false;
	return st.stx_mtime.tv_sec >= since ||
	       (st.stx_ctime.tv_sec >= since && was_set(d, dir, tid));
}

bool halfway_disk_differs(struct root *r, const struct halfway_disk *d, uint32_t i,
			  int64_t since, int64_t tid)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops)
		if (op->change == i &&
		    (op->kind == OP_CREATE ? lost_since(r, d, op->path, since, tid)
					   : op->old_ctime_ns / NS >= since))
			return true;
	return false;
}

static const struct pkgfile *file_of(const struct halfway_disk *d, const struct op *op)
{
	return &d->changes.list.v[op->change].to->files.v[op->file];
}

/* Whether a file of package number i, no configuration, is there and not as the package has it. */
static bool has_another(const struct halfway_disk *d, uint32_t i)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops) {
		const struct pkgfile *f =
			op->change == i && op->file != NO_INDEX ? file_of(d, op) : NULL;

		if (f && is_removable(f) && !(f->flags & FILE_CONFIG) &&
		    op->kind != OP_CREATE && op->reason != WHY_LINKS)
			return true;
	}
	return false;
}

/* rpmPackageFilesRemove() goes from the last file to the first, directories among them. */
struct halfway_gone halfway_disk_gone(struct root *r, const struct halfway_disk *d,
				      uint32_t i, int64_t since)
{
	const struct pkg *p = d->changes.list.v[i].to;
	cleanup_free uint32_t *slots = slots_of(d, i);
	struct halfway_gone g = {.alone = !has_another(d, i), .all = true};
	bool ended = false, recent = false;

	for (uint32_t k = p->files.n; k-- > 0;) {
		const struct pkgfile *f = &p->files.v[k];
		const struct slot *s =
			slots[k] == NO_INDEX ? NULL : &d->layout.slots.v[slots[k]];
		bool gone = s && s->fact.type == FT_NONE;
		int changed = gone ? changed_when(r, s->path, since) : 0;

		recent |= changed > 0 && !ended && !(f->flags & FILE_GHOST);
		if (!s || !is_removable(f) || owned(d, s).stays)
			continue;
		ended |= !gone;
		g.n += !ended;
		g.alone &= !gone || (!ended && changed >= 0);
		g.all &= gone || (f->flags & FILE_CONFIG);
	}
	if (!recent)
		g.n = 0;
	return g;
}

bool halfway_disk_made_room(struct root *r, const struct halfway_disk *d, uint32_t i,
			    int64_t since, int64_t tid)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops)
		if (op->change == i && op->kind == OP_CREATE &&
		    ftype_of_mode(op->new.mode) == FT_DIR &&
		    lost_since(r, d, op->path, since, tid))
			return true;
	return false;
}

bool halfway_disk_is_damaged(const struct halfway_disk *d, uint32_t i)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops) {
		const struct pkgfile *f =
			op->change == i && op->file != NO_INDEX ? file_of(d, op) : NULL;

		if (!f || (f->flags & (FILE_CONFIG | FILE_MISSINGOK)))
			continue;
		if (op->kind == OP_CREATE)
			return true;
		if (op->kind == OP_SWAP && ftype_of_mode(op->old.mode) == FT_REG &&
		    ((op->old_size == 0 && op->size) ||
		     op->old.mtime_ns == op->new.mtime_ns))
			return true;
	}
	return false;
}

bool halfway_disk_is_covered(const struct halfway_disk *d, uint32_t i, int64_t tid)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops) {
		const struct slot *s =
			op->change == i ? layout_find(&d->layout, op->path) : NULL;

		for (uint32_t k = s ? s->first : 0; s && k < s->first + s->n; k++) {
			const struct claim *c = &d->layout.claims.v[k];
			const struct pkg *p = layout_pkg(&d->changes, &d->staying, c);

			if (c->side == SIDE_STAYING && tid && p->installtid == tid &&
			    is_removable(&p->files.v[c->file]))
				return true;
		}
	}
	return false;
}

bool halfway_disk_was_written(const struct halfway_disk *d, uint32_t i, int64_t since)
{
	const struct op *op;

	array_foreach(op, &d->plan.ops) {
		if (op->change != i || op->kind != OP_SWAP ||
		    owned(d, layout_find(&d->layout, op->path)).stays ||
		    op->reason == WHY_LINKS || (file_of(d, op)->flags & FILE_CONFIG))
			continue;
		if (op->old.mtime_ns % NS == 0 && op->old.mtime_ns / NS < since &&
		    op->old_ctime_ns / NS >= since)
			return true;
	}
	return false;
}
