/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_FSNAME_H
#define PUTBACK_DISK_FSNAME_H
/* The type of the file system that something lies on, for core/fstype.h. */

/* Of what fd (no O_PATH) is open on, by statfs(2); of FUSE, which is many, by mountinfo. "?" where
 * neither knows. The caller frees. */
char *fsname_of(int fd);

#endif
