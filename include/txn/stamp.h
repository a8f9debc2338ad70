/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_STAMP_H
#define PUTBACK_TXN_STAMP_H
/*
 * A stamp: the mtime that a directory has to have after the commit and after an undo, whatever the
 * renames in it made of it. A directory that is itself a task gets that task's; any other keeps
 * the one it had.
 */
#include "txn/task.h"

struct stamp {
	const char *path;
	uint32_t area;
	struct identity id; /* ino 0: a task sees to which directory it is */
	bool set[2];	    /* by enum way: whether it is there afterwards */
	int64_t mtime_ns[2];
};
struct stamps {
	struct stamp *v;
	uint32_t n, cap;
};

struct run;
/* Looks at the directories that the tasks rename in; before the first rename. */
_must_check_ int stamps_collect(struct run *t, struct error *err);
/* Sets them; one that is gone meanwhile, or is another, is left alone. */
_must_check_ int stamps_set(struct run *t, enum way w, struct error *err);

#endif
