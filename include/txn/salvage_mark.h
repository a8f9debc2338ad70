/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_MARK_H
#define PUTBACK_TXN_SALVAGE_MARK_H
/*
 * That a salvage was begun: an empty file in the transaction's directory of each of its areas, durable before
 * the first move, gone after the last step. Where there is one, a salvage was cut short, and its
 * transaction counts as halfway whatever else the root looks like: mtimes and marks of chattr(1) are
 * the last to come, and nothing else tells that they did not.
 */
#include "txn/run.h"

/* whole: of all that the transaction changed; else of single paths, which the whole finishes as well. */
_must_check_ int salvage_mark_set(struct run *t, bool whole, struct error *err);
_must_check_ int salvage_mark_clear(struct run *t, bool whole, struct error *err);
/* Whether there is one in any area that is at hand. */
bool salvage_mark_is_set(const struct run *t);
/* Whether a name in a transaction's directory is that of such a file. */
bool salvage_mark_has_name(const char *name);

#endif
