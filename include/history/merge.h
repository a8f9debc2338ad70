/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_MERGE_H
#define PUTBACK_HISTORY_MERGE_H
/* Several records of one root made one timeline, each transaction in it once. */
#include "history/history.h"

/*
 * Takes the entries of one format into h, where those of the formats that know more are already:
 *
 *   - an entry is the same transaction as one of those if they overlap in time and share an item;
 *   - rpm's own record is compared package by package: what a known transaction brought is taken out,
 *     and what is left came by other hands;
 *   - of a text log, what lies before the first entry of the database that it stands in for.
 *
 * What has a negative number cannot be named, and is no entry. Within a format the order stays, whatever its clock says; between two the time decides.
 */
void merge_take(struct history *h, struct history *part, const struct history_ops *ops);

#endif
