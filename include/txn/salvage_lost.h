/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_LOST_H
#define PUTBACK_TXN_SALVAGE_LOST_H
/* What a transaction that stands had kept, and is not there any more. */
#include "txn/orphan.h"

/* Adds a phrase for each original, and for each area that is not at hand or says nothing of what it holds. */
void salvage_lost(struct orphan *o, struct strlist *ret);

#endif
