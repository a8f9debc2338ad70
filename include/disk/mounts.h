/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_MOUNTS_H
#define PUTBACK_DISK_MOUNTS_H
/* The file systems beneath the root, and those that its fstab names but that are not mounted. */
#include "base/root.h"
#include "core/fact.h"

/*
 * From /proc/self/mountinfo, statx and statvfs: v[0] is the root's own file system, then what is
 * mounted beneath it in the order of paths, then what its fstab names and is not mounted. A mount
 * that another one hides is left out. A missing or odd fstab is no error; of its lines those with
 * noauto (unless systemd mounts them on access), swap, and pseudo file systems do not count. See
 * fstab(5), systemd.mount(5), proc_pid_mountinfo(5).
 *
 * r may be a private copy of the mounts: what counts is the directory that it was opened from.
 */
_must_check_ int mounts_read(struct root *r, struct mounts *ret, struct error *err);

#endif
