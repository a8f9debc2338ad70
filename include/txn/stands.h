/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_STANDS_H
#define PUTBACK_TXN_STANDS_H
/* How far a transaction stands in the root, told by looking at its paths and slots and by nothing else. */
#include "txn/salvage.h"
#include "txn/task.h"

/* What is at a task's path: "new", "original", "nothing", "other"; NULL where that cannot be told. */
const char *stands_at(struct run *t, const struct task *k);
/* Whether task i has something to be taken back. */
bool stands_is_done(struct run *t, uint32_t i);
/* Whether what task i took away is neither where it belongs nor anywhere in the area. What may be somebody's own doing
 * is not lost. */
bool stands_is_lost(struct run *t, uint32_t i);
enum salvage_stands stands_of(struct run *t);

#endif
