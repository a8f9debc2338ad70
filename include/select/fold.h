/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_FOLD_H
#define PUTBACK_SELECT_FOLD_H
/*
 * What a run of history entries comes to, taken as one: of each package only what it was before
 * the first and after the last of them. 1 -> 2 and 2 -> 3 come to 1 -> 3, what was installed and
 * removed again to nothing. An undo of that is the undo of all of them, the last one first.
 *
 * Where an entry failed or has no end, what it says of a package is no proof: a package that was
 * not there before, and may be there after, is one that came.
 *
 * An entry may not say what was there before what came (history_item.unsure). Then the nearest
 * earlier entry of that package does; where there is none, nobody can tell, and it is guessed.
 */
#include "select/span.h"

struct fold {
	struct arena mem;
	const char *label;		     /* "entry 7", "entries 5 to 9" */
	const struct history_entry *entries; /* borrowed */
	uint32_t n;
	bool cut_off; /* it is known to have been: nobody needs telling of each package */
	bool back; /* the state before them is wanted, whatever is there now */
	/* what came and what went; strings borrowed of history */
	ARRAY(const struct history_item *) items;
	/* what came first of packages of which nobody can tell what was there before */
	ARRAY(const struct history_item *) guessed;
};

void fold_entries(const struct history *h, const struct span *span,
		  const struct pkgset *installed, struct fold *ret);
void fold_release(struct fold *f);

#endif
