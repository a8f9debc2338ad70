/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_COMMIT_H
#define PUTBACK_TXN_COMMIT_H
/*
 * The executor: does the tasks, forwards or backwards. It decides nothing. Whether a task is done
 * already it tells by looking at the identities of what stands at the path and in the slot, so
 * that it can be run again after a crash at any instant, in either direction.
 *
 * A directory that goes takes nothing along that came by hand: it stays, with a warning, unless something else
 * comes in its place, which stops. A forced undo (t->forced) takes both.
 */
#include "txn/run.h"

/* All tasks. A failure leaves those before it done. What was in the way (t->forced) is kept in the
 * area and named in a warning. */
_must_check_ int commit_run(struct run *t, enum way w, enum phase phase,
			    struct error *err);
/* The same, looking only: paths that are neither old nor new, each with what is wrong; and files that are to go, and were
 * written to since the plan was made. */
_must_check_ int commit_look(struct run *t, enum way w, struct strlist *ret_lost,
			     struct strlist *ret_edited, struct error *err);
/*
 * One task. 1: it is done now; 0: it was done already; or it cannot be done, as nothing
 * is what the task knows, and *ret_lost says so (static text, "is neither the old nor the new one").
 */
_must_check_ int commit_one(struct run *t, uint32_t i, enum way w, const char **ret_lost,
			    struct error *err);

#endif
