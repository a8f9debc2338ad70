/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_LITTER_H
#define PUTBACK_DISK_LITTER_H
/*
 * What a package manager that was killed left lying beside packaged files: files under a name of rpm's
 * own (core/litter.h), and "NAME-RPMDELETE" of a file that made room for a directory (lib/fsm.c:
 * fsmVerify()).
 *
 * Looked for in the directories that the packages of a set have files in; where a transaction has left
 * something there, also in directories that are newer than it and lie beneath these. A name counts when
 * it stands for a packaged path, or tells a time after the last package came, at which the file was made, or when
 * something else of the same transaction does, or when it is the transaction asked for. (rpm before 4.18 puts
 * each file into its place before it makes the next: the one that is left may be new.)
 */
#include "base/root.h"
#include "core/pkg.h"

struct litter_file {
	const char *path; /* canonical */
	int64_t tid;	  /* of rpm's transaction; 0: the name does not say */
	struct pkg *
		owner; /* of the path that it was to stand at, borrowed; NULL: none has it */
	bool fresh;    /* made when its name says, and no package came since */
};
struct litter {
	struct arena mem;
	ARRAY(struct litter_file) list; /* in no order */
	bool partly; /* some directory could not be read, or there were too many */
};

/* tids: transactions known of, up to a 0. */
void litter_find(struct root *r, const struct pkgset *set, const int64_t *tids,
		 struct litter *ret);
void litter_release(struct litter *l);

#endif
