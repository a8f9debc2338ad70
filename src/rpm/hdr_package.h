/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_PACKAGE_H
#define PUTBACK_RPM_HDR_PACKAGE_H
/* Between a package file's signature header and the record that a database keeps: hdr*.c only. */
#include "rpm/frame.h"
#include "rpm/hdr.h"

/*
 * Adds to the header of the package fd what rpm 6 takes over from its signature header and the librpm
 * at hand, being older, does not: the rpmdb's record is the same, whichever librpm it is made with.
 */
_must_check_ int hdr_merge_late(Header h, int fd, const struct frame *f, const char *what,
				struct error *err);

#endif
