/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_FILES_H
#define PUTBACK_RPM_HDR_FILES_H
/* The file list of a header, for hdr.c alone. */
#include "base/error.h"
#include "core/pkg.h"

#include <rpm/rpmtypes.h>

/* Fills p->files; p->digest_algo and p->instance must be set. */
_must_check_ int hdr_files_read(Header h, struct pkg *p, struct error *err);
/* How many files a header lists. */
uint32_t hdr_files_count(Header h);

#endif
