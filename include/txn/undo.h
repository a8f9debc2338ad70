/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_UNDO_H
#define PUTBACK_TXN_UNDO_H
/* One transaction done again, whatever belongs to it (txn/dbstep.h): txn_redo() takes that along. */
#include "txn/txn.h"

_must_check_ int undo_redo_one(struct root *r, int64_t id, const struct observer *o,
			       struct txn_result *ret, struct error *err);

#endif
