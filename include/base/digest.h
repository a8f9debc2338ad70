/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_DIGEST_H
#define PUTBACK_BASE_DIGEST_H
/*
 * Digests, through librpm's rpmDigest* (rpmcrypto.h). Algorithm numbers are OpenPGP's, as in
 * RPMTAG_FILEDIGESTALGO: 1 MD5, 2 SHA-1, 8 SHA-256, 9 SHA-384, 10 SHA-512, 11 SHA-224.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define DIGEST_MAX 64
enum { DIGEST_NONE = 0, DIGEST_MD5 = 1, DIGEST_SHA1 = 2, DIGEST_SHA256 = 8, DIGEST_SHA384 = 9,
       DIGEST_SHA512 = 10, DIGEST_SHA224 = 11 };

struct digest {
	uint8_t algo; /* DIGEST_NONE: there is none */
	uint8_t len;
	uint8_t bytes[DIGEST_MAX];
};

int digest_is_same(const struct digest *a, const struct digest *b); /* 0 unless algo and bytes agree */
size_t digest_length(int algo); /* 0: unknown algorithm */

struct digester; /* takes bytes, gives a digest */
struct digester *digester_new(int algo); /* NULL: this host cannot compute it */
void digester_update(struct digester *d, const void *p, size_t n);
void digester_finish(struct digester *d, struct digest *ret); /* frees d */
void digester_free(struct digester *d);

/* Digest of what fd holds from its beginning to its end; -1 with errno on a read error. */
int digest_fd(int fd, int algo, struct digest *ret);

#endif
