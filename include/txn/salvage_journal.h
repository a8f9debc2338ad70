/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_JOURNAL_H
#define PUTBACK_TXN_SALVAGE_JOURNAL_H
/* The journal that nobody can read, and areas whose own file tells nothing. */
#include "txn/run.h"

/* Gives it a name beside its own, under which it is kept, and says so as a warning; or why it cannot. */
void salvage_journal_aside(struct run *t);
/* Removes such files, so that the areas get new ids, and says so as a warning; or why it cannot. */
void salvage_journal_unnamed(struct run *t);

#endif
