/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/merge.h"

#include <string.h>

/* What writers of the same transaction may be apart, and what one that was cut off may have lasted. */
#define SLACK	60
#define CUT_OFF (6 * 3600)

static int64_t later(int64_t time, int64_t by)
{
	int64_t sum;

	return __builtin_add_overflow(time, by, &sum) ? (by < 0 ? INT64_MIN : INT64_MAX)
						      : sum;
}

static int64_t end_of(const struct history_entry *e)
{
	return e->end ? MAX(e->end, e->begin) : later(e->begin, CUT_OFF);
}

/* --- what is known already --------------------------------------------------------------------- */

/* Between when and when a package came or went. */
struct deed {
	const struct nevra *id;
	int sign;
	int64_t from, to;
};
/* Sorted by by_what(), then by from; to is the latest of all that stand before it of the same kind. */
struct deeds {
	struct deed *v;
	uint32_t n, cap;
};

static int by_what(const struct deed *a, const struct deed *b)
{
	return a->sign != b->sign ? a->sign - b->sign : nevra_cmp(a->id, b->id);
}

static int by_time(const void *pa, const void *pb)
{
	const struct deed *a = pa, *b = pb;
	int d = by_what(a, b);

	return d ? d : (a->from > b->from) - (a->from < b->from);
}

static struct deeds deeds_of(const struct history *h)
{
	struct deeds ret = {0};

	for (uint32_t i = 0; i < h->entries.n; i++) {
		const struct history_entry *e = &h->entries.v[i];

		for (uint32_t k = 0; k < e->items.n; k++)
			array_add(&ret,
				  ((struct deed){&e->items.v[k].id,
						 item_action_sign(e->items.v[k].action),
						 e->begin, end_of(e)}));
	}
	if (ret.n)
		qsort(ret.v, ret.n, sizeof(*ret.v), by_time);
	for (uint32_t i = 1; i < ret.n; i++)
		if (!by_what(&ret.v[i - 1], &ret.v[i]))
			ret.v[i].to = MAX(ret.v[i].to, ret.v[i - 1].to);
	return ret;
}

/* Whether what the item says is known of a time that overlaps, give or take. */
static bool is_told(const struct deeds *known, const struct history_item *item,
		    int64_t from, int64_t to)
{
	const struct deed last = {&item->id, item_action_sign(item->action),
				  later(to, SLACK), 0};
	uint32_t lo = 0, hi = known->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (by_time(&known->v[mid], &last) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && !by_what(&known->v[lo - 1], &last) &&
	       known->v[lo - 1].to >= later(from, -SLACK);
}

static bool is_known(const struct deeds *known, const struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (is_told(known, &e->items.v[i], e->begin, end_of(e)))
			return true;
	return false;
}

/* --- what is new ------------------------------------------------------------------------------- */

static void drop_brought(const struct deeds *known, struct history_entry *e)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < e->items.n; i++)
		if (!e->items.v[i].time ||
		    !is_told(known, &e->items.v[i], e->items.v[i].time,
			     e->items.v[i].time))
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
static bool is_wanted(const struct deeds *known, struct history_entry *e,
		      const struct history_ops *ops, int64_t limit)
{
	if (e->id < 0 || (ops->stands_in_for && e->begin >= limit))
		return false;
	if (ops != &rpmtid_ops)
		return !is_known(known, e);
	drop_brought(known, e);
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
	struct deeds known = part->entries.n ? deeds_of(h) : (struct deeds){0};
	uint32_t kept = 0;

	for (uint32_t i = 0; i < part->entries.n; i++) {
		struct history_entry *e = &part->entries.v[i];

		if (is_wanted(&known, e, ops, limit))
			part->entries.v[kept++] = *e;
		else
			array_release(&e->items);
	}
	array_release(&known);
	part->entries.n = kept;
	if (kept) {
		arena_take(&part->mem, &h->mem);
		h->mem = part->mem;
		part->mem = (struct arena){0};
		weave(h, part);
	}
	part->entries.n = 0;
}
