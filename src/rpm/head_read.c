/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "head_bytes.h"
#include "rpm/head.h"

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
static void take_filesig(struct input *in, struct pkg *p, struct filesig **all,
			 uint32_t n, uint32_t i, uint32_t len)
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
		      uint32_t n_folders, uint32_t i, struct filesig **sigs,
		      uint32_t n_files)
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
	p->stream = keep_text(in, p);
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
