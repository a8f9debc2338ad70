/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/merge.h"

#include <string.h>

/* What writers of the same transaction may be apart, and what one that was cut off may have lasted. */
#define SLACK	60
#define CUT_OFF (6 * 3600)

static int64_t end_of(const struct history_entry *e)
{
	return e->end ? MAX(e->end, e->begin) : e->begin + CUT_OFF;
}

static bool overlap(const struct history_entry *a, const struct history_entry *b)
{
	return a->begin <= end_of(b) + SLACK && b->begin <= end_of(a) + SLACK;
}

/* Whether the entry has something that happened in the same direction to the same package. */
static bool has_item(const struct history_entry *e, const struct history_item *item)
{
	int sign = item_action_sign(item->action);

	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) == sign &&
		    nevra_is_same(&e->items.v[i].id, &item->id))
			return true;
	return false;
}

static bool share_item(const struct history_entry *a, const struct history_entry *b)
{
	for (uint32_t i = 0; i < a->items.n; i++)
		if (has_item(b, &a->items.v[i]))
			return true;
	return false;
}

static bool is_known(const struct history *h, const struct history_entry *e)
{
	for (uint32_t i = 0; i < h->entries.n; i++)
		if (overlap(&h->entries.v[i], e) && share_item(&h->entries.v[i], e))
			return true;
	return false;
}

static bool brought(const struct history *h, const struct history_item *item)
{
	for (uint32_t i = 0; i < h->entries.n; i++) {
		const struct history_entry *e = &h->entries.v[i];

		if (item->time >= e->begin - SLACK && item->time <= end_of(e) + SLACK &&
		    has_item(e, item))
			return true;
	}
	return false;
}

static void drop_brought(const struct history *h, struct history_entry *e)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < e->items.n; i++)
		if (!e->items.v[i].time || !brought(h, &e->items.v[i]))
			e->items.v[kept++] = e->items.v[i];
	e->items.n = kept;
}

/* Where the database that a log stands in for begins; INT64_MAX: it has nothing. */
static int64_t first_of(const struct history *h, const char *origin)
{
	int64_t first = INT64_MAX;

	for (uint32_t i = 0; origin && i < h->entries.n; i++)
		if (!strcmp(h->entries.v[i].origin, origin))
			first = MIN(first, h->entries.v[i].begin);
	return first;
}

/* Whether anything of it is news; an entry whose items are all known is not. */
static bool is_wanted(const struct history *h, struct history_entry *e,
		      const struct history_ops *ops, int64_t limit)
{
	if (e->id < 0 || (ops->stands_in_for && e->begin >= limit))
		return false;
	if (ops != &rpmtid_ops)
		return !is_known(h, e);
	drop_brought(h, e);
	return e->items.n > 0;
}

/* Both in their own order, the one whose next is older first. */
static void weave(struct history *h, struct history *part)
{
	struct history all = {0};
	uint32_t i = 0, k = 0;

	array_reserve(&all.entries, h->entries.n + part->entries.n);
	while (i < h->entries.n || k < part->entries.n) {
		bool ours = k == part->entries.n ||
			    (i < h->entries.n &&
			     h->entries.v[i].begin <= part->entries.v[k].begin);

		array_add(&all.entries, ours ? h->entries.v[i++] : part->entries.v[k++]);
	}
	free(h->entries.v);
	h->entries.v = all.entries.v;
	h->entries.n = all.entries.n;
	h->entries.cap = all.entries.cap;
}

void merge_take(struct history *h, struct history *part, const struct history_ops *ops)
{
	int64_t limit = first_of(h, ops->stands_in_for);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < part->entries.n; i++) {
		struct history_entry *e = &part->entries.v[i];

		if (is_wanted(h, e, ops, limit))
			part->entries.v[kept++] = *e;
		else
			array_release(&e->items);
	}
	part->entries.n = kept;
	if (kept) {
		arena_take(&part->mem, &h->mem);
		h->mem = part->mem;
		part->mem = (struct arena){0};
		weave(h, part);
	}
	part->entries.n = 0;
}
