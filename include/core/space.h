/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_SPACE_H
#define PUTBACK_CORE_SPACE_H
/*
 * The peak need of space: everything staged stands beside everything old until `forget`. Blocks
 * are rounded up per file; each staged object takes an inode; on each file system an area and a
 * manifest count, the journal and the second copy of the rpmdb on those that hold them. 5 % and 8 MiB are
 * left as a margin where content is staged, and 5 % and 16 of the inodes.
 */
#include "core/plan.h"

/* Fills plan->space and adds PROBLEM_SPACE / PROBLEM_INODES where there is too little, and
 * PROBLEM_READ_ONLY for each file system that an op touches, be it a removal only. db_bytes: size of
 * the rpmdb, which lies on mount db_mount. */
void space_check(struct plan *plan, uint64_t db_bytes, uint32_t db_mount);

#endif
