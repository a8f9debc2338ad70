/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/span.h"

#include <string.h>

static int find(const struct history *h, const char *name, uint32_t *ret,
		struct error *err)
{
	const struct history_entry *e;

	if (strcmp(name, "last")) {
		e = history_find(h, name);
		if (!e)
			return err_set(err, ERR_USAGE,
				       "the history of this root has no entry %s; "
				       "see `putback history`",
				       name);
	} else {
		e = history_last(h);
		if (!e)
			return err_set(
				err, ERR_USAGE,
				"the history of this root has no entry that could be "
				"undone; name packages instead");
	}
	*ret = (uint32_t)(e - h->entries.v);
	return 0;
}

static int find_undone(const struct selection *sel, const struct history *h,
		       struct span *ret, struct error *err)
{
	uint32_t from, to;

	if (find(h, sel->undo, &from, err) < 0)
		return -1;
	to = from;
	if (sel->undo_to && find(h, sel->undo_to, &to, err) < 0)
		return -1;
	*ret = (struct span){.first = MIN(from, to),
			     .n = MAX(from, to) - MIN(from, to) + 1};
	return 0;
}

static int find_after(const struct history *h, int64_t when, uint32_t *ret,
		      struct error *err)
{
	uint32_t first = 0;

	if (!h->entries.n)
		return err_set(
			err, ERR_USAGE,
			"this root has no history to go back in; name packages instead");
	if (h->entries.v[0].begin > when)
		return err_set(
			err, ERR_USAGE,
			"the history of this root begins after that time, with entry "
			"%s; to take back that one too: --undo %s..last",
			h->entries.v[0].name, h->entries.v[0].name);
	/* not the last that began before it: a clock that ran wrong may have dated later ones back */
	while (first < h->entries.n && h->entries.v[first].begin <= when)
		first++;
	*ret = first;
	return 0;
}

int span_find(const struct selection *sel, const struct history *history,
	      struct span *ret, struct error *err)
{
	uint32_t first = 0; /* gcc cannot follow */

	if (sel->undo)
		return find_undone(sel, history, ret, err);
	if (!sel->back_to) {
		if (find_after(history, sel->back_to_time, &first, err) < 0)
			return -1;
	} else {
		if (find(history, sel->back_to, &first, err) < 0)
			return -1;
		first++;
	}
	*ret = (struct span){
		.first = first, .n = history->entries.n - first, .back = true};
	return 0;
}
