/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_PAYLOAD_H
#define PUTBACK_RPM_PAYLOAD_H
/*
 * The content of a package, entry by entry, through librpm's archive reader: all compressors that
 * librpm knows, cpio newc and the stripped form (files over 4 GiB, rpm v6). Of a hard-link set only
 * one member carries data (in cpio the last); payload_next() gives every member and says which
 * that is.
 *
 *	payload_open(fd, what, &digest, &p, err);
 *	while ((rc = payload_next(p, &file, &has_data, err)) == 1)
 *		while (has_data && (n = payload_read(p, block, sizeof(block), err)) > 0)
 *			...
 *	payload_free(p);
 *
 * Content is not digested here; its length is checked. Several payloads may be read at once by
 * several threads, each with a descriptor of its own (a dup shares its offset).
 */
#include "base/error.h"
#include "core/pkg.h"

#include <sys/types.h>

struct payload;

/* fd: at any offset, borrowed, must stay open and untouched. expect: SHA-256 of the header that the
 * plan was made with; another one is ERR_UNTRUSTED ("another one than when the plan was made"). */
_must_check_ int payload_open(int fd, const char *what, const struct digest *expect,
			      struct payload **ret, struct error *err);
/* Next member of the archive. 1: *ret_file is its index in the package's files, and *ret_has_data
 * says whether content follows here; 0: end, and every file that is no ghost was there; -1: error. Each
 * file comes once at most. Content that is not read is skipped. */
_must_check_ int payload_next(struct payload *p, uint32_t *ret_file, bool *ret_has_data,
			      struct error *err);
/* Content of the current member: bytes read, 0 at its end, -1 on error (and when the content is not
 * as long as the header says). */
_must_check_ ssize_t payload_read(struct payload *p, void *buf, size_t n,
				  struct error *err);
void payload_free(struct payload *p);

#endif
