/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/fstype.h"

#include <stddef.h>
#include <string.h>

#include "base/macros.h"

#define SECOND INT64_C(1000000000)

enum { PLAIN = FS_NO_ATTRIBUTES | FS_NO_INODES | FS_NO_CASE };

/* Numbers from linux/magic.h, and those that are not there. Of several with one number the first counts. */
static const struct {
	const char *name;
	uint32_t magic;
	unsigned lacks;
} types[] = {
	{"ext4", 0xef53, 0},
	{"xfs", 0x58465342, FS_NOT_IN_PLACE},
	{"btrfs", 0x9123683e, 0},
	{"tmpfs", 0x01021994, 0},
	{"vfat", 0x4d44, PLAIN},
	{"msdos", 0x4d44, PLAIN},
	{"exfat", 0x2011bab0, PLAIN},
	{"overlay", 0x794c7630,
	 FS_NO_INODES}, /* a file gets a new one when it first changes */
	{"fuse", 0x65735546, FS_NO_INODES}, /* as the server likes */
	{"fuseblk", 0x65735546, FS_NO_INODES},
	{"9p", 0x01021997, FS_NO_INODES},
	{"f2fs", 0xf2f52010, 0},
	{"squashfs", 0x73717368, 0},
	{"iso9660", 0x9660, 0},
	{"nfs", 0x6969, 0},
};

static unsigned lacks_by_name(const char *name, size_t n)
{
	for (size_t i = 0; i < ELEMENTSOF(types); i++)
		if (!strncmp(types[i].name, name, n) && !types[i].name[n])
			return types[i].lacks;
	return 0;
}

unsigned fstype_lacks(const char *fstype)
{
	const char *dot = fstype ? strchr(fstype, '.') : NULL;

	if (!fstype)
		return 0;
	if (!dot)
		return lacks_by_name(fstype, strlen(fstype));
	return lacks_by_name(fstype, (size_t)(dot - fstype)) |
	       lacks_by_name(dot + 1, strlen(dot + 1));
}

const char *fstype_of_magic(uint32_t magic)
{
	for (size_t i = 0; i < ELEMENTSOF(types); i++)
		if (types[i].magic == magic)
			return types[i].name;
	return NULL;
}

/* Seconds of 1980-01-01, with which the calendar there begins. */
#define BEGINNING (INT64_C(315532800) * SECOND)

int64_t fstype_mtime(int64_t ns)
{
	return ns < BEGINNING ? BEGINNING : ns - ns % (2 * SECOND);
}

bool fstype_mtimes_differ(int64_t a_ns, int64_t b_ns)
{
	int64_t apart = (fstype_mtime(a_ns) - fstype_mtime(b_ns)) / SECOND;

	return apart % (15 * 60) != 0 || apart > 14 * 3600 || apart < -14 * 3600;
}
