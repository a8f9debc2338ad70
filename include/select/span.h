/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_SPAN_H
#define PUTBACK_SELECT_SPAN_H
/*
 * Which entries of the history a selection takes back: a run of them, in the order of the timeline.
 *
 *	--undo 7         that one; `last`: the newest that packages came or went with
 *	--undo 5..9      5, 9, and all between them, either way round
 *	--back-to 7      all later than 7
 *	--back-to DATE   the first that began after DATE, and all later than that
 */
#include "history/history.h"
#include "select/select.h"

struct span {
	uint32_t first, n; /* in history.entries; n 0: nothing is later */
	bool back;	   /* --back-to: the state before them is what is wanted */
};

/*
 * ERR_USAGE: there is no such entry, or the date is before the first: what there was then is on
 * no record.
 */
_must_check_ int span_find(const struct selection *sel, const struct history *history,
			   struct span *ret, struct error *err);

#endif
