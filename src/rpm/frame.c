/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAD_SIZE  96
#define INTRO_SIZE 16
#define ENTRY_SIZE 16
/* rpm's own limits (header.c: headerMaxbytes), with some air */
#define HEADER_MAX	      (256ULL << 20)
#define SIGNATURE_ENTRIES_MAX 64

/* Numbers of tags in the signature header: how long header and payload are together; RPMSIGTAG_OPENPGP,
 * which older headers of librpm do not name (docs/manual/format_v6.md) */
enum { TAG_LONGSIZE = 270, TAG_OPENPGP = 278, TAG_SIZE = 1000 };
enum { TYPE_INT32 = 4, TYPE_INT64 = 5 };

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

/* Entries and data bytes of the header at that offset. 1: is one, 0: is none or the file ends. */
static int read_intro(int fd, uint64_t at, uint32_t *ret_entries, uint32_t *ret_data,
		      bool *ret_ends)
{
	static const uint8_t magic[4] = {0x8e, 0xad, 0xe8, 0x01};
	uint8_t b[INTRO_SIZE];
	ssize_t n = read_at(fd, b, sizeof(b), at);

	if (n < 0)
		return -1;
	*ret_ends = n < (ssize_t)sizeof(b);
	if (*ret_ends || memcmp(b, magic, sizeof(magic)) != 0)
		return 0;
	*ret_entries = be32(b + 8);
	*ret_data = be32(b + 12);
	return (uint64_t)*ret_entries * ENTRY_SIZE + *ret_data <= HEADER_MAX;
}

/* What the signature header (entries and data at that offset) says about the size, 0: nothing, and
 * whether it has signatures of rpm 6. */
static int read_signature(int fd, uint64_t at, uint32_t entries, uint32_t data,
			  uint64_t *ret, bool *ret_openpgp)
{
	uint64_t short_size = 0, long_size = 0;

	for (uint32_t i = 0; i < MIN(entries, (uint32_t)SIGNATURE_ENTRIES_MAX); i++) {
		uint8_t e[ENTRY_SIZE], v[8];
		uint32_t tag, type, offset;
		ssize_t n = read_at(fd, e, sizeof(e), at + (uint64_t)i * ENTRY_SIZE);

		if (n < 0)
			return -1;
		tag = be32(e);
		type = be32(e + 4);
		offset = be32(e + 8);
		if (n == ENTRY_SIZE && tag == TAG_OPENPGP)
			*ret_openpgp = true;
		if (n < ENTRY_SIZE || offset >= data ||
		    !((tag == TAG_SIZE && type == TYPE_INT32) ||
		      (tag == TAG_LONGSIZE && type == TYPE_INT64)))
			continue;
		n = read_at(fd, v, sizeof(v),
			    at + (uint64_t)entries * ENTRY_SIZE + offset);
		if (n < 0)
			return -1;
		if (tag == TAG_SIZE && n >= 4)
			short_size = be32(v);
		else if (tag == TAG_LONGSIZE && n == 8)
			long_size = (uint64_t)be32(v) << 32 | be32(v + 4);
	}
	*ret = long_size ? long_size : short_size;
	return 0;
}

int frame_read(int fd, const char *what, struct frame *ret, struct error *err)
{
	static const uint8_t lead_magic[4] = {0xed, 0xab, 0xee, 0xdb};
	struct frame f = {.state = FRAME_NOT_A_PACKAGE};
	uint8_t lead[LEAD_SIZE];
	uint32_t entries, data;
	struct stat st;
	uint64_t size;
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
	rc = read_intro(fd, LEAD_SIZE, &entries, &data, &ends);
	if (rc < 0)
		return err_errno(err, "cannot read '%s'", what);
	if (rc == 0) {
		f.state = ends ? FRAME_TRUNCATED : FRAME_DAMAGED;
		*ret = f;
		return 0;
	}
	/* the signature header is filled up to a multiple of eight */
	f.header_at = LEAD_SIZE + INTRO_SIZE + (uint64_t)entries * ENTRY_SIZE +
		      (data + 7ULL) / 8 * 8;
	if (read_signature(fd, LEAD_SIZE + INTRO_SIZE, entries, data, &size,
			   &f.openpgp))
		return err_errno(err, "cannot read '%s'", what);
	if (size)
		f.want_size = f.header_at + size;
	rc = read_intro(fd, f.header_at, &entries, &data, &ends);
	if (rc < 0)
		return err_errno(err, "cannot read '%s'", what);
	if (rc == 0) {
		f.state = ends ? FRAME_TRUNCATED : FRAME_DAMAGED;
		*ret = f;
		return 0;
	}
	f.payload_at = f.header_at + INTRO_SIZE + (uint64_t)entries * ENTRY_SIZE + data;
	f.state = f.file_size < f.payload_at || f.file_size < f.want_size
			  ? FRAME_TRUNCATED
			  : FRAME_OK;
	*ret = f;
	return 0;
}
