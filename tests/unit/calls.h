/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_CALLS_H
#define PUTBACK_TESTS_CALLS_H
/*
 * Calls that change a disk, counted on their way to the kernel: ours, and those of SQLite. The N-th
 * of them kills the process, or fails. Counts go on in children that are forked later.
 */
enum { CALLS_KILL = -1 };

/* what: CALLS_KILL, or the errno that the n-th call gets; n 0: only count */
void calls_arm(unsigned long n, int what);
/* The same, counting renameat2 alone. */
void calls_arm_renames(unsigned long n, int what);
void calls_disarm(void);
/* Called before each renameat2; NULL: no more. */
void calls_before_renames(void (*fn)(const char *from, const char *to, unsigned flags));
/* Calls since calls_arm(). */
unsigned long calls_count(void);
/* Whether the n-th was reached. */
int calls_struck(void);

#endif
