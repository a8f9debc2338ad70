/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HEAD_BYTES_H
#define PUTBACK_RPM_HEAD_BYTES_H
/*
 * What head.c writes and head_read.c reads: numbers in the host's order, strings with their NUL, lists behind
 * their length. Directories come once each, before the files that lie in them. Both ends are this program,
 * so there is no version.
 */

#include <stdint.h>

#include "base/digest.h"

/* Of a file: what it has in common with the one before it, and is not repeated. */
enum { SAME_USER = 1, SAME_GROUP = 2, SAME_LANGS = 4 };

struct file_numbers {
	uint64_t size;
	int64_t mtime;
	uint32_t dir, mode, flags, color, rdev, link_first, link_count, filesig_len;
	uint8_t state, digest_len, caps_len, same;
};

struct numbers {
	struct digest hdrdigest;
	int64_t epoch, installtime, installtid, buildtime;
	uint64_t size;
	uint32_t instance, scriptlets;
	uint8_t digest_algo, beside, sound, header_signed, is_signed;
};

#endif
