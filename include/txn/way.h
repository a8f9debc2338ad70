/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_WAY_H
#define PUTBACK_TXN_WAY_H
/* A way: all tasks in one direction, to the state at its end; or all the way back. */
#include "txn/run.h"

/*
 * The journal says COMMITTING (FORWARD) or UNDOING (BACKWARD). On failure what was done is taken back:
 * ERR_FAILED when the root is then as it was before, in the state at the other end; ERR_HALFWAY when
 * that failed too, or where a file system stayed frozen (txn/freeze.h): run recover.
 */
_must_check_ int way_run(struct run *t, enum way w, enum phase phase, struct error *err);

#endif
