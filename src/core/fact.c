/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/fact.h"

#include <sys/stat.h>

enum ftype ftype_of_mode(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return FT_REG;
	case S_IFDIR: return FT_DIR;
	case S_IFLNK: return FT_LNK;
	case S_IFCHR: return FT_CHR;
	case S_IFBLK: return FT_BLK;
	case S_IFIFO: return FT_FIFO;
	case S_IFSOCK: return FT_SOCK;
	default: return FT_NONE;
	}
}

const char *ftype_name(enum ftype t)
{
	static const char *const names[] = {
		[FT_NONE] = "nothing",
		[FT_REG] = "file",
		[FT_DIR] = "directory",
		[FT_LNK] = "symlink",
		[FT_CHR] = "character device",
		[FT_BLK] = "block device",
		[FT_FIFO] = "fifo",
		[FT_SOCK] = "socket",
	};

	return t < ELEMENTSOF(names) ? names[t] : "?";
}

bool attr_is_privileged(const struct attr *a)
{
	return S_ISREG(a->mode) && ((a->mode & 06000) || a->caps_len);
}

struct attr attr_unprivileged(const struct attr *a)
{
	struct attr plain = *a;

	if (a->mode & 06000)
		plain.mode &= S_IFMT | 0777;
	plain.caps_len = 0;
	return plain;
}
