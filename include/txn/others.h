/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_OTHERS_H
#define PUTBACK_TXN_OTHERS_H
/*
 * Other files that change with the packages (base/newfile.h): plain tasks behind the plan's and before
 * the rpmdb's, looked at, staged, exchanged, recovered and taken back like any other.
 */
#include "base/newfile.h"
#include "txn/run.h"

/* Adds the areas that the paths lie in, before there is anything to stage. ERR_REFUSED where the plan
 * has something to do with one of them, or with a directory above. */
_must_check_ int others_check(struct run *t, const struct strlist *paths,
			      struct error *err);
/* The new objects in their slots, and the tasks. ERR_FAILED for a file that changed since it was read. */
_must_check_ int others_stage(struct run *t, const struct newfiles *files,
			      uint64_t *ret_bytes, struct error *err);

#endif
