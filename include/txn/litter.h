/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_LITTER_H
#define PUTBACK_TXN_LITTER_H
/* What a crash or a failing disk left of making and removing areas. */
#include "base/root.h"

/*
 * On each file system that is mounted at or beneath the root: gives the top the mtime back that `.putback`
 * coming or going cost it, and removes an area that holds nothing and that no transaction knows; a journal
 * without a transaction goes, too, and what forgotten ones still keep. The root is locked. Never fails:
 * who comes next will say what is wrong. false: the root's own area holds nothing, and cannot be removed.
 */
bool litter_clear(struct root *r);

#endif
