/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_SPACE_H
#define PUTBACK_CORE_SPACE_H
/*
 * The peak need of space: everything staged stands beside everything old until `forget`. Blocks
 * are rounded up per file; each staged object takes an inode; on each file system an area and a
 * manifest count, and the journal on the root's own. 5 % and 8 MiB are left as a margin where content is
 * staged, and 5 % and 16 of the inodes.
 *
 * Mounts of one device (a bind mount, subvolumes) draw on the same room, and are looked at together.
 */
#include "core/plan.h"

/* What is written beside the ops: a new rpmdb, a new history, derived files, downloads. */
struct space_extra {
	uint32_t mount;
	uint64_t bytes, inodes;
};
struct space_extras {
	struct space_extra *v;
	uint32_t n, cap;
};

/* Fills plan->space and adds PROBLEM_SPACE / PROBLEM_INODES where there is too little, and
 * PROBLEM_READ_ONLY for each file system that an op or an extra touches, be it a removal only. */
void space_check(struct plan *plan, const struct space_extra *v, uint32_t n);

#endif
