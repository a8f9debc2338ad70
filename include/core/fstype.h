/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_FSTYPE_H
#define PUTBACK_CORE_FSTYPE_H
/* Kinds of file systems by name, and what they cannot hold. */
#include <stdbool.h>
#include <stdint.h>

enum {
	/* neither owners nor modes (all files have those that it is mounted with), links, devices;
	 * times to two seconds, by the clock on the wall (vfat, exfat) */
	FS_NO_ATTRIBUTES = 1,
	/* inode numbers do not last: an object is known by its content */
	FS_NO_INODES = 2,
	/* names that differ in the case of letters only are one */
	FS_NO_CASE = 4,
	/* what is durable may stand in a log only, which boot loaders do not replay */
	FS_NOT_IN_PLACE = 8
};

/* What a file system of that type lacks, by the type as mountinfo has it: of "fuse.vfat" what counts
 * is behind the dot. 0 for one that is not known, and for NULL. */
unsigned fstype_lacks(const char *fstype);
/* Its name by f_type of statfs(2); NULL: not known. */
const char *fstype_of_magic(uint32_t magic);

/* What becomes of an mtime on a file system without attributes. */
int64_t fstype_mtime(int64_t ns);
/*
 * Whether two mtimes there cannot be one and the same. They are kept without their time zone, and the
 * machine may have had another than whoever looks: a whole number of quarters of an hour, up to 14 hours, says
 * nothing.
 */
bool fstype_mtimes_differ(int64_t a_ns, int64_t b_ns);

#endif
