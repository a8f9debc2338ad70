/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_PAYLOAD_H
#define PUTBACK_RPM_PAYLOAD_H
/*
 * The content of a package, entry by entry, through librpm's archive reader: all compressors that
 * librpm knows, cpio newc and the stripped form (files over 4 GiB, rpm v6). Of a hard-link set only
 * one member carries data (in cpio the last); payload_next() gives that one.
 */
#include "base/error.h"
#include "core/pkg.h"

#include <sys/types.h>

struct payload;

/* fd: at any offset, borrowed, must stay open. expect: SHA-256 of the header that the plan was made
 * with; another one is ERR_UNTRUSTED ("changed since"). */
_must_check_ int payload_open(int fd, const char *what, const struct digest *expect,
			      struct payload **ret, struct error *err);
/* Next member of the archive. 1: *ret_file is its index in the package's files, and *ret_has_data
 * says whether content follows here; 0: end; -1: error. */
_must_check_ int payload_next(struct payload *p, uint32_t *ret_file, bool *ret_has_data,
			      struct error *err);
/* Content of the current member: bytes read, 0 at its end, -1 on error. */
_must_check_ ssize_t payload_read(struct payload *p, void *buf, size_t n, struct error *err);
void payload_free(struct payload *p);

#endif
