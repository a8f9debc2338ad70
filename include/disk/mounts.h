/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_MOUNTS_H
#define PUTBACK_DISK_MOUNTS_H
/* The file systems beneath the root, and those that its fstab names but that are not mounted. */
#include "base/root.h"
#include "core/fact.h"

/* From /proc/self/mountinfo, statx and statfs; fstab is read from the root (a missing or odd one
 * is no error). Entries with noauto, swap, "none" and pseudo file systems are not missing. */
_must_check_ int mounts_read(struct root *r, struct mounts *ret, struct error *err);

#endif
