/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_REBUILDING_H
#define PUTBACK_CMD_REBUILDING_H
/* The database step of a transaction (txn/dbstep.h), as commands do it or tell of it. */
#include "cmd/done.h"

/* With --rpmdb-by-root has it done, and says how that went; else, or where it cannot be done, a warning
 * says that it is open, and what to do. */
void rebuilding_do(struct session *s, struct root *r, int64_t id, struct done *d);
/* Whether a step is open, as a sentence, or NULL; the caller frees. */
char *rebuilding_open(const struct txn_info *t);

#endif
