/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SCRIPTS_H
#define PUTBACK_TXN_SCRIPTS_H
/*
 * How scriptlets of a transaction go, as the journal keeps it in rows of meta: put down with the transaction's
 * start, and written over as each one begins and ends.
 */
#include "txn/journal.h"

/* --- rows, within journal_begin() and journal_commit() */
_must_check_ int scripts_put(struct journal *j, int64_t id, const struct txn_script *v,
			     uint32_t n, struct error *err);
/* The rows of a transaction that goes. */
_must_check_ int scripts_drop(struct journal *j, int64_t id, struct error *err);

/* Sets t->scripts. */
_must_check_ int scripts_load(struct journal *j, struct txn_info *t, struct error *err);
/* What is left of them, of each that stands: txn_info.scripts_all, .scripts_left, .script_cut. A row that cannot be
 * read is nobody's obstacle. */
_must_check_ int scripts_list(struct journal *j, struct txn_list *all, struct error *err);
void scripts_free(struct txn_info *t);

#endif
