/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_DROP_H
#define PUTBACK_TXN_DROP_H
/* Giving areas back. */
#include "txn/run.h"

/*
 * Removes every trace of a transaction that never changed the root, or whose changes were all taken
 * back: its directories, the areas that are empty then, its rows, and the journal after the last
 * row. May be repeated after a crash. The journal is closed when it was removed.
 */
_must_check_ int drop_transaction(struct run *t, struct error *err);
/* Removes what a FORGOTTEN transaction keeps, and its rows but the one that `log` shows. What is not at hand stays
 * known as an area of it, and goes when it comes back. */
_must_check_ int drop_slots(struct run *t, struct error *err);
/* Finishes drop_slots() where a crash cut it short, or a file system was not mounted. */
_must_check_ int drop_forgotten(struct root *r, struct journal *j, struct error *err);

#endif
