/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOMD_H
#define PUTBACK_SOURCE_REPOMD_H
/*
 * The small documents of a repository: repomd.xml, which names its other metadata with digests, and
 * what leads to it: a metalink, or a list of mirrors.
 * Sources: createrepo_c's repomd.c; RFC 5854 and the older metalink 3.0 that MirrorManager speaks.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"

/* Bounds of what makes sense. */
enum {
	REPOMD_MAX = 8 << 20,
	METALINK_MAX = 8 << 20,
};
#define REPOMD_PRIMARY_MAX (1ULL << 30) /* compressed */
/* Decompressed: several times that of the biggest distributions, of 60,000 packages. */
#define REPOMD_OPEN_MAX (1ULL << 30)

struct repomd {
	char *location; /* of primary, beneath the repository */
	struct digest digest;
	uint64_t size; /* UINT64_MAX: not said */
	uint64_t open_size; /* decompressed; never more than REPOMD_OPEN_MAX, which it is where nothing is said */
};
/* The errors say what is wrong with "it"; the caller says with what. */
_must_check_ int repomd_read(const char *text, size_t n, struct repomd *ret,
			     struct error *err);
void repomd_release(struct repomd *r);

struct metalink {
	struct strlist bases; /* of the repository, the best first; http and https only */
	ARRAY(struct digest) digests; /* one of which repomd.xml has */
};
/* A metalink, or lines with URLs, of which those that are not http or https are left out. */
_must_check_ int metalink_read(const char *text, size_t n, struct metalink *ret,
			       struct error *err);
void metalink_release(struct metalink *m);

/* Whether it names a file beneath the repository: relative, without ".." and control characters. */
bool repomd_location_is_fit(const char *location);
/* "sha256" and hex. DIGEST_NONE where it is none, or one that proves nothing. */
void repomd_digest(const char *kind, const char *hex, struct digest *ret);

#endif
