/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"
#include "planlab.h"

static const uint32_t type_bits[] = {
	[FT_REG] = S_IFREG, [FT_DIR] = S_IFDIR,	 [FT_LNK] = S_IFLNK,  [FT_CHR] = S_IFCHR,
	[FT_BLK] = S_IFBLK, [FT_FIFO] = S_IFIFO, [FT_SOCK] = S_IFSOCK};

void lab_init(struct lab *l)
{
	struct mount *m;

	*l = (struct lab){0};
	m = array_push(&l->mounts);
	*m = (struct mount){.path = xstrdup(""),
			    .fstype = xstrdup("ext4"),
			    .device = xstrdup("/dev/root"),
			    .block_size = 4096,
			    .blocks_free = 1 << 20,
			    .inodes_free = UINT64_MAX};
	(void)lab_add(l, "", FT_DIR);
}

void lab_release(struct lab *l)
{
	array_release(&l->disk);
	strmap_release(&l->by_path);
	changes_release(&l->changes);
	pkgset_release(&l->leaving);
	pkgset_release(&l->staying);
	users_release(&l->users);
	mounts_release(&l->mounts);
	strmap_release(&l->content_of);
	strlist_release(&l->contents);
	arena_release(&l->mem);
}

/* --- the disk --------------------------------------------------------------------------------- */

struct lab_node *lab_find(struct lab *l, const char *path)
{
	uint32_t i;

	return strmap_get(&l->by_path, path, &i) && l->disk.v[i].is_there ? &l->disk.v[i]
									  : NULL;
}

struct lab_node *lab_add(struct lab *l, const char *path, enum ftype type)
{
	cleanup_free char *up = path_parent(path);
	struct lab_node *n = lab_find(l, path), *parent;
	uint32_t at, above;

	if (!n && path[0] && !lab_find(l, up))
		(void)lab_add(l, up, FT_DIR);
	if (!n) {
		n = array_push(&l->disk);
		n->path = arena_strdup(&l->mem, path);
		strmap_set(&l->by_path, n->path, l->disk.n - 1);
	}
	at = (uint32_t)(n - l->disk.v);
	parent = path[0] ? lab_find(l, up) : n;
	above = (uint32_t)(parent - l->disk.v);
	if (!n->is_there && path[0])
		parent->children++;
	*n = (struct lab_node){.path = n->path,
			       .parent = above,
			       .children = n->is_there ? n->children : 0,
			       .is_there = true,
			       .content = ""};
	n->fact.type = type;
	n->fact.id.ino = ++l->last_ino;
	n->fact.attr.mode = type_bits[type] | (type == FT_LNK	? 0777
					       : type == FT_DIR ? 0755
								: 0644);
	n->fact.attr.mtime_ns = INT64_C(1000000000);
	n->fact.nlink = 1;
	return &l->disk.v[at];
}

void lab_unlink(struct lab *l, struct lab_node *n)
{
	n->is_there = false;
	l->disk.v[n->parent].children--;
}

static enum ftype view_type(void *ctx, const char *path, const char **ret_target,
			    uint32_t *ret_uid)
{
	struct lab_node *n = lab_find(ctx, path);

	if (!n)
		return FT_NONE;
	*ret_target = n->fact.link;
	*ret_uid = n->fact.attr.uid;
	return n->fact.type;
}

void lab_digest(struct lab *l, const char *content, uint8_t algo, struct digest *ret)
{
	struct digester *d = digester_new(algo);
	cleanup_buf struct buf hex = {0};

	if (!d)
		BUG("no digest %d here", algo);
	digester_update(d, content, strlen(content));
	digester_finish(d, ret);
	buf_hex(&hex, ret->bytes, ret->len);
	if (strmap_get(&l->content_of, hex.s, NULL))
		return;
	strlist_add(&l->contents, content);
	strmap_set(&l->content_of, arena_strdup(&l->mem, hex.s), l->contents.n - 1);
}

/* --- facts, as include/core/layout.h asks for them ---------------------------------------------- */

static uint32_t count_names(const struct lab *l, const struct lab_node *n)
{
	uint32_t names = 0;

	for (uint32_t i = 0; i < l->disk.n; i++)
		names += l->disk.v[i].is_there &&
			 l->disk.v[i].fact.id.ino == n->fact.id.ino;
	return names;
}

static void look(struct lab *l, struct slot *s)
{
	const struct lab_node *n = lab_find(l, s->path);

	s->fact = n ? n->fact : (struct fact){0};
	s->fact.mount = mounts_of_path(&l->mounts, s->path);
	s->fact.dev = s->fact.mount + 1;
	if (!n || n->fact.type != FT_REG)
		return;
	s->fact.size = strlen(n->content);
	if (n->shares)
		s->fact.nlink = MAX(s->fact.nlink, count_names(l, n));
	if (n->fact.sys || (s->want_size != UINT64_MAX ? s->want_size != s->fact.size
					     : s->fact.size > s->want_most))
		return;
	for (int i = 0; i < 2; i++)
		if (s->algos[i])
			lab_digest(l, n->content, s->algos[i], &s->fact.digest[i]);
}

static void list(struct lab *l, struct layout *layout)
{
	struct slot **slot_of = xcalloc(l->disk.n, sizeof(struct slot *));
	struct slot *s;

	array_foreach(s, &layout->slots) {
		struct lab_node *n = lab_find(l, s->path);

		if (n && s->want_list && s->fact.type == FT_DIR)
			slot_of[n - l->disk.v] = s;
	}
	for (uint32_t i = 1; i < l->disk.n; i++) {
		const struct lab_node *n = &l->disk.v[i];
		const char *slash = strrchr(n->path, '/');

		if (n->is_there && slot_of[n->parent])
			strlist_add(&slot_of[n->parent]->entries,
				    slash ? slash + 1 : n->path);
	}
	free(slot_of);
}

static void count_asides(struct lab *l, struct slot *s)
{
	for (int a = 0; s->want_aside && a < ASIDE_N; a++) {
		cleanup_free char *name = xasprintf("%s%s", s->path, aside_suffix(a));

		while (lab_find(l, name)) {
			free(name);
			name = xasprintf("%s%s.%u", s->path, aside_suffix(a),
					 ++s->aside[a]);
		}
	}
}

int lab_plan(struct lab *l, struct lab_plan *ret, struct error *err)
{
	const struct tree_view view = {l, view_type, &l->mounts};
	const struct space_extra db = {0, l->db_bytes + l->db_bytes / 4, 8};
	struct slot *s;

	memset(ret, 0, sizeof(*ret));
	users_finish(&l->users);
	changes_sort(&l->changes);
	if (layout_build(&l->changes, &l->staying, &view, &ret->layout, err) < 0)
		return -1;
	array_foreach(s, &ret->layout.slots) {
		look(l, s);
		count_asides(l, s);
	}
	list(l, &ret->layout);
	plan_build(&l->changes, &l->staying, &ret->layout, &l->mounts, &l->users,
		   &l->policy, &ret->plan);
	space_check(&ret->plan, &db, l->changes.list.n ? 1 : 0);
	return 0;
}

void lab_plan_release(struct lab_plan *p)
{
	plan_release(&p->plan);
	layout_release(&p->layout);
}

/* --- packages ------------------------------------------------------------------------------------ */

struct pkg *lab_pkg(struct lab *l, const char *nevra, uint8_t algo)
{
	struct pkg *p = pkg_new();

	if (nevra_parse(&p->mem, nevra, &p->id) < 0) {
		pkg_free(p);
		return NULL;
	}
	p->nevra = arena_strdup(&p->mem, nevra);
	p->digest_algo = algo;
	lab_digest(l, nevra, DIGEST_SHA256, &p->hdrdigest);
	return p;
}

struct pkgfile *lab_add_file(struct lab *l, struct pkg *p, const char *path,
			     uint32_t mode, const char *content)
{
	struct pkgfile *f = array_push(&p->files);
	const char *slash = strrchr(path, '/');

	f->dir = arena_strndup(&p->mem, path, (size_t)(slash + 1 - path));
	f->base = arena_strdup(&p->mem, slash + 1);
	f->mode = mode;
	f->mtime = 1;
	f->link = f->langs = "";
	f->user = f->group = "root";
	f->link_first = p->files.n - 1;
	f->link_count = 1;
	if (S_ISREG(mode)) {
		struct digest d;

		lab_digest(l, content, p->digest_algo, &d);
		f->size = strlen(content);
		f->digest_len = d.len;
		f->digest = arena_memdup(&p->mem, d.bytes, d.len);
	} else if (S_ISLNK(mode)) {
		f->link = arena_strdup(&p->mem, content);
		f->size = strlen(content);
	}
	return f;
}

void lab_link_files(struct pkg *p, uint32_t first, uint32_t file)
{
	uint32_t count = p->files.v[first].link_count + 1;

	p->files.v[file].link_first = first;
	for (uint32_t i = first; i <= file; i++)
		if (p->files.v[i].link_first == first)
			p->files.v[i].link_count = count;
}

static struct pkg *copy(struct lab *l, const struct pkg *p)
{
	struct pkg *c = lab_pkg(l, p->nevra, p->digest_algo);
	const struct pkgfile *f;

	c->filesigs = p->filesigs;
	array_foreach(f, &p->files) {
		struct pkgfile *n = array_push(&c->files);

		*n = *f; /* strings live on with the lab's leaving packages */
		n->state = STATE_NORMAL;
	}
	return c;
}

static void take_states(struct lab *l, const struct plan *p)
{
	const struct state_fix *x;

	array_foreach(x, &p->states) {
		if (x->side == SIDE_ARRIVING)
			l->changes.list.v[x->owner].to->files.v[x->file].state = x->state;
		for (uint32_t i = 0; x->side == SIDE_STAYING && i < l->staying.n; i++)
			if (l->staying.v[i]->instance == x->owner)
				l->staying.v[i]->files.v[x->file].state = x->state;
	}
}

void lab_advance(struct lab *l, const struct plan *p, bool again)
{
	struct pkgset came = l->changes.arriving;
	struct change *x;

	take_states(l, p);
	l->changes.arriving = (struct pkgset){0};
	array_foreach(x, &l->changes.list) {
		free(x->location);
		free(x->reason);
		free(x->signer);
	}
	l->changes.list.n = 0;
	for (uint32_t i = 0; i < came.n; i++) {
		struct pkg *from = came.v[i];

		from->instance = ++l->last_instance;
		from->installtid = l->now;
		pkgset_take(&l->leaving, from);
		if (!again)
			continue;
		x = array_push(&l->changes.list);
		x->kind = CHANGE_REINSTALL;
		x->from = from;
		x->to = copy(l, from);
		pkgset_take(&l->changes.arriving, x->to);
	}
	array_release(&came);
}
