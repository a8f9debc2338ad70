/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* An rpmdb of the kind ndb. Checksums are as they come: see tests/fuzz/seeds for a whole one. */

#include "fuzz.h"
#include "rpm/db_ndb.h"

struct seen {
	uint32_t n;
	uint32_t last;
};

static int see(void *ctx, uint32_t instance, const void *blob, size_t n,
	       struct error *err _unused_)
{
	struct seen *s = ctx;

	FUZZ_CHECK(instance > s->last && (blob || !n));
	s->last = instance;
	s->n++;
	return 0;
}

FUZZ_TARGET(ndb)
{
	struct seen all = {0}, one = {0};
	uint32_t count = 0;
	int fd = fuzz_fd(data, n);

	if (db_ndb_check(fd, &count, NULL) < 0)
		return;
	FUZZ_CHECK(db_ndb_each(fd, 0, see, &all, NULL) == 0 && all.n == count);
	FUZZ_CHECK(db_ndb_each(fd, all.last, see, &one, NULL) == 0 &&
		   one.n == (count > 0));
}
