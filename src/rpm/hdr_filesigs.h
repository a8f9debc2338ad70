/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_FILESIGS_H
#define PUTBACK_RPM_HDR_FILESIGS_H
/* The signatures of files that a header brings along (core/filesig.h), for hdr.c alone. */
#include "core/pkg.h"

#include <rpm/rpmtypes.h>

/*
 * Fills p->filesigs, after p->files. rpm looks at none where they are not one per file, or not hexadecimal
 * (lib/rpmfi.c: hex2binv()), and gives none that is too short for its head, or has an empty one
 * (plugins/ima.c: check_zero_hdr()). They are vouched for by nobody: the kernel that reads the file does that.
 */
void hdr_filesigs_read(Header h, struct pkg *p);

#endif
