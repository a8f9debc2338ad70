/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_RECORD_COMPS_H
#define PUTBACK_HISTORY_RECORD_COMPS_H
/* Groups and environments that dnf 4 has installed, or removed. */
#include "history/histdb.h"

/*
 * Adds to an entry (its number, and that of the repository of installed packages) what puts the groups and
 * environments that entries first to last installed, removed or changed back to the state before them.
 */
_must_check_ int record_comps(struct histdb *db, int64_t entry, int64_t system,
			      int64_t first, int64_t last, struct error *err);

#endif
