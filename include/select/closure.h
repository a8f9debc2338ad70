/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_CLOSURE_H
#define PUTBACK_SELECT_CLOSURE_H
/*
 * What a selection leaves open: the further changes that keep dependencies whole, found by libsolv
 * among all that the sources have. The selection itself stands: each of its packages comes, or goes.
 * Of the installed ones no more than must be changes; a package goes only where no version of it can
 * stay. What the root protects never goes, nor does the last kernel (select/guard.h); what --exclude names
 * stays as it is. The result is small: there is no single change in it that could be left out.
 */
#include "rpm/db.h"
#include "select/select.h"

/*
 * Adds them to the steps of which the changes were made, each with what it is needed by. 1: there are
 * some, or none are needed; 0: there are none that would do, *ret_why is a sentence on it, which the
 * caller frees.
 */
_must_check_ int closure_steps(const struct select_world *world, struct sources *sources,
			       const struct db *db, const struct changes *changes,
			       struct steps *steps, char **ret_why, struct error *err);

#endif
