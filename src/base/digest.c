/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/digest.h"

struct digester {
	DIGEST_CTX ctx;
	int algo;
};

int digest_is_same(const struct digest *a, const struct digest *b)
{
	return a->algo != DIGEST_NONE && a->algo == b->algo && a->len == b->len &&
	       !memcmp(a->bytes, b->bytes, a->len);
}

size_t digest_length(int algo)
{
	switch (algo) {
	case DIGEST_MD5: return 16;
	case DIGEST_SHA1: return 20;
	case DIGEST_SHA224: return 28;
	case DIGEST_SHA256: return 32;
	case DIGEST_SHA384: return 48;
	case DIGEST_SHA512: return 64;
	}
	return 0;
}

static void init_crypto(void)
{
	rpmInitCrypto();
}

struct digester *digester_new(int algo)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct digester *d;
	DIGEST_CTX ctx;

	if (!digest_length(algo))
		return NULL;
	pthread_once(&once, init_crypto);
	ctx = rpmDigestInit(algo, RPMDIGEST_NONE);
	if (!ctx)
		return NULL;
	d = xmalloc(sizeof(*d));
	d->ctx = ctx;
	d->algo = algo;
	return d;
}

void digester_update(struct digester *d, const void *p, size_t n)
{
	rpmDigestUpdate(d->ctx, p, n);
}

void digester_finish(struct digester *d, struct digest *ret)
{
	void *bytes = NULL;
	size_t n = 0;

	*ret = (struct digest){0};
	rpmDigestFinal(d->ctx, &bytes, &n, 0);
	if (bytes && n == digest_length(d->algo)) {
		ret->algo = d->algo;
		ret->len = n;
		memcpy(ret->bytes, bytes, n);
	}
	free(bytes);
	free(d);
}

void digester_free(struct digester *d)
{
	if (!d)
		return;
	rpmDigestFinal(d->ctx, NULL, NULL, 0);
	free(d);
}

int digest_fd(int fd, int algo, struct digest *ret)
{
	struct digester *d = digester_new(algo);
	char block[64 * 1024];
	off_t at = 0;
	ssize_t n;

	if (!d) {
		errno = ENOTSUP;
		return -1;
	}
	while ((n = pread(fd, block, sizeof(block), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			digester_free(d);
			return -1;
		}
		digester_update(d, block, n);
		at += n;
	}
	digester_finish(d, ret);
	return 0;
}
