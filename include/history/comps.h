/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_COMPS_H
#define PUTBACK_HISTORY_COMPS_H
/* Groups and environments in the histories of dnf 4 and 5: items that are no package. */
#include "history/histdb.h"
#include "history/history.h"

/* Sets has_groups of the entries that have any. */
_must_check_ int comps_mark(struct histdb *db, struct history *h, struct error *err);

#endif
