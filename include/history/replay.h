/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_REPLAY_H
#define PUTBACK_HISTORY_REPLAY_H
/*
 * What records leave unsaid: which package went for one that came. Of items that are unsure
 *
 *   - what came and went of one name in an entry are one step (upgrade, downgrade, reinstallation);
 *   - the version that was there before went, if an earlier entry says which that was, unless both
 *     are installed, or the old one is removed later: these stood side by side.
 *
 * Items that went are added behind the others; an entry is complete where nothing is left open.
 */
#include "history/history.h"

/* The first of these alone, for a record that says of everything that it went. */
void replay_pair(struct history_entry *e);
void replay_all(struct history *h, const struct pkgset *installed);

#endif
