/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/layout.h"

#include <string.h>

#include "base/root.h"
#include "core/canon.h"

const char *aside_suffix(enum aside a)
{
	static const char *const suffixes[ASIDE_N] = {".rpmsave", ".rpmnew", ".rpmorig"};

	return suffixes[a];
}

/* A path before slots are made of them; several have the same. */
struct spot {
	const char *path;
	bool claimed;
	struct claim claim;
};

struct builder {
	const struct changes *changes;
	const struct pkgset *staying;
	struct layout *out;
	struct canon res;
	ARRAY(struct spot) spots;
	struct strmap known; /* paths that have a spot without a claim */
};

static void add_spot(struct builder *b, const char *path, enum side side, uint32_t owner,
		     uint32_t file)
{
	struct spot *s = array_push(&b->spots);

	s->path = path;
	s->claimed = true;
	s->claim = (struct claim){side, owner, file, 0, b->spots.n};
}

static void add_unclaimed(struct builder *b, const char *path)
{
	struct spot *s;

	if (strmap_get(&b->known, path, NULL))
		return;
	strmap_set(&b->known, path, 0);
	s = array_push(&b->spots);
	s->path = path;
}

/* usr/lib/x.so -> usr/lib, usr, "" */
static void add_parents(struct builder *b, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char *parent;

	if (!path[0])
		return;
	parent = arena_strndup(&b->out->mem, path, len);
	if (strmap_get(&b->known, parent, NULL))
		return;
	add_unclaimed(b, parent);
	add_parents(b, parent);
}

static int place_leaving(struct builder *b, struct error *err)
{
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].from;

		for (uint32_t i = 0; p && i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *path;

			if (canon_file(&b->res, TREE_NOW, f, &path, err) < 0)
				return err_prefix(err, "%s", p->nevra);
			add_spot(b, path, SIDE_LEAVING, c, i);
			if (ftype_of_mode(f->mode) == FT_LNK && !(f->flags & FILE_GHOST))
				strmap_set(&b->res.going, path, 1);
		}
	}
	return 0;
}

/* A link that a package which stays owns too does not go. */
static int keep_links(struct builder *b, struct error *err)
{
	struct strmap staying = {0}, left = {0};
	int ret = 0;

	for (uint32_t k = 0; k < b->staying->n && ret == 0; k++) {
		const struct pkg *p = b->staying->v[k];

		for (uint32_t i = 0; i < p->files.n && ret == 0; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *path;

			if (ftype_of_mode(f->mode) != FT_LNK || (f->flags & FILE_GHOST))
				continue;
			ret = canon_file(&b->res, TREE_NOW, f, &path, err);
			if (ret == 0)
				strmap_set(&staying, path, 1);
		}
	}
	for (uint32_t i = 0; b->res.going.slots && i <= b->res.going.mask; i++) {
		const char *path = b->res.going.slots[i].key;

		if (path && !strmap_get(&staying, path, NULL))
			strmap_set(&left, path, 1);
	}
	strmap_release(&b->res.going);
	b->res.going = left;
	strmap_release(&staying);
	return ret;
}

static int place_arriving(struct builder *b, struct error *err)
{
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].to;

		for (uint32_t i = 0; p && i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			enum ftype t = ftype_of_mode(f->mode);
			struct canon_entry *e;

			if ((t != FT_LNK && t != FT_DIR) || (f->flags & FILE_GHOST))
				continue;
			e = array_push(&b->res.entries);
			e->dir = f->dir;
			e->base = f->base;
			e->link = t == FT_LNK ? f->link : NULL;
		}
	}
	if (canon_settle(&b->res, err) < 0)
		return -1;

	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].to;

		for (uint32_t i = 0; p && i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *path;

			if (canon_file(&b->res, TREE_AFTER, f, &path, err) < 0)
				return err_prefix(err, "%s", p->nevra);
			add_spot(b, path, SIDE_ARRIVING, c, i);
			if (!(f->flags & FILE_GHOST))
				add_parents(b, path);
			if (f->flags & FILE_CONFIG)
				add_unclaimed(b,
					      arena_printf(&b->out->mem, "%s%s", path,
							   aside_suffix(ASIDE_RPMNEW)));
		}
	}
	return 0;
}

static int spot_cmp(const void *pa, const void *pb)
{
	const struct spot *a = pa, *b = pb;
	int d = a->path == b->path ? 0 : path_cmp(a->path, b->path);

	if (d == 0)
		d = (int)a->claim.side - (int)b->claim.side;
	if (d == 0)
		d = a->claim.order < b->claim.order ? -1
						    : a->claim.order > b->claim.order;
	return d;
}

/* Packages that stay matter only where something else happens. */
static int place_staying(struct builder *b, struct error *err)
{
	cleanup_buf struct buf path = {0};
	struct strmap slots = {0};
	uint32_t n = b->spots.n;
	int ret = 0;

	for (uint32_t i = 0; i < n; i++)
		strmap_set(&slots, b->spots.v[i].path, i);
	for (uint32_t k = 0; k < b->staying->n && ret == 0; k++) {
		const struct pkg *p = b->staying->v[k];

		for (uint32_t i = 0; i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *dir;
			uint32_t at;

			ret = canon_dir(&b->res, TREE_NOW, f->dir, &dir, err);
			if (ret < 0)
				break;
			buf_clear(&path);
			buf_printf(&path, "%s%s%s", dir, dir[0] && f->base[0] ? "/" : "",
				   f->base);
			if (strmap_get(&slots, path.s, &at))
				add_spot(b, b->spots.v[at].path, SIDE_STAYING, k, i);
		}
	}
	strmap_release(&slots);
	return ret;
}

const struct pkg *layout_pkg(const struct changes *changes, const struct pkgset *staying,
			     const struct claim *c)
{
	if (c->side == SIDE_STAYING)
		return staying->v[c->owner];
	return c->side == SIDE_LEAVING ? changes->list.v[c->owner].from
				       : changes->list.v[c->owner].to;
}

static void want_algo(struct slot *s, uint8_t algo)
{
	if (s->algos[0] == 0 || s->algos[0] == algo)
		s->algos[0] = algo;
	else if (s->algos[1] == 0)
		s->algos[1] = algo;
}

/* What will have to be known of the disk to decide about a slot. */
static void ask(struct builder *b, struct slot *s)
{
	bool config = false, arriving = false, arriving_other = false,
	     leaving_dir = false;

	s->want_size = UINT64_MAX;
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		const struct claim *c = &b->out->claims.v[i];
		const struct pkg *p = layout_pkg(b->changes, b->staying, c);
		const struct pkgfile *f = &p->files.v[c->file];
		enum ftype t = ftype_of_mode(f->mode);

		if (f->flags & FILE_CONFIG)
			config = true;
		if (t == FT_REG && f->digest)
			want_algo(s, p->digest_algo);
		if (c->side == SIDE_ARRIVING) {
			arriving = true;
			arriving_other |= t != FT_DIR;
			s->want_size = f->size;
		} else if (c->side == SIDE_LEAVING && t == FT_DIR) {
			leaving_dir = true;
		}
	}
	s->want_list = arriving ? arriving_other : leaving_dir;
	s->want_aside = config;
	if (config)
		s->want_size = UINT64_MAX;
	else if (!arriving && s->n)
		s->algos[0] = s->algos[1] = 0;
	if (arriving && !arriving_other)
		s->link_kept = canon_is_kept_link(&b->res, s->path);
}

static void make_slots(struct builder *b)
{
	struct layout *l = b->out;

	if (b->spots.n)
		qsort(b->spots.v, b->spots.n, sizeof(*b->spots.v), spot_cmp);
	array_reserve(&l->claims, b->spots.n);
	for (uint32_t i = 0; i < b->spots.n;) {
		struct slot *s = array_push(&l->slots);

		s->path = b->spots.v[i].path;
		s->first = l->claims.n;
		for (; i < b->spots.n && strcmp(b->spots.v[i].path, s->path) == 0; i++) {
			if (!b->spots.v[i].claimed)
				continue;
			b->spots.v[i].claim.slot = l->slots.n - 1;
			array_add(&l->claims, b->spots.v[i].claim);
		}
		s->n = l->claims.n - s->first;
	}
}

/* path.rpmnew is looked at with the algorithms of its configuration file. */
static void ask_rpmnew(struct layout *l)
{
	struct slot *s;

	array_foreach(s, &l->slots) {
		cleanup_free char *name = NULL;
		struct slot *beside;

		if (!s->want_aside)
			continue;
		name = xasprintf("%s%s", s->path, aside_suffix(ASIDE_RPMNEW));
		beside = (struct slot *)layout_find(l, name);
		if (beside && beside->n == 0) {
			memcpy(beside->algos, s->algos, sizeof(s->algos));
			beside->want_size = UINT64_MAX;
		}
	}
}

int layout_build(const struct changes *changes, const struct pkgset *staying,
		 const struct tree_view *view, struct layout *ret, struct error *err)
{
	struct builder b = {.changes = changes, .staying = staying};
	struct layout l = {0};
	struct slot *s;
	int rc;

	b.out = &l;
	b.res.view = view;
	b.res.mem = &l.mem;
	rc = place_leaving(&b, err);
	if (rc == 0)
		rc = keep_links(&b, err);
	if (rc == 0)
		rc = place_arriving(&b, err);
	if (rc == 0)
		rc = place_staying(&b, err);
	if (rc == 0) {
		make_slots(&b);
		array_foreach(s, &l.slots)
			ask(&b, s);
		ask_rpmnew(&l);
		*ret = l;
	} else {
		layout_release(&l);
	}
	array_release(&b.spots);
	strmap_release(&b.known);
	canon_release(&b.res);
	return rc;
}

const struct slot *layout_find(const struct layout *l, const char *path)
{
	uint32_t lo = 0, hi = l->slots.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int d = path_cmp(l->slots.v[mid].path, path);

		if (d == 0)
			return &l->slots.v[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

void layout_release(struct layout *l)
{
	struct slot *s;

	array_foreach(s, &l->slots)
		strlist_release(&s->entries);
	array_release(&l->slots);
	array_release(&l->claims);
	arena_release(&l->mem);
}
