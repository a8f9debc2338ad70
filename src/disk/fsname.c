/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/fsname.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/memory.h"
#include "core/fstype.h"
#include "disk/mountinfo.h"

/* By device: a private copy of a mount is not in mountinfo, the mount that it was copied from is. */
static char *by_mountinfo(int fd)
{
	cleanup_free char *text = NULL;
	char *found = NULL;
	size_t cap = 0;
	struct stat st;
	FILE *f = fstat(fd, &st) < 0 ? NULL : fopen("/proc/self/mountinfo", "re");

	while (f && !found && getline(&text, &cap, f) > 0) {
		struct mountinfo line;

		if (mountinfo_parse(text, &line) && line.dev == st.st_dev)
			found = xstrdup(line.fstype);
	}
	if (f)
		fclose(f);
	return found;
}

char *fsname_of(int fd)
{
	struct statfs fs;
	const char *name =
		fstatfs(fd, &fs) == 0 ? fstype_of_magic((uint32_t)fs.f_type) : NULL;
	char *exact = name && !strcmp(name, "fuse") ? by_mountinfo(fd) : NULL;

	return exact ? exact : xstrdup(name ? name : "?");
}
