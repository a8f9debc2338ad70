/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_FREEZE_H
#define PUTBACK_TXN_FREEZE_H
/*
 * A boot loader reads a file system without replaying its log: what is durable by syncfs(2) it may not
 * see yet. To freeze one writes all to its place (xfs, ext4; ioctl_fs(2) on FIFREEZE).
 *
 * Nothing stays frozen. A child freezes and thaws, in a session of its own and deaf to signals: it goes on
 * where this process is killed, and where it is itself, this process thaws. Where both are, a note on the area
 * says so to the next command that changes the root.
 */
#include "txn/run.h"

/*
 * Freezes and thaws each file system that holds something of /boot which the tasks change, where its area
 * is open. What cannot be frozen is a warning. -1 with ERR_HALFWAY where one could not be thawed: it was
 * logged, and nothing may be written any more, not even to take back what was done.
 */
_must_check_ int freeze_boot(struct run *t, struct error *err);
/* Thaws what was left frozen. top: the directory that holds an area. */
void freeze_settle(int top);

#endif
