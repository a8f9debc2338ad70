/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/fold.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/step.h"

/* That a package came or went, with which entry (an index in the history). */
struct event {
	const struct history_item *item;
	uint32_t entry;
};
struct events {
	ARRAY(struct event) list;
};

struct folding {
	const struct history *history;
	const struct span *span;
	const struct pkgset *installed;
	struct fold *ret;
};

static int sign(const struct event *e)
{
	return item_action_sign(e->item->action);
}

static int by_name(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;
	int d = strcmp(a->item->id.name, b->item->id.name);

	return d ? d : a->entry < b->entry ? -1 : a->entry > b->entry;
}

static int by_identity(const void *pa, const void *pb)
{
	const struct event *a = pa, *b = pb;
	int d = nevra_cmp(&a->item->id, &b->item->id);

	return d ? d : a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* A package that became noarch, or was it, is still the same. */
static bool is_same_package(const struct nevra *a, const struct nevra *b)
{
	return !strcmp(a->arch, b->arch) || !strcmp(a->arch, "noarch") ||
	       !strcmp(b->arch, "noarch");
}

/* Whether an entry's word is taken for what was done. */
static bool is_sure(const struct folding *f, const struct event *e)
{
	return f->history->entries.v[e->entry].state == ENTRY_DONE && !e->item->failed;
}

static bool in_span(const struct folding *f, const struct event *e)
{
	return e->entry >= f->span->first;
}

/* Whether an entry says, beside what came at i, what went for it. */
static bool says_what_went(const struct event *v, uint32_t n, uint32_t i)
{
	for (uint32_t k = 0; k < n; k++)
		if (v[k].entry == v[i].entry && sign(&v[k]) < 0 &&
		    is_same_package(&v[k].item->id, &v[i].item->id))
			return true;
	return false;
}

/*
 * What was there before the one that came at i, by the nearest earlier entry: the newest that came
 * with it, or NULL where that one only went. Returns whether there is such an entry.
 */
static bool look_back(const struct event *v, uint32_t i, const struct history_item **ret)
{
	const struct history_item *newest = NULL;
	uint32_t entry = 0;
	bool found = false;

	for (uint32_t k = i; k-- > 0;) {
		if (v[k].entry == v[i].entry ||
		    !is_same_package(&v[k].item->id, &v[i].item->id))
			continue;
		if (found && v[k].entry != entry)
			break;
		found = true;
		entry = v[k].entry;
		if (sign(&v[k]) > 0 &&
		    (!newest || evr_cmp(&v[k].item->id, &newest->id) > 0))
			newest = v[k].item;
	}
	*ret = newest;
	return found;
}

static bool is_guessed(const struct folding *f, const struct nevra *id)
{
	for (uint32_t i = f->ret->guessed.n; i-- > 0;) {
		const struct nevra *other = &f->ret->guessed.v[i]->id;

		if (strcmp(other->name, id->name) != 0)
			break; /* they are added name by name */
		if (is_same_package(other, id))
			return true;
	}
	return false;
}

static void add_went(struct folding *f, struct events *net, const struct event *at,
		     const struct history_item *before)
{
	struct history_item *item = arena_memdup(&f->ret->mem, before, sizeof(*before));

	item->action = ITEM_UPGRADED;
	array_add(&net->list, (struct event){item, at->entry});
}

/* The events of one name within the span, with what went where the history does not say it. */
static void complete(struct folding *f, const struct event *v, uint32_t n,
		     struct events *net)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct history_item *before;

		if (!in_span(f, &v[i]))
			continue;
		array_add(&net->list, v[i]);
		if (!v[i].item->unsure || sign(&v[i]) < 0 ||
		    step_stands_beside(f->installed, v[i].item->id.name) ||
		    says_what_went(v, n, i))
			continue;
		if (!look_back(v, i, &before)) {
			if (!is_guessed(f, &v[i].item->id))
				array_add(&f->ret->guessed, v[i].item);
		} else if (before) {
			add_went(f, net, &v[i], before);
		}
	}
}

/* One package, as it was before the first and after the last of the events: v, in their order. */
static void fold_one(struct folding *f, const struct event *v, uint32_t n)
{
	const struct history_item *came = NULL, *went = NULL;
	bool before = false, after = false, sure = true;
	struct fold *ret = f->ret;

	for (uint32_t i = 0; i < n; i++) {
		if (v[i].entry == v[0].entry)
			before |= sign(&v[i]) < 0;
		if (v[i].entry == v[n - 1].entry) {
			after |= sign(&v[i]) > 0;
			sure &= is_sure(f, &v[i]);
		}
		if (sign(&v[i]) > 0)
			came = v[i].item;
		else if (!went)
			went = v[i].item;
	}
	if (before && after && sure) {
		/* the same version, but maybe not the same build */
		if (v[0].entry != v[n - 1].entry && !*went->digest)
			return;
		array_add(&ret->items, came);
		array_add(&ret->items, went);
	} else if (before) {
		array_add(&ret->items, went);
	} else if (after || !sure) {
		array_add(&ret->items, came);
	}
}

static void fold_name(struct folding *f, const struct event *v, uint32_t n)
{
	struct events net = {0};

	complete(f, v, n, &net);
	if (net.list.n)
		qsort(net.list.v, net.list.n, sizeof(*net.list.v), by_identity);
	for (uint32_t i = 0, end; i < net.list.n; i = end) {
		const struct nevra *id = &net.list.v[i].item->id;

		for (end = i + 1;
		     end < net.list.n && nevra_is_same(&net.list.v[end].item->id, id);
		     end++)
			;
		if (!is_guessed(f, id))
			fold_one(f, net.list.v + i, end - i);
	}
	array_release(&net.list);
}

static const char *label_of(const struct history *h, const struct span *span,
			    struct arena *mem)
{
	const struct history_entry *v = h->entries.v + span->first;

	return span->n == 1 ? arena_printf(mem, "entry %s", v[0].name)
			    : arena_printf(mem, "entries %s to %s", v[0].name,
					   v[span->n - 1].name);
}

/* Those before the span, too: they tell what was there. */
static void collect(const struct folding *f, struct events *all)
{
	for (uint32_t i = 0; i < f->span->first + f->span->n; i++) {
		const struct history_entry *e = &f->history->entries.v[i];

		for (uint32_t k = 0; k < e->items.n; k++)
			if (item_action_sign(e->items.v[k].action) != 0 &&
			    strcmp(e->items.v[k].id.name, "gpg-pubkey") != 0)
				array_add(&all->list, (struct event){&e->items.v[k], i});
	}
	if (all->list.n)
		qsort(all->list.v, all->list.n, sizeof(*all->list.v), by_name);
}

void fold_entries(const struct history *h, const struct span *span,
		  const struct pkgset *installed, struct fold *ret)
{
	struct folding f = {h, span, installed, ret};
	struct events all = {0};

	memset(ret, 0, sizeof(*ret));
	if (!span->n)
		return;
	ret->label = label_of(h, span, &ret->mem);
	ret->entries = h->entries.v + span->first;
	ret->n = span->n;
	ret->back = span->back;
	collect(&f, &all);
	for (uint32_t i = 0, end; i < all.list.n; i = end) {
		for (end = i + 1;
		     end < all.list.n &&
		     !strcmp(all.list.v[end].item->id.name, all.list.v[i].item->id.name);
		     end++)
			;
		fold_name(&f, all.list.v + i, end - i);
	}
	array_release(&all.list);
}

void fold_release(struct fold *f)
{
	array_release(&f->items);
	array_release(&f->guessed);
	arena_release(&f->mem);
	memset(f, 0, sizeof(*f));
}
