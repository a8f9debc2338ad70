/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SWEEP_H
#define PUTBACK_TXN_SWEEP_H
/* Removing a directory with all that is in it: no link is followed, no mount is crossed, and a tree
 * of any depth takes the same memory. */
#include "base/error.h"

/* name in the directory dir; what is not there is no error. -1 with err naming what would not go. */
_must_check_ int sweep_tree(int dir, const char *name, struct error *err);

#endif
