/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/layout.h"

#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "core/canon.h"

const char *aside_suffix(enum aside a)
{
	static const char *const suffixes[ASIDE_N] = {".rpmsave", ".rpmnew", ".rpmorig"};

	return suffixes[a];
}

/* What a path is of interest for; a bit each. */
enum spot_kind {
	SPOT_CLAIM = 1,
	SPOT_BESIDE = 2,   /* .rpmnew */
	SPOT_ABOVE = 4,	   /* something that arrives lies beneath */
	SPOT_WAS_ABOVE = 8, /* something that leaves lies beneath */
	SPOT_LITTER = 16
};

/* A path before slots are made of them; several have the same. */
struct spot {
	const char *path;
	enum spot_kind kind;
	struct claim claim; /* SPOT_CLAIM */
};

struct builder {
	const struct changes *changes;
	const struct pkgset *staying;
	struct layout *out;
	struct canon canon;
	ARRAY(struct spot) spots;
	struct strmap known; /* path -> kinds of its spots without a claim */
};

static void add_spot(struct builder *b, const char *path, enum side side, uint32_t owner,
		     uint32_t file)
{
	struct spot *s = array_push(&b->spots);

	s->path = path;
	s->kind = SPOT_CLAIM;
	s->claim = (struct claim){side, owner, file, 0, b->spots.n};
}

/* False where that is known already. */
static bool add_unclaimed(struct builder *b, const char *path, enum spot_kind kind)
{
	uint32_t kinds = 0;
	struct spot *s;

	if (strmap_get(&b->known, path, &kinds) && (kinds & kind))
		return false;
	strmap_set(&b->known, path, kinds | kind);
	s = array_push(&b->spots);
	s->path = path;
	s->kind = kind;
	return true;
}

/* usr/lib/x.so -> usr/lib, usr, "" */
static void add_parents(struct builder *b, const char *path, enum spot_kind kind)
{
	while (path[0]) {
		const char *slash = strrchr(path, '/');

		path = arena_strndup(&b->out->mem, path,
				     slash ? (size_t)(slash - path) : 0);
		if (!add_unclaimed(b, path, kind))
			return;
	}
}

/* Configuration files are looked at together with path.rpmnew. */
static void add_rpmnew(struct builder *b, const char *path)
{
	(void)add_unclaimed(
		b, arena_printf(&b->out->mem, "%s%s", path, aside_suffix(ASIDE_RPMNEW)),
		SPOT_BESIDE);
}

static void place_leaving(struct builder *b)
{
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct change *x = &b->changes->list.v[c];

		for (uint32_t i = 0; x->from && i < x->from->files.n; i++) {
			const struct pkgfile *f = &x->from->files.v[i];
			const char *path;

			if (canon_file(&b->canon, TREE_NOW, f, &path, NULL) < 0)
				continue;
			add_spot(b, path, SIDE_LEAVING, c, i);
			if ((f->flags & FILE_CONFIG) && x->to)
				add_rpmnew(b, path);
			if ((f->flags & FILE_GHOST) || f->state != STATE_NORMAL)
				continue;
			add_parents(b, path, SPOT_WAS_ABOVE);
			if (ftype_of_mode(f->mode) == FT_LNK)
				strmap_set(&b->canon.going, path, 1);
		}
	}
}

static void place_litter(struct builder *b)
{
	for (uint32_t i = 0; i < b->changes->litter.n; i++) {
		const char *path = b->changes->litter.v[i];

		if (add_unclaimed(b, path, SPOT_LITTER))
			add_parents(b, path, SPOT_WAS_ABOVE);
	}
}

/* A link stays when a package that stays owns it too, or when it becomes a ghost. */
static void keep_link(struct builder *b, const struct pkgfile *f, bool ghost)
{
	cleanup_buf struct buf path = {0};
	const char *dir;

	if (ftype_of_mode(f->mode) != FT_LNK || f->state != STATE_NORMAL ||
	    !(f->flags & FILE_GHOST) != !ghost ||
	    canon_dir(&b->canon, TREE_NOW, f->dir, &dir, NULL) < 0)
		return;
	buf_printf(&path, "%s%s%s", dir, dir[0] && f->base[0] ? "/" : "", f->base);
	if (canon_is_going(&b->canon, path.s))
		strmap_set(&b->canon.going, path.s, 0);
}

static void keep_links(struct builder *b)
{
	for (uint32_t k = 0; k < b->staying->n; k++)
		for (uint32_t i = 0; i < b->staying->v[k]->files.n; i++)
			keep_link(b, &b->staying->v[k]->files.v[i], false);
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].to;

		for (uint32_t i = 0; p && i < p->files.n; i++)
			keep_link(b, &p->files.v[i], true);
	}
}

static int settle_arriving(struct builder *b, struct error *err)
{
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].to;

		for (uint32_t i = 0; p && i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			enum ftype t = ftype_of_mode(f->mode);
			struct canon_entry *e;

			if ((t != FT_LNK && t != FT_DIR) || (f->flags & FILE_GHOST))
				continue;
			e = array_push(&b->canon.entries);
			e->dir = f->dir;
			e->base = f->base;
			e->link = t == FT_LNK ? f->link : NULL;
		}
	}
	return canon_settle(&b->canon, err);
}

static int place_arriving(struct builder *b, struct error *err)
{
	for (uint32_t c = 0; c < b->changes->list.n; c++) {
		const struct pkg *p = b->changes->list.v[c].to;

		for (uint32_t i = 0; p && i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *path;

			if (canon_file(&b->canon, TREE_AFTER, f, &path, err) < 0)
				return err_prefix(err, "%s", p->nevra);
			add_spot(b, path, SIDE_ARRIVING, c, i);
			if (f->flags & FILE_GHOST)
				continue;
			add_parents(b, path, SPOT_ABOVE);
			if (f->flags & FILE_CONFIG)
				add_rpmnew(b, path);
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

static void claim_staying(struct builder *b, const struct strmap *slots, const char *dir,
			  uint32_t k, uint32_t i, struct buf *path)
{
	const char *base = b->staying->v[k]->files.v[i].base;
	uint32_t at;

	buf_clear(path);
	buf_printf(path, "%s%s%s", dir, dir[0] && base[0] ? "/" : "", base);
	if (strmap_get(slots, canon_spell(&b->canon, path->s), &at))
		add_spot(b, b->spots.v[at].path, SIDE_STAYING, k, i);
}

/* Packages that stay matter only where something else happens. */
static void place_staying(struct builder *b)
{
	cleanup_buf struct buf path = {0};
	struct strmap slots = {0};
	uint32_t n = b->spots.n;

	for (uint32_t i = 0; i < n; i++)
		strmap_set(&slots, b->spots.v[i].path, i);
	for (uint32_t k = 0; k < b->staying->n; k++) {
		const struct pkg *p = b->staying->v[k];

		for (uint32_t i = 0; i < p->files.n; i++) {
			const struct pkgfile *f = &p->files.v[i];
			const char *now, *after;

			if (canon_dir(&b->canon, TREE_NOW, f->dir, &now, NULL) < 0)
				continue;
			claim_staying(b, &slots, now, k, i, &path);
			if (canon_dir(&b->canon, TREE_AFTER, f->dir, &after, NULL) < 0 ||
			    strcmp(now, after) == 0)
				continue;
			claim_staying(b, &slots, after, k, i, &path);
			array_add(&b->out->strays, (struct stray){k, i, now, after});
		}
	}
	strmap_release(&slots);
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

static void want_algos(const struct builder *b, struct slot *s, enum side side)
{
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		const struct claim *c = &b->out->claims.v[i];
		const struct pkg *p = layout_pkg(b->changes, b->staying, c);

		if (c->side == side && p->files.v[c->file].digest)
			want_algo(s, p->digest_algo);
	}
}

/* What the claims on a slot come to. Ghosts do not count: nobody looks at them. */
struct summary {
	bool config, arriving, arriving_other, arriving_sizes, leaving_dir, staying;
	bool cleared; /* what is there goes only if it is the package's */
	uint64_t size; /* of the arriving files, where they are of one size */
	uint64_t most; /* of all files */
};

/* The rpmdb may say anything. Larger than this nobody's work was ever a package's file unedited. */
#define INSTALLED_MOST (1ULL << 30)

static void sum_up(const struct builder *b, const struct slot *s, struct summary *ret)
{
	*ret = (struct summary){.size = UINT64_MAX};
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		const struct claim *c = &b->out->claims.v[i];
		const struct pkgfile *f =
			&layout_pkg(b->changes, b->staying, c)->files.v[c->file];
		enum ftype t = ftype_of_mode(f->mode);

		if (f->flags & FILE_GHOST)
			continue;
		ret->config |= (f->flags & FILE_CONFIG) != 0;
		ret->most = MAX(ret->most, c->side == SIDE_ARRIVING
						   ? f->size
						   : MIN(f->size, INSTALLED_MOST));
		ret->staying |= c->side == SIDE_STAYING && f->state == STATE_NORMAL;
		ret->leaving_dir |= c->side == SIDE_LEAVING && t == FT_DIR;
		ret->cleared |= c->side == SIDE_LEAVING && t == FT_REG &&
				b->changes->list.v[c->owner].kind == CHANGE_CLEAR;
		if (c->side != SIDE_ARRIVING)
			continue;
		ret->arriving = true;
		ret->arriving_other |= t != FT_DIR;
		ret->arriving_sizes |= ret->size != UINT64_MAX && ret->size != f->size;
		ret->size = f->size;
	}
}

/* What will have to be known of the disk to decide about a slot. */
static void ask(struct builder *b, struct slot *s)
{
	struct summary sum;

	sum_up(b, s, &sum);
	if (sum.arriving || sum.cleared || (sum.config && !sum.staying)) {
		/* two at most; what arrives is what has to be told first */
		want_algos(b, s, SIDE_ARRIVING);
		want_algos(b, s, SIDE_LEAVING);
		want_algos(b, s, SIDE_STAYING);
	}
	s->want_size = sum.config || sum.arriving_sizes ? UINT64_MAX : sum.size;
	s->want_most = sum.most;
	s->want_aside = sum.config;
	s->want_list = s->leftover || sum.arriving_other ||
		       (sum.leaving_dir && !sum.arriving && !sum.staying);
	if (sum.arriving && !sum.arriving_other)
		s->link_kept = canon_is_kept_link(&b->canon, s->path);
}

static void make_slots(struct builder *b)
{
	struct layout *l = b->out;

	if (b->spots.n)
		qsort(b->spots.v, b->spots.n, sizeof(*b->spots.v), spot_cmp);
	array_reserve(&l->claims, b->spots.n);
	for (uint32_t i = 0; i < b->spots.n;) {
		struct slot *s = array_push(&l->slots);
		unsigned kinds = 0;

		s->path = b->spots.v[i].path;
		s->first = l->claims.n;
		for (; i < b->spots.n && strcmp(b->spots.v[i].path, s->path) == 0; i++) {
			kinds |= b->spots.v[i].kind;
			if (b->spots.v[i].kind != SPOT_CLAIM)
				continue;
			b->spots.v[i].claim.slot = l->slots.n - 1;
			array_add(&l->claims, b->spots.v[i].claim);
		}
		s->n = l->claims.n - s->first;
		s->leftover = kinds == SPOT_WAS_ABOVE;
		s->litter = kinds & SPOT_LITTER && !s->n;
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
			beside->want_most = s->want_most;
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
	b.canon.view = view;
	b.canon.mem = &l.mem;
	place_leaving(&b);
	place_litter(&b);
	keep_links(&b);
	rc = settle_arriving(&b, err);
	if (rc == 0)
		rc = place_arriving(&b, err);
	if (rc == 0) {
		place_staying(&b);
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
	canon_release(&b.canon);
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
	array_release(&l->strays);
	arena_release(&l->mem);
}
