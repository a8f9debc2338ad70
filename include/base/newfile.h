/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_NEWFILE_H
#define PUTBACK_BASE_NEWFILE_H
/*
 * Files of the root that are no package's and get new content together with the packages: the records
 * that package managers keep, and what is derived from packaged files. Whoever knows the format makes the content on the host; src/txn
 * exchanges the files, and takes that back with all the rest.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/array.h"

enum newfile_kind {
	NEWFILE_CONTENT, /* what fd holds; nothing without one */
	NEWFILE_GONE,	 /* it goes: a log or a journal that is in the main file now */
	NEWFILE_LINK,	 /* a symlink to target */
	NEWFILE_FOLDER	 /* a directory */
};

struct newfile {
	char *path; /* canonical, of a file that is there unless it is fresh */
	enum newfile_kind kind;
	int fd;		  /* -1; else for reading, at any offset */
	struct statx old; /* of the file, before it was read */
	bool fresh;	  /* nothing is there yet: it is made, as root's */
	mode_t mode;	  /* of what is fresh: permissions */
	char *target;	  /* NEWFILE_LINK */
};
struct newfiles {
	struct newfile *v;
	uint32_t n, cap;
};
struct newfile *newfiles_add(struct newfiles *l, enum newfile_kind kind,
			     const char *path);
void newfiles_release(struct newfiles *l);
/* What of statx() tells that a file is still the one that was read. */
#define NEWFILE_MASK (STATX_BASIC_STATS | STATX_BTIME)

#endif
