/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/head.h"

#include <string.h>

#include "base/strmap.h"
#include "head_bytes.h"
#include "rpm/hdr.h"

static void put_count(struct buf *b, size_t n)
{
	uint32_t count = (uint32_t)n;

	buf_add(b, &count, sizeof(count));
}

static void put_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s) + 1);
}

static void put_list(struct buf *b, const struct strlist *l)
{
	put_count(b, l->n);
	for (uint32_t i = 0; i < l->n; i++)
		put_text(b, l->v[i]);
}

/* Directories in the order in which they are met. */
struct folders {
	struct strmap known;
	struct buf text;
	uint32_t n;
	const char *last; /* neighbours share one */
	uint32_t last_at;
};

static uint32_t folder_of(struct folders *f, const char *dir)
{
	if (f->last == dir)
		return f->last_at;
	if (!strmap_get(&f->known, dir, &f->last_at)) {
		put_text(&f->text, dir);
		f->last_at = f->n++;
		strmap_set(&f->known, dir, f->last_at);
	}
	f->last = dir;
	return f->last_at;
}

static void put_folders(const struct folders *f, struct buf *ret)
{
	put_count(ret, f->n);
	buf_add(ret, f->n ? f->text.s : "", f->text.n);
}

static void folders_release(struct folders *f)
{
	strmap_release(&f->known);
	buf_release(&f->text);
}

static void put_file(const struct pkg *p, uint32_t i, struct folders *folders,
		     struct buf *ret)
{
	const struct pkgfile *f = &p->files.v[i], *last = i ? f - 1 : NULL;
	const struct filesig *sig = p->filesigs ? &p->filesigs[i] : NULL;
	struct file_numbers n;

	memset(&n, 0, sizeof(n)); /* padding too */
	n.size = f->size;
	n.mtime = f->mtime;
	n.dir = folder_of(folders, f->dir);
	n.mode = f->mode;
	n.flags = f->flags;
	n.color = f->color;
	n.rdev = f->rdev;
	n.link_first = f->link_first;
	n.link_count = f->link_count;
	n.filesig_len = sig ? sig->len : 0;
	n.state = f->state;
	n.digest_len = f->digest_len;
	n.caps_len = f->caps_len;
	n.same = (uint8_t)((last && last->user == f->user ? SAME_USER : 0) |
			   (last && last->group == f->group ? SAME_GROUP : 0) |
			   (last && last->langs == f->langs ? SAME_LANGS : 0));
	buf_add(ret, &n, sizeof(n));
	put_text(ret, f->base);
	put_text(ret, f->link);
	if (!(n.same & SAME_USER))
		put_text(ret, f->user);
	if (!(n.same & SAME_GROUP))
		put_text(ret, f->group);
	if (!(n.same & SAME_LANGS))
		put_text(ret, f->langs);
	buf_add(ret, f->digest ? (const char *)f->digest : "", f->digest_len);
	buf_add(ret, f->caps ? (const char *)f->caps : "", f->caps_len);
	buf_add(ret, n.filesig_len ? (const char *)sig->bytes : "", n.filesig_len);
}

static void put_files(const struct pkg *p, struct buf *ret)
{
	struct folders folders = {0};
	cleanup_buf struct buf files = {0};

	for (uint32_t i = 0; i < p->files.n; i++)
		put_file(p, i, &folders, &files);
	put_folders(&folders, ret);
	put_count(ret, p->files.n);
	buf_add(ret, p->files.n ? files.s : "", files.n);
	folders_release(&folders);
}

static void put_pkg(Header h, const struct pkg *p, bool sound, struct buf *ret)
{
	cleanup_buf struct buf packet = {0};
	struct numbers n;

	memset(&n, 0, sizeof(n));
	n.hdrdigest = p->hdrdigest;
	n.epoch = p->id.epoch;
	n.installtime = p->installtime;
	n.installtid = p->installtid;
	n.buildtime = p->buildtime;
	n.size = p->size;
	n.instance = p->instance;
	n.scriptlets = p->scriptlets;
	n.digest_algo = p->digest_algo;
	n.beside = p->beside;
	n.sound = sound;
	n.header_signed = hdr_signature(h, true, 0, &packet) != HDR_NO_SIGNATURE;
	n.is_signed = hdr_signature(h, false, 0, &packet) != HDR_NO_SIGNATURE;
	buf_add(ret, &n, sizeof(n));
	put_text(ret, p->id.name);
	put_text(ret, p->id.version);
	put_text(ret, p->id.release);
	put_text(ret, p->id.arch);
	put_text(ret, p->vendor);
	put_text(ret, p->stream);
	put_text(ret, p->summary);
	put_text(ret, p->sourcerpm);
	put_text(ret, p->keyid);
	put_text(ret, p->compressor);
	put_list(ret, &p->presets);
	put_list(ret, &p->triggers);
	put_list(ret, &p->filetriggers);
	put_list(ret, &p->langs_installed);
}

struct list {
	struct folders folders;
	struct buf text;
	uint32_t n;
};

static void list_dep(void *ctx, enum hdr_dep kind, const char *name, const char *evr,
		     unsigned compare)
{
	struct list *l = ctx;
	const uint32_t head[2] = {(uint32_t)kind, compare};

	buf_add(&l->text, head, sizeof(head));
	put_text(&l->text, name);
	put_text(&l->text, evr ? evr : "");
	l->n++;
}

static void list_path(void *ctx, const char *dir, const char *base)
{
	struct list *l = ctx;

	put_count(&l->text, folder_of(&l->folders, dir));
	put_text(&l->text, base);
	l->n++;
}

static void put_listed(struct list *l, struct buf *ret)
{
	put_count(ret, l->n);
	buf_add(ret, l->n ? l->text.s : "", l->text.n);
	buf_release(&l->text);
	folders_release(&l->folders);
}

int head_write(Header h, uint32_t instance, unsigned parts, const char *what,
	       struct buf *ret, struct error *err)
{
	cleanup_free char *key = parts & HEAD_KEY ? hdr_pubkey(h) : NULL;
	struct list deps = {0}, paths = {0};
	struct pkg *p;

	if (hdr_read_installed(h, instance, parts & HEAD_FILES ? HDR_FILES : HDR_IDENTITY,
			       what, &p, err))
		return -1;
	put_pkg(h, p, instance ? hdr_is_sound(h, &p->hdrdigest) : true, ret);
	put_files(p, ret);
	pkg_free(p);
	if (parts & HEAD_DEPS) {
		hdr_each_dep(h, list_dep, &deps);
		hdr_each_path(h, list_path, &paths);
	}
	put_listed(&deps, ret);
	put_folders(&paths.folders, ret);
	put_listed(&paths, ret);
	put_text(ret, key ? key : "");
	return 0;
}

void head_release(struct head *h)
{
	pkg_free(h->pkg);
	array_release(&h->deps);
	array_release(&h->paths);
	memset(h, 0, sizeof(*h));
}
