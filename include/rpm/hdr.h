/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_H
#define PUTBACK_RPM_HDR_H
/* Header -> struct pkg; the only module that names RPMTAG_*. */
#include "base/error.h"
#include "core/pkg.h"

#include <rpm/rpmtypes.h>

/* Once per process, before anything else of librpm: reads the host's configuration only for what
 * librpm cannot do without, sets HOME-independent macros, silences its log into ours. */
_must_check_ int hdr_init(struct error *err);

enum hdr_detail { HDR_IDENTITY, HDR_FILES }; /* without or with the file list */

/* A package out of a header. Checks what the planner relies on: counts that agree, paths that are
 * absolute and free of "." and "..", indices within bounds. what: for messages. */
_must_check_ int hdr_read(Header h, enum hdr_detail detail, const char *what, struct pkg **ret,
			  struct error *err);

/*
 * The header of a package file (fd at its beginning; its offset is undefined afterwards), without
 * judging its signature. Looks at the magic bytes first: what is no package never reaches librpm.
 */
_must_check_ int hdr_read_file(int fd, const char *what, Header *ret, struct error *err);

/* "NAME=VALUE" of INSTALL states written into a header: replaces RPMTAG_FILESTATES. */
_must_check_ int hdr_set_states(Header h, const uint8_t *states, uint32_t n, struct error *err);

#endif
