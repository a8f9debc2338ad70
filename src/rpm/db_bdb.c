/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_bdb.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/macros.h"

enum {
	PAGE = 4096,
	HEAD = 26, /* of a page: sizeof(PAGE) without its items */
	ROOM = PAGE - HEAD,
	META_SIZE = 512,
	MAGIC_HASH = 0x061561,
	/* types of pages */
	TYPE_OVERFLOW = 7,
	TYPE_META = 8,
	TYPE_HASH = 13,
	/* types of items */
	ITEM_DATA = 1,
	ITEM_OFFPAGE = 3,
	KEY_SIZE = 1 + 4,
	OFFPAGE_SIZE = 12,
	BUCKETS = 2,
	STEP = 128, /* records that the first byte of a key tells apart */
};

struct db_bdb {
	int fd;
	struct db_bdb_kind kind;
	uint32_t records; /* packages so far */
	uint32_t pages;	  /* that are taken, the first being the metadata */
	/* the page of the bucket's chain that is being filled */
	uint8_t page[PAGE];
	uint32_t number;
	uint16_t entries, top;
	uint32_t highest_at; /* offset of the highest number's place in the file */
};

static void put16(const struct db_bdb *b, uint8_t *p, uint16_t v)
{
	p[b->kind.big ? 1 : 0] = (uint8_t)v;
	p[b->kind.big ? 0 : 1] = (uint8_t)(v >> 8);
}

static void put32(const struct db_bdb *b, uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[b->kind.big ? 3 - i : i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *p, bool big)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)p[big ? 3 - i : i] << 8 * i;
	return v;
}

int db_bdb_kind(int fd, struct db_bdb_kind *ret, struct error *err)
{
	uint8_t m[META_SIZE];
	bool big;

	if (pread(fd, m, sizeof(m), 0) != (ssize_t)sizeof(m))
		return err_set(err, ERR_FAILED, "too short for a Berkeley DB");
	big = get32(m + 12, true) == MAGIC_HASH;
	if (get32(m + 12, big) != MAGIC_HASH)
		return err_set(err, ERR_FAILED, "not a hash of Berkeley DB");
	ret->big = big;
	ret->version = get32(m + 16, big);
	return 0;
}

/* --- pages -------------------------------------------------------------------------------------------- */

static void begin_page(const struct db_bdb *b, uint8_t *p, uint32_t number, uint32_t prev,
		       uint8_t type)
{
	memset(p, 0, PAGE);
	put32(b, p + 4, 1); /* as of a page that no log knows */
	put32(b, p + 8, number);
	put32(b, p + 12, prev);
	p[25] = type;
}

static int write_page(const struct db_bdb *b, const uint8_t *p, uint32_t number,
		      struct error *err)
{
	return pwrite(b->fd, p, PAGE, (off_t)number * PAGE) == PAGE
		       ? 0
		       : err_errno(err, "cannot write a database for the root's own rpm");
}

static void begin_chain_page(struct db_bdb *b, uint32_t prev)
{
	b->number = b->pages++;
	b->entries = 0;
	b->top = PAGE;
	begin_page(b, b->page, b->number, prev, TYPE_HASH);
}

static int end_chain_page(struct db_bdb *b, uint32_t next, struct error *err)
{
	put32(b, b->page + 16, next);
	put16(b, b->page + 20, b->entries);
	put16(b, b->page + 22, b->top);
	return write_page(b, b->page, b->number, err);
}

static uint8_t *add_item(struct db_bdb *b, uint16_t size)
{
	b->top = (uint16_t)(b->top - size);
	put16(b, b->page + HEAD + 2 * b->entries++, b->top);
	return b->page + b->top;
}

static void add_key(struct db_bdb *b, uint32_t key)
{
	uint8_t *p = add_item(b, KEY_SIZE);

	p[0] = ITEM_DATA;
	put32(b, p + 1, key);
}

static bool has_room(const struct db_bdb *b)
{
	return HEAD + 2 * (b->entries + 2) + KEY_SIZE + OFFPAGE_SIZE <= b->top;
}

/* --- records ------------------------------------------------------------------------------------------- */

/*
 * Berkeley DB puts a key of which an odd number of bytes is odd into the second bucket, and sorts keys within
 * a page as bytes. Keys with an odd lowest byte and even ones above it are all there, and in order as long as the
 * upper bytes are the same.
 */
static uint32_t key_of(uint32_t record)
{
	uint32_t i = record - 1;

	return 1 | (i & 0x7f) << 1 | (i >> 7 & 0x7f) << 9 | (i >> 14 & 0x7f) << 17 |
	       (i >> 21) << 25;
}

/* The first bucket has record 0 alone, which holds the highest number in use: written when that is known. */
static int write_first(struct db_bdb *b, struct error *err)
{
	uint8_t *p;

	begin_chain_page(b, 0);
	add_key(b, 0);
	p = add_item(b, KEY_SIZE);
	p[0] = ITEM_DATA;
	b->highest_at = b->number * PAGE + b->top + 1;
	return end_chain_page(b, 0, err);
}

int db_bdb_new(int fd, const struct db_bdb_kind *kind, struct db_bdb **ret,
	       struct error *err)
{
	struct db_bdb *b = xcalloc(1, sizeof(*b));

	b->fd = fd;
	b->kind = *kind;
	b->pages = 1;
	if (write_first(b, err) < 0) {
		db_bdb_free(b);
		return -1;
	}
	begin_chain_page(b, 0);
	*ret = b;
	return 0;
}

/* The content of a record, on a chain of pages of its own; the first of them is *ret. */
static int write_content(struct db_bdb *b, const uint8_t *blob, size_t n, uint32_t *ret,
			 struct error *err)
{
	uint8_t p[PAGE];

	*ret = b->pages;
	for (uint32_t prev = 0; n > 0; prev = b->pages - 1) {
		uint16_t here = (uint16_t)MIN(n, (size_t)ROOM);

		begin_page(b, p, b->pages, prev, TYPE_OVERFLOW);
		put32(b, p + 16, n > here ? b->pages + 1 : 0);
		put16(b, p + 20, 1); /* references to it */
		put16(b, p + 22, here);
		memcpy(p + HEAD, blob, here);
		if (write_page(b, p, b->pages, err) < 0)
			return -1;
		b->pages++;
		blob += here;
		n -= here;
	}
	return 0;
}

int db_bdb_add(struct db_bdb *b, const void *blob, size_t n, struct error *err)
{
	uint32_t first;
	uint8_t *p;

	if (n == 0 || n > UINT32_MAX || (uint64_t)b->pages + n / ROOM + 2 > INT32_MAX)
		return err_set(err, ERR_FAILED, "a record of %zu bytes is none of rpm's",
			       n);
	if (!has_room(b) || (b->records && b->records % STEP == 0)) {
		uint32_t full = b->number;

		if (end_chain_page(b, b->pages, err) < 0)
			return -1;
		begin_chain_page(b, full);
	}
	if (write_content(b, blob, n, &first, err) < 0)
		return -1;
	add_key(b, key_of(++b->records));
	p = add_item(b, OFFPAGE_SIZE);
	p[0] = ITEM_OFFPAGE;
	put32(b, p + 4, first);
	put32(b, p + 8, (uint32_t)n);
	return 0;
}

/* Berkeley DB's own hash of this text, by which it knows again that it has the function that it needs. */
static uint32_t charkey(void)
{
	static const char text[] = "%$sniglet^&";
	uint32_t h = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		h = h * 16777619 ^ (uint8_t)text[i];
	return h;
}

static int write_meta(const struct db_bdb *b, struct error *err)
{
	uint8_t m[PAGE];

	begin_page(b, m, 0, 0, 0);
	put32(b, m + 12, MAGIC_HASH);
	put32(b, m + 16, b->kind.version);
	put32(b, m + 20, PAGE);
	m[25] = TYPE_META;
	put32(b, m + 32, b->pages - 1);
	/* what tells files apart in its cache */
	if (getrandom(m + 52, 20, 0) != 20)
		return err_errno(err, "cannot get random bytes");
	put32(b, m + 72, BUCKETS - 1);
	/* masks of a key's hash: this one, or the next, which is 0 */
	put32(b, m + 76, BUCKETS - 1);
	put32(b, m + 88, b->records + 1);
	put32(b, m + 92, charkey());
	put32(b, m + 96, 1); /* pages of the buckets, less their numbers */
	put32(b, m + 100, 1);
	return write_page(b, m, 0, err);
}

int db_bdb_finish(struct db_bdb *b, struct error *err)
{
	uint8_t highest[4];

	if (end_chain_page(b, 0, err) < 0 || write_meta(b, err) < 0)
		return -1;
	put32(b, highest, b->records ? key_of(b->records) : 0);
	return pwrite(b->fd, highest, sizeof(highest), b->highest_at) == sizeof(highest)
		       ? 0
		       : err_errno(err, "cannot write a database for the root's own rpm");
}

void db_bdb_free(struct db_bdb *b)
{
	free(b);
}
