/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SCRIPTLETS_H
#define PUTBACK_CMD_SCRIPTLETS_H
/* --run-scriptlets: what rpm would have run, found before the transaction and run after it. */
#include "cmd/prepare.h"
#include "rpm/scripts.h"

/* Nothing where the option was not given. */
_must_check_ int scriptlets_find(const struct session *s, const struct prepared *p,
				 struct script_runs *ret, struct error *err);
/* One after the other, in the root. How each went is kept in the journal of transaction id; what went wrong
 * becomes a warning, and holds up nothing. Returns how many were run to their end. */
uint32_t scriptlets_run(struct root *r, int64_t id, const struct script_runs *runs,
			struct strlist *warnings);

#endif
