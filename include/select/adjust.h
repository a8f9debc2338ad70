/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_ADJUST_H
#define PUTBACK_SELECT_ADJUST_H
/* The user's own adjustments of what a selection came to: --with, --without, --exclude. */
#include "base/error.h"
#include "select/step.h"

/*
 * Packages named beside the selection, as select/named.h takes them. What they say of a package goes
 * before what the selection says of it.
 */
_must_check_ int adjust_with(const struct strlist *packages,
			     const struct pkgset *installed,
			     const struct sources *sources, struct steps *steps,
			     struct problems *problems, struct error *err);
/*
 * Installed packages that a pattern matches (select/pattern.h) go, whatever the selection says of them, and
 * that a version of them was missed is no matter any more. ERR_USAGE: a pattern that matches nothing.
 */
_must_check_ int adjust_without(const struct strlist *patterns,
				const struct pkgset *installed, struct steps *steps,
				struct error *err);
/*
 * Packages that a pattern matches (select/pattern.h), in the version that goes or the one that comes,
 * stay as they are. A pattern that matches none of these, and nothing that is installed, is told in a
 * warning; that nothing of the selection is left, in a note.
 */
void adjust_exclude(const struct strlist *patterns, const struct pkgset *installed,
		    struct steps *steps, struct problems *problems);

#endif
