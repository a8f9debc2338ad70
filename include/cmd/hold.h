/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_HOLD_H
#define PUTBACK_CMD_HOLD_H
/*
 * What the next update must leave out, lest it undo a rollback: the versions that went, in the words of the
 * package managers that the root has. These very versions, not all that come: the next one may be mended.
 * Sources: dnf.conf(5), dnf-versionlock(8), yum.conf(5), zypper's src/commands/locks/add.cc.
 */
#include "core/change.h"
#include "report/report.h"
#include "txn/txn.h"

struct hold {
	struct buf excludepkgs;
	struct strlist versionlock, zypper, commands;
	unsigned words; /* HOLD_*, of report/report.h */
};

/* Adds what these changes took away; nothing where they were the end of an update, which is wanted. */
void hold_add_changes(struct hold *h, const struct changes *changes);
/* The same of a transaction of the journal with its detail, if it stands. */
void hold_add_transaction(struct hold *h, const struct txn_info *t);
/* Which package managers the root has. */
void hold_look(struct hold *h, struct root *r);
/* Borrows from h. */
struct hold_report hold_shown(struct hold *h);
void hold_release(struct hold *h);
#define cleanup_hold __attribute__((cleanup(hold_release)))

#endif
