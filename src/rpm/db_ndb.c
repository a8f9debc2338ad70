/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_ndb.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

enum {
	PAGE = 4096,
	HEAD = 32,
	SLOT = 16,
	BLOCK = 16, /* what slots count in */
	BLOB_HEAD = 16,
	BLOB_TAIL = 12,
	PACKAGES_MAX = 1 << 20,
	BYTES_MAX = 256 << 20, /* of a header, rpm's lib/header.c: headerMaxbytes */
};

struct slot {
	uint32_t number;
	uint32_t first, blocks;
};

struct slots {
	struct slot *v;
	uint32_t n, cap;
};

static uint32_t word(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* --- the table ------------------------------------------------------------------------------------------ */

static int take_slot(const uint8_t *p, uint64_t table, uint64_t size, struct slots *ret,
		     struct error *err)
{
	struct slot s = {word(p + 4), word(p + 8), word(p + 12)};
	uint64_t end = ((uint64_t)s.first + s.blocks) * BLOCK;

	if (memcmp(p, "Slot", 4) != 0)
		return err_set(err, ERR_FAILED, "damaged in its table of packages");
	if (s.first == 0)
		return 0;
	if (end > size)
		return err_set(err, ERR_FAILED,
			       "damaged: truncated, a package ends at byte %" PRIu64
			       " of %" PRIu64,
			       end, size);
	if (s.number == 0 || (uint64_t)s.first * BLOCK < table ||
	    s.blocks * (uint64_t)BLOCK < BLOB_HEAD + BLOB_TAIL || ret->n == PACKAGES_MAX)
		return err_set(err, ERR_FAILED, "damaged in its table of packages");
	array_add(ret, s);
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static int by_number(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* No place and no number is two packages'. Sorts by number. */
static int check_apart(struct slots *s, struct error *err)
{
	if (s->n == 0)
		return 0;
	qsort(s->v, s->n, sizeof(*s->v), by_place);
	for (uint32_t i = 1; i < s->n; i++)
		if (s->v[i].first - s->v[i - 1].first < s->v[i - 1].blocks)
			return err_set(
				err, ERR_FAILED,
				"damaged: packages %u and %u are in the same place",
				s->v[i - 1].number, s->v[i].number);
	qsort(s->v, s->n, sizeof(*s->v), by_number);
	for (uint32_t i = 1; i < s->n; i++)
		if (s->v[i].number == s->v[i - 1].number)
			return err_set(err, ERR_FAILED,
				       "damaged: package %u is there twice",
				       s->v[i].number);
	return 0;
}

static int read_slots(int fd, struct slots *ret, struct error *err)
{
	uint8_t page[PAGE];
	uint64_t size, table;
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at the private copy");
	size = (uint64_t)st.st_size;
	if (pread(fd, page, HEAD, 0) != HEAD || memcmp(page, "RpmP", 4) != 0)
		return err_set(err, ERR_FAILED, "damaged: not an ndb database");
	if (word(page + 4) != 0)
		return err_set(err, ERR_FAILED,
			       "an ndb database of version %u, and only 0 is known",
			       word(page + 4));
	table = (uint64_t)word(page + 12) * PAGE;
	if (table == 0 || size < table)
		return err_set(err, ERR_FAILED,
			       "damaged: truncated in its table of packages");
	for (uint64_t from = 0; from < table; from += PAGE) {
		if (pread(fd, page, PAGE, (off_t)from) != PAGE)
			return err_errno(err, "cannot read the private copy");
		for (uint32_t at = from ? 0 : HEAD; at < PAGE; at += SLOT)
			if (take_slot(page + at, table, size, ret, err))
				return -1;
	}
	return check_apart(ret, err);
}

/* --- the blobs ------------------------------------------------------------------------------------------ */

/* RFC 1950 */
static uint32_t adler32(const uint8_t *p, size_t n)
{
	enum { BASE = 65521, MOST = 5552 /* that do not overflow */ };
	uint32_t a = 1, b = 0;

	while (n > 0) {
		size_t part = MIN(n, (size_t)MOST);

		n -= part;
		while (part-- > 0) {
			a += *p++;
			b += a;
		}
		a %= BASE;
		b %= BASE;
	}
	return b << 16 | a;
}

static bool is_whole(const struct slot *s, const uint8_t *p, size_t n)
{
	const uint8_t *tail = p + n - BLOB_TAIL;
	uint64_t all = (uint64_t)BLOB_HEAD + word(p + 12) + BLOB_TAIL;

	return !memcmp(p, "BlbS", 4) && word(p + 4) == s->number &&
	       (all + BLOCK - 1) / BLOCK == s->blocks && !memcmp(tail + 8, "BlbE", 4) &&
	       word(tail + 4) == word(p + 12) && word(tail) == adler32(p, n - BLOB_TAIL);
}

static int read_blob(int fd, const struct slot *s, db_row_fn fn, void *ctx,
		     struct error *err)
{
	size_t n = (size_t)s->blocks * BLOCK;
	cleanup_free uint8_t *p = NULL;

	if (n > BYTES_MAX)
		return err_set(err, ERR_FAILED, "damaged: package %u is of %zu bytes",
			       s->number, n);
	p = xmalloc(n);
	if (pread(fd, p, n, (off_t)s->first * BLOCK) != (ssize_t)n)
		return err_errno(err, "cannot read the private copy");
	if (!is_whole(s, p, n))
		return err_set(err, ERR_FAILED,
			       "damaged: package %u, at byte %" PRIu64
			       ", is not as rpm wrote it",
			       s->number, (uint64_t)s->first * BLOCK);
	return fn ? fn(ctx, s->number, p + BLOB_HEAD, word(p + 12), err) : 0;
}

int db_ndb_check(int fd, uint32_t *ret_count, struct error *err)
{
	struct slots s = {0};
	int rc = read_slots(fd, &s, err);

	for (uint32_t i = 0; i < s.n && rc == 0; i++)
		rc = read_blob(fd, &s.v[i], NULL, NULL, err);
	if (rc == 0)
		*ret_count = s.n;
	array_release(&s);
	return rc;
}

int db_ndb_each(int fd, uint32_t only, db_row_fn fn, void *ctx, struct error *err)
{
	struct slots s = {0};
	int rc = read_slots(fd, &s, err);

	for (uint32_t i = 0; i < s.n && rc == 0; i++)
		if (only == 0 || s.v[i].number == only)
			rc = read_blob(fd, &s.v[i], fn, ctx, err);
	array_release(&s);
	return rc;
}
