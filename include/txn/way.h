/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_WAY_H
#define PUTBACK_TXN_WAY_H
/* A way: all tasks in one direction, to the state at its end; or all the way back. */
#include "txn/run.h"

/*
 * Writes the state on the way, before the first task. A write that is reported as failed may have been done all the
 * same: then it is taken back to the state before; where that cannot be had, ERR_HALFWAY, for recovery may go on.
 */
_must_check_ int way_set_off(struct run *t, enum txn_state from, enum txn_state by,
			     struct error *err);
/*
 * The journal says COMMITTING (FORWARD) or UNDOING (BACKWARD). On failure what was done is taken back:
 * ERR_FAILED when the root is then as it was before, in the state at the other end; ERR_HALFWAY when
 * that failed too, or where a file system stayed frozen (txn/freeze.h): run recover.
 */
_must_check_ int way_run(struct run *t, enum way w, enum phase phase, struct error *err);

#endif
