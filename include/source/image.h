/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_IMAGE_H
#define PUTBACK_SOURCE_IMAGE_H
/*
 * The files of an ISO 9660 image, through libarchive: names by Rock Ridge, Joliet or neither, files of
 * several extents. No other format is tried, and no filter: those of libarchive may run programs.
 *
 *	image_open(); while (image_next() == 1) image_read()...; image_free()
 *
 * Files come in the order in which their content lies in the image; what is not read is sought over.
 */
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct image;
struct image_file {
	const char
		*path; /* "Packages/b/bash-5.2-1.x86_64.rpm"; good until the next call */
	uint64_t size;
};

/* fd: at its beginning, borrowed, used by nobody else meanwhile. */
_must_check_ int image_open(int fd, const char *what, struct image **ret,
			    struct error *err);
/* The next regular file: 1; 0: there are no more; -1. */
int image_next(struct image *m, struct image_file *ret, struct error *err);
/* Content of the current file: bytes read, short at its end only; -1. */
ssize_t image_read(struct image *m, void *buf, size_t n, struct error *err);
/* Where the content of the current file lies in the image, once some of it was read; -1: not in one
 * piece, or packed, so that only image_read() has it. */
int64_t image_offset(const struct image *m);
void image_free(struct image *m); /* NULL does nothing */

/* Bytes that the image's own descriptor says it has; 0: it does not say. */
uint64_t image_size(int fd);

#endif
