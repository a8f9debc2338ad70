/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_RPMDB_H
#define PUTBACK_TXN_SALVAGE_RPMDB_H
/* The rpmdb that a salvage would take from its place: packages that came or went since are in no other. */
#include "txn/run.h"

/*
 * 1: it is not what the transaction brought any more, *ret_warning says where it will be kept (the caller frees);
 * 0: it is, it does not move, or nothing of it is wanted (paths as in txn_salvage()). A manifest that does not know what
 * was brought is a warning.
 */
int salvage_rpmdb_look(struct run *t, const struct strlist *paths, char **ret_warning);

#endif
