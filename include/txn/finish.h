/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_FINISH_H
#define PUTBACK_TXN_FINISH_H
/* What comes after the last task: mtimes of directories, the sync, and the state that says so. */
#include "txn/run.h"

/* Everything of the file systems that the transaction touches is durable when it returns. */
_must_check_ int finish_sync(struct run *t, struct error *err);
/*
 * All tasks are done that way: sets the mtimes of directories, syncs, notes how each object now looks,
 * and writes DONE (FORWARD) or UNDONE (BACKWARD).
 */
_must_check_ int finish_way(struct run *t, enum way w, struct error *err);

#endif
