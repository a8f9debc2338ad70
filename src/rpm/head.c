/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/head.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strmap.h"
#include "rpm/hdr.h"

/*
 * The bytes: numbers in the host's order, strings with their NUL, lists behind their length. Directories come
 * once each, before the files that lie in them. Both ends are this program, so there is no version.
 */

/* Of a file: what it has in common with the one before it, and is not repeated. */
enum { SAME_USER = 1, SAME_GROUP = 2, SAME_LANGS = 4 };

struct file_numbers {
	uint64_t size;
	int64_t mtime;
	uint32_t dir, mode, flags, color, rdev, link_first, link_count, filesig_len;
	uint8_t state, digest_len, caps_len, same;
};

struct numbers {
	struct digest hdrdigest;
	int64_t epoch, installtime, installtid, buildtime;
	uint64_t size;
	uint32_t instance, scriptlets;
	uint8_t digest_algo, beside, sound, header_signed, is_signed;
};

/* --- writing ---------------------------------------------------------------------------------------------- */

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

/* --- reading ---------------------------------------------------------------------------------------------- */

struct input {
	const char *at, *end;
	bool bad; /* something was not as head_write() writes it */
};

static size_t left(const struct input *in)
{
	return (size_t)(in->end - in->at);
}

static void take(struct input *in, void *ret, size_t n)
{
	if (in->bad || n > left(in)) {
		in->bad = true;
		memset(ret, 0, n);
		return;
	}
	memcpy(ret, in->at, n);
	in->at += n;
}

/* Of things of that many bytes at least. */
static uint32_t take_count(struct input *in, size_t each)
{
	uint32_t n;

	take(in, &n, sizeof(n));
	if (n > left(in) / each) {
		in->bad = true;
		n = 0;
	}
	return n;
}

static const char *take_text(struct input *in)
{
	const char *s = in->at, *nul = in->bad ? NULL : memchr(s, '\0', left(in));

	if (!nul) {
		in->bad = true;
		return "";
	}
	in->at = nul + 1;
	return s;
}

static const char *keep_text(struct input *in, struct pkg *p)
{
	const char *s = take_text(in);

	return *s ? arena_strdup(&p->mem, s) : "";
}

static void take_list(struct input *in, struct strlist *ret)
{
	uint32_t n = take_count(in, 1);

	for (uint32_t i = 0; i < n && !in->bad; i++)
		strlist_add(ret, take_text(in));
}

static const uint8_t *keep_bytes(struct input *in, struct pkg *p, size_t n)
{
	uint8_t *bytes;

	if (!n || in->bad || n > left(in)) {
		in->bad |= n > 0;
		return NULL;
	}
	bytes = arena_memdup(&p->mem, in->at, n);
	in->at += n;
	return bytes;
}

/* The caller frees. Kept in the arena of p, where there is one. */
static const char **take_folders(struct input *in, struct pkg *p, uint32_t *ret_n)
{
	uint32_t n = take_count(in, 1);
	const char **v = xcalloc((size_t)n + 1, sizeof(*v));

	for (uint32_t i = 0; i < n && !in->bad; i++)
		v[i] = p ? keep_text(in, p) : take_text(in);
	*ret_n = n;
	return v;
}

/* all: of the package's files, of which there are n; made when the first of them has one. */
static void take_filesig(struct input *in, struct pkg *p, struct filesig **all, uint32_t n,
			 uint32_t i, uint32_t len)
{
	if (!len)
		return;
	if (!*all) {
		*all = arena_alloc(&p->mem, n * sizeof(**all));
		p->filesigs = *all;
	}
	(*all)[i] = (struct filesig){keep_bytes(in, p, len), len};
}

static void take_file(struct input *in, struct pkg *p, const char *const *folders,
		      uint32_t n_folders, uint32_t i, struct filesig **sigs, uint32_t n_files)
{
	struct pkgfile *f = array_push(&p->files);
	const struct pkgfile *last = i ? f - 1 : NULL;
	struct file_numbers n;

	take(in, &n, sizeof(n));
	if (n.dir >= n_folders || (n.same && !last)) {
		in->bad = true;
		return;
	}
	f->dir = folders[n.dir];
	f->size = n.size;
	f->mtime = n.mtime;
	f->mode = n.mode;
	f->flags = n.flags;
	f->color = n.color;
	f->rdev = n.rdev;
	f->link_first = n.link_first;
	f->link_count = n.link_count;
	f->state = n.state;
	f->base = keep_text(in, p);
	f->link = keep_text(in, p);
	f->user = n.same & SAME_USER ? last->user : keep_text(in, p);
	f->group = n.same & SAME_GROUP ? last->group : keep_text(in, p);
	f->langs = n.same & SAME_LANGS ? last->langs : keep_text(in, p);
	f->digest = keep_bytes(in, p, n.digest_len);
	f->digest_len = n.digest_len;
	f->caps = keep_bytes(in, p, n.caps_len);
	f->caps_len = n.caps_len;
	take_filesig(in, p, sigs, n_files, i, n.filesig_len);
}

static bool file_is_good(const struct pkg *p, const struct pkgfile *f)
{
	return pkg_dir_is_good(f->dir) && pkg_base_is_good(f->dir, f->base) &&
	       strlen(f->dir) + strlen(f->base) < PATH_MAX &&
	       f->state <= STATE_WRONGCOLOR && (p->instance || !f->state) &&
	       (!S_ISLNK(f->mode) || *f->link || (f->flags & FILE_GHOST)) &&
	       (!f->digest_len || f->digest_len == digest_length(p->digest_algo)) &&
	       f->link_first < p->files.n && f->link_count >= 1 &&
	       f->link_count <= p->files.n &&
	       p->files.v[f->link_first].link_first == f->link_first;
}

static void take_files(struct input *in, struct pkg *p)
{
	uint32_t n_folders, n;
	const char **folders = take_folders(in, p, &n_folders);
	struct filesig *sigs = NULL;

	n = take_count(in, sizeof(struct file_numbers));
	array_reserve(&p->files, n);
	for (uint32_t i = 0; i < n && !in->bad; i++)
		take_file(in, p, folders, n_folders, i, &sigs, n);
	for (uint32_t i = 0; i < p->files.n && !in->bad; i++)
		in->bad = !file_is_good(p, &p->files.v[i]);
	free(folders);
}

static void take_pkg(struct input *in, struct head *ret)
{
	struct pkg *p = ret->pkg;
	cleanup_free char *nevra = NULL;
	struct numbers n;

	take(in, &n, sizeof(n));
	p->hdrdigest = n.hdrdigest;
	p->id.epoch = n.epoch;
	p->installtime = n.installtime;
	p->installtid = n.installtid;
	p->buildtime = n.buildtime;
	p->size = n.size;
	p->instance = n.instance;
	p->scriptlets = n.scriptlets;
	p->digest_algo = n.digest_algo;
	p->beside = n.beside;
	ret->sound = n.sound;
	ret->header_signed = n.header_signed;
	ret->is_signed = n.is_signed;
	p->id.name = keep_text(in, p);
	p->id.version = keep_text(in, p);
	p->id.release = keep_text(in, p);
	p->id.arch = keep_text(in, p);
	p->vendor = keep_text(in, p);
	p->summary = keep_text(in, p);
	p->sourcerpm = keep_text(in, p);
	p->keyid = keep_text(in, p);
	p->compressor = keep_text(in, p);
	take_list(in, &p->presets);
	take_list(in, &p->triggers);
	take_list(in, &p->filetriggers);
	take_list(in, &p->langs_installed);
	if (!nevra_is_good(&p->id) || p->id.epoch < EPOCH_NONE ||
	    p->id.epoch > UINT32_MAX || p->hdrdigest.len > DIGEST_MAX) {
		in->bad = true;
		return;
	}
	nevra = nevra_string(&p->id);
	p->nevra = arena_strdup(&p->mem, nevra);
}

static void take_deps(struct input *in, struct head *ret)
{
	uint32_t n = take_count(in, 2 * sizeof(uint32_t));

	for (uint32_t i = 0; i < n && !in->bad; i++) {
		uint32_t head[2];
		const char *name, *evr;

		take(in, head, sizeof(head));
		name = take_text(in);
		evr = take_text(in);
		if (head[0] > DEP_ENHANCES || !*name)
			in->bad = true;
		else
			array_add(&ret->deps,
				  (struct head_dep){(enum hdr_dep)head[0], name,
						    *evr ? evr : NULL, head[1]});
	}
}

static void take_paths(struct input *in, struct head *ret)
{
	uint32_t n_folders, n;
	const char **folders = take_folders(in, NULL, &n_folders);

	n = take_count(in, sizeof(uint32_t));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		uint32_t dir;
		const char *base;

		take(in, &dir, sizeof(dir));
		base = take_text(in);
		if (dir >= n_folders || *folders[dir] != '/')
			in->bad = true;
		else
			array_add(&ret->paths, (struct head_path){folders[dir], base});
	}
	free(folders);
}

int head_read(const char *bytes, size_t n, uint32_t instance, const char *what,
	      struct head *ret, struct error *err)
{
	struct input in = {bytes, bytes + n, false};
	struct head h = {.pkg = pkg_new()};

	take_pkg(&in, &h);
	take_files(&in, h.pkg);
	take_deps(&in, &h);
	take_paths(&in, &h);
	h.key = take_text(&in);
	if (!*h.key)
		h.key = NULL;
	if (in.bad || in.at != in.end || h.pkg->instance != instance) {
		head_release(&h);
		return err_set(
			err, ERR_FAILED,
			"%s is damaged: who reads headers says of it what cannot be",
			what);
	}
	*ret = h;
	return 0;
}

void head_release(struct head *h)
{
	pkg_free(h->pkg);
	array_release(&h->deps);
	array_release(&h->paths);
	memset(h, 0, sizeof(*h));
}
