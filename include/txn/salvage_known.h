/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_KNOWN_H
#define PUTBACK_TXN_SALVAGE_KNOWN_H
/* What the journal knows that comes before a salvage. */
#include "txn/orphan.h"

/*
 * ERR_UNFINISHED while the journal has an unfinished transaction; ERR_REFUSED where one stands in the root that
 * came after the orphan and has a path, or the rpmdb, in common with what of it is wanted (no paths: all). 0 where
 * there is no journal, or it cannot be read.
 */
_must_check_ int salvage_known_check(const struct orphans *all, const struct orphan *o,
				     const struct strlist *paths, struct error *err);

#endif
