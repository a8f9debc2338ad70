/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAD_SIZE  96
#define MAGIC_SIZE 8
#define INTRO_SIZE 16 /* magic, and two numbers */
#define ENTRY_SIZE 16
/* rpm's own limits (header.c: headerMaxbytes), with some air */
#define HEADER_MAX	      (256ULL << 20)
#define ENTRIES_MAX 4096

/*
 * Numbers of tags in the signature header: how long header and payload are together, and what came after
 * rpm 4.16; in the header: how long the payload is, which the signature header of rpm 6 does not say
 * (docs/manual/format_v6.md).
 */
enum { TAG_LONGSIZE = 270, TAG_SIZE = 1000, TAG_PAYLOADSIZE = 5112 };
enum { TAG_VERITY = 276, TAG_VERITYALGO = 277, TAG_OPENPGP = 278, TAG_SHA3_256 = 279 };
enum { TYPE_INT32 = 4, TYPE_INT64 = 5, TYPE_ANY = 0 };

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static ssize_t read_at(int fd, void *p, size_t n, uint64_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k = pread(fd, (char *)p + got, n - got, (off_t)(at + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (k == 0)
			break;
		got += (size_t)k;
	}
	return (ssize_t)got;
}

/* Where a header's entries stand, and its data behind them. */
struct index {
	uint64_t at;
	uint32_t entries, data;
};

/* Of the header at that offset. 1: is one, 0: is none or the file ends. */
static int read_intro(int fd, uint64_t at, struct index *ret, bool *ret_ends)
{
	static const uint8_t magic[4] = {0x8e, 0xad, 0xe8, 0x01};
	uint8_t b[INTRO_SIZE];
	ssize_t n = read_at(fd, b, sizeof(b), at);

	if (n < 0)
		return -1;
	*ret_ends = n < (ssize_t)sizeof(b);
	if (*ret_ends || memcmp(b, magic, sizeof(magic)) != 0)
		return 0;
	*ret = (struct index){at + INTRO_SIZE, be32(b + 8), be32(b + 12)};
	return (uint64_t)ret->entries * ENTRY_SIZE + ret->data <= HEADER_MAX;
}

struct field {
	uint32_t tag, type;
	bool found;
	uint64_t value; /* of a number */
};

static int read_field(int fd, const struct index *x, uint32_t offset, struct field *f)
{
	uint8_t v[8];
	size_t width = f->type == TYPE_INT64 ? 8 : 4;
	ssize_t n;

	if (f->type == TYPE_ANY)
		f->found = true;
	if (f->found || offset >= x->data)
		return 0;
	n = read_at(fd, v, sizeof(v), x->at + (uint64_t)x->entries * ENTRY_SIZE + offset);
	if (n < 0)
		return -1;
	f->found = n >= (ssize_t)width;
	if (f->found)
		f->value = width == 8 ? (uint64_t)be32(v) << 32 | be32(v + 4) : be32(v);
	return 0;
}

/* Looks for the fields among the entries; one of another type is none, and the first counts. */
static int read_fields(int fd, const struct index *x, struct field *fields, size_t n_fields)
{
	uint32_t n = MIN(x->entries, (uint32_t)ENTRIES_MAX);
	uint8_t block[64 * ENTRY_SIZE];

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *e = block + i % 64 * ENTRY_SIZE;

		if (i % 64 == 0) {
			ssize_t want = (ssize_t)MIN(n - i, 64U) * ENTRY_SIZE;
			ssize_t got = read_at(fd, block, (size_t)want,
					      x->at + (uint64_t)i * ENTRY_SIZE);

			if (got < want)
				return got < 0 ? -1 : 0;
		}
		for (size_t k = 0; k < n_fields; k++)
			if (be32(e) == fields[k].tag &&
			    (fields[k].type == TYPE_ANY || fields[k].type == be32(e + 4)) &&
			    read_field(fd, x, be32(e + 8), &fields[k]))
				return -1;
	}
	return 0;
}

static int read_signature(int fd, const struct index *x, struct frame *f)
{
	struct field fields[] = {{TAG_LONGSIZE, TYPE_INT64, false, 0},
				 {TAG_SIZE, TYPE_INT32, false, 0},
				 {TAG_OPENPGP, TYPE_ANY, false, 0},
				 {TAG_VERITY, TYPE_ANY, false, 0},
				 {TAG_VERITYALGO, TYPE_ANY, false, 0},
				 {TAG_SHA3_256, TYPE_ANY, false, 0}};
	uint64_t size;

	if (read_fields(fd, x, fields, ELEMENTSOF(fields)))
		return -1;
	size = fields[0].value ? fields[0].value : fields[1].value;
	if (size)
		f->want_size = f->header_at + size;
	f->openpgp = fields[2].found;
	for (size_t i = 2; i < ELEMENTSOF(fields); i++)
		f->late |= fields[i].found;
	return 0;
}

/* A signature header of rpm 6 holds no sizes. */
static int read_payload_size(int fd, const struct index *x, struct frame *f)
{
	struct field size = {TAG_PAYLOADSIZE, TYPE_INT64, false, 0};

	if (f->want_size || f->file_size < f->payload_at)
		return 0;
	if (read_fields(fd, x, &size, 1))
		return -1;
	if (size.value && size.value <= UINT64_MAX - f->payload_at)
		f->want_size = f->payload_at + size.value;
	return 0;
}

int frame_read(int fd, const char *what, struct frame *ret, struct error *err)
{
	static const uint8_t lead_magic[4] = {0xed, 0xab, 0xee, 0xdb};
	struct frame f = {.state = FRAME_NOT_A_PACKAGE};
	uint8_t lead[LEAD_SIZE];
	struct index x;
	struct stat st;
	bool ends;
	ssize_t n;
	int rc;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at '%s'", what);
	if (!S_ISREG(st.st_mode)) {
		*ret = f;
		return 0;
	}
	f.file_size = (uint64_t)st.st_size;
	n = read_at(fd, lead, sizeof(lead), 0);
	if (n < 0)
		return err_errno(err, "cannot read '%s'", what);
	if (n < (ssize_t)sizeof(lead_magic) ||
	    memcmp(lead, lead_magic, sizeof(lead_magic)) != 0) {
		*ret = f;
		return 0;
	}
	rc = read_intro(fd, LEAD_SIZE, &x, &ends);
	if (rc < 0)
		return err_errno(err, "cannot read '%s'", what);
	if (rc == 0) {
		f.state = ends ? FRAME_TRUNCATED : FRAME_DAMAGED;
		*ret = f;
		return 0;
	}
	/* the signature header is filled up to a multiple of eight */
	f.signature_size =
		INTRO_SIZE - MAGIC_SIZE + (uint64_t)x.entries * ENTRY_SIZE + x.data;
	f.header_at = x.at + (uint64_t)x.entries * ENTRY_SIZE + (x.data + 7ULL) / 8 * 8;
	if (read_signature(fd, &x, &f))
		return err_errno(err, "cannot read '%s'", what);
	rc = read_intro(fd, f.header_at, &x, &ends);
	if (rc < 0)
		return err_errno(err, "cannot read '%s'", what);
	if (rc == 0) {
		f.state = ends ? FRAME_TRUNCATED : FRAME_DAMAGED;
		*ret = f;
		return 0;
	}
	f.payload_at = x.at + (uint64_t)x.entries * ENTRY_SIZE + x.data;
	if (read_payload_size(fd, &x, &f))
		return err_errno(err, "cannot read '%s'", what);
	if (f.file_size < f.payload_at || f.file_size < f.want_size)
		f.state = FRAME_TRUNCATED;
	else
		f.state = f.want_size && f.file_size > f.want_size ? FRAME_TOO_LONG
								   : FRAME_OK;
	*ret = f;
	return 0;
}

int frame_read_signature(int fd, const struct frame *f, struct buf *ret)
{
	cleanup_free char *blob = xmalloc(f->signature_size + 1);
	ssize_t n = read_at(fd, blob, f->signature_size, LEAD_SIZE + MAGIC_SIZE);

	if (n < 0)
		return -1;
	buf_clear(ret);
	buf_add(ret, blob, (size_t)n);
	return 0;
}
