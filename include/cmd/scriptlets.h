/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SCRIPTLETS_H
#define PUTBACK_CMD_SCRIPTLETS_H
/* --run-scriptlets: what rpm would have run, found before the transaction and run after it. */
#include "cmd/prepare.h"
#include "rpm/scripts.h"
#include "txn/txn.h"

struct scriptlets {
	struct script_runs runs;
	struct txn_script *notes; /* one of each, for the journal */
};
void scriptlets_release(struct scriptlets *l);
#define cleanup_scriptlets __attribute__((cleanup(scriptlets_release)))

/* Nothing where the option was not given. */
_must_check_ int scriptlets_find(const struct session *s, const struct prepared *p,
				 struct scriptlets *ret, struct error *err);
/* One after the other, in the root. How each goes is kept in the journal of transaction id; what went wrong
 * becomes a warning, and holds up nothing. Returns how many were run to their end. */
uint32_t scriptlets_run(struct root *r, int64_t id, struct scriptlets *l,
			struct strlist *warnings);
/* That some have not come to their end, as a sentence, or NULL; the caller frees. */
char *scriptlets_left(const struct txn_info *t);
/* The same of all transactions that stand, as warnings. */
void scriptlets_tell(struct root *r, struct strlist *warnings);

#endif
