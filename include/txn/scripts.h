/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SCRIPTS_H
#define PUTBACK_TXN_SCRIPTS_H
/* How scriptlets of a transaction went, as the journal keeps it in rows of meta. */
#include "txn/journal.h"

/* Sets t->scripts. */
_must_check_ int scripts_load(struct journal *j, struct txn_info *t, struct error *err);
void scripts_free(struct txn_info *t);

#endif
