/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What who reads headers says to who plans, should the former be in a stranger's hands: the head of a package
 * with a few files, which the input edits. An edit is four bytes: where (two), what, and a byte.
 */

#include <limits.h>
#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "rpm/hdr.h"
#include "rpm/head.h"

static void put_texts(Header h, rpmTagVal tag, const char **v, uint32_t n)
{
	headerPutStringArray(h, tag, v, n);
}

static void put_numbers(Header h, rpmTagVal tag, const uint32_t *v, uint32_t n)
{
	headerPutUint32(h, tag, v, n);
}

static void make_head(struct buf *ret)
{
	static const char *bases[] = {"a", "conf", "link"},
			  *dirs[] = {"/usr/bin/", "/etc/"},
			  *users[] = {"root", "daemon", "root"},
			  *links[] = {"", "", "conf"},
			  *digests[] = {"0123456789abcdef0123456789abcdef",
					"0123456789abcdef0123456789abcdef", ""},
			  *signatures[] = {"0302040000000000200a", "", ""};
	static const uint32_t in[] = {0, 1, 1}, flags[] = {0, 1, 0}, zero[] = {0, 0, 0},
			      sense[] = {RPMSENSE_EQUAL};
	static const uint16_t modes[] = {S_IFREG | 0755, S_IFREG | 0644, S_IFLNK | 0777};
	static const char *names[] = {"it"}, *versions[] = {"1-1"};
	Header h = headerNew();

	headerPutString(h, RPMTAG_NAME, "it");
	headerPutString(h, RPMTAG_VERSION, "1");
	headerPutString(h, RPMTAG_RELEASE, "1");
	headerPutString(h, RPMTAG_ARCH, "noarch");
	headerPutString(h, RPMTAG_SOURCERPM, "it-1-1.src.rpm");
	put_texts(h, RPMTAG_BASENAMES, bases, 3);
	put_texts(h, RPMTAG_DIRNAMES, dirs, 2);
	put_numbers(h, RPMTAG_DIRINDEXES, in, 3);
	headerPutUint16(h, RPMTAG_FILEMODES, modes, 3);
	put_numbers(h, RPMTAG_FILEFLAGS, flags, 3);
	put_numbers(h, RPMTAG_FILESIZES, zero, 3);
	put_texts(h, RPMTAG_FILEUSERNAME, users, 3);
	put_texts(h, RPMTAG_FILEGROUPNAME, users, 3);
	put_texts(h, RPMTAG_FILELINKTOS, links, 3);
	put_texts(h, RPMTAG_FILEDIGESTS, digests, 3);
	put_texts(h, RPMTAG_FILESIGNATURES, signatures, 3);
	put_texts(h, RPMTAG_PROVIDENAME, names, 1);
	put_texts(h, RPMTAG_PROVIDEVERSION, versions, 1);
	put_numbers(h, RPMTAG_PROVIDEFLAGS, sense, 1);
	FUZZ_CHECK(head_write(h, 0, HEAD_FILES | HEAD_DEPS, "it", ret, NULL) == 0);
	headerFree(h);
}

static void edit(struct buf *b, const uint8_t *data)
{
	size_t at = (data[0] | (size_t)data[1] << 8) % (b->n + 1);

	switch (data[2] % 4) {
	case 0: /* set */
		if (at < b->n)
			b->s[at] = (char)data[3];
		break;
	case 1: /* put in */
		buf_char(b, 0);
		memmove(b->s + at + 1, b->s + at, b->n - 1 - at);
		b->s[at] = (char)data[3];
		break;
	case 2: /* take out */
		at = at < data[3] ? 0 : at - data[3];
		memmove(b->s + at, b->s + at + MIN(b->n - at, (size_t)data[3]),
			b->n - at - MIN(b->n - at, (size_t)data[3]));
		b->n -= MIN(b->n - at, (size_t)data[3]);
		break;
	case 3: /* end here */ b->n = at; break;
	}
}

/* All that it has can be looked at. */
static void look(const struct head *h)
{
	static volatile size_t seen;
	const struct head_path *path;
	const struct head_dep *dep;
	const struct pkgfile *f;

	FUZZ_CHECK(nevra_is_good(&h->pkg->id));
	array_foreach(f, &h->pkg->files) {
		FUZZ_CHECK(pkg_dir_is_good(f->dir) && pkg_base_is_good(f->dir, f->base));
		FUZZ_CHECK(strlen(f->dir) + strlen(f->base) < PATH_MAX);
		FUZZ_CHECK(f->link_first < h->pkg->files.n);
		seen += strlen(f->user) + strlen(f->group) + strlen(f->langs) +
			strlen(f->link);
		for (unsigned i = 0; i < f->digest_len; i++)
			seen += f->digest[i];
		for (unsigned i = 0; i < f->caps_len; i++)
			seen += f->caps[i];
		if (h->pkg->filesigs)
			for (unsigned i = 0;
			     i < h->pkg->filesigs[f - h->pkg->files.v].len; i++)
				seen += h->pkg->filesigs[f - h->pkg->files.v].bytes[i];
	}
	array_foreach(dep, &h->deps)
		seen += strlen(dep->name) + (dep->evr ? strlen(dep->evr) : 0);
	array_foreach(path, &h->paths)
		seen += strlen(path->dir) + strlen(path->base);
	(void)seen;
}

FUZZ_TARGET(head)
{
	static struct buf original;
	cleanup_buf struct buf b = {0};
	cleanup_head struct head h = {0};
	cleanup_free char *exact = NULL; /* for sanitizers: nothing behind its end */

	if (hdr_init(NULL) < 0)
		return;
	if (!original.n)
		make_head(&original);
	buf_add(&b, original.s, original.n);
	for (; n >= 4; data += 4, n -= 4)
		edit(&b, data);
	exact = xmalloc(b.n + 1);
	memcpy(exact, b.s, b.n);
	if (head_read(exact, b.n, 0, "input", &h, NULL) == 0)
		look(&h);
}
