/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What rpm itself recorded: installed packages that came in one rpm transaction share an
 * INSTALLTID (rpm's lib/psm.c). What went with it is not known, nor are transactions of which
 * nothing is installed any more.
 */
#include "history/history.h"

static int64_t group_of(const struct pkg *p)
{
	return p->installtid ? p->installtid : p->installtime;
}

static int by_group(const void *pa, const void *pb)
{
	const struct pkg *a = *(const struct pkg *const *)pa;
	const struct pkg *b = *(const struct pkg *const *)pb;
	int64_t ga = group_of(a), gb = group_of(b);

	return ga != gb ? (ga < gb ? -1 : 1) : nevra_cmp(&a->id, &b->id);
}

static int rpmtid_read(struct root *r _unused_, const struct pkgset *installed,
		       struct history *h, struct error *err _unused_)
{
	ARRAY(const struct pkg *) sorted = {0};
	struct history_entry *e = NULL;
	int64_t current = 0;

	for (uint32_t i = 0; i < installed->n; i++)
		if (!pkg_is_pseudo(installed->v[i]))
			array_add(&sorted, installed->v[i]);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_group);
	for (uint32_t i = 0; i < sorted.n; i++) {
		const struct pkg *p = sorted.v[i];
		struct history_item *item;

		if (!e || group_of(p) != current) {
			current = group_of(p);
			e = history_add(h, &rpmtid_ops, current);
			e->begin = e->end = p->installtime;
			e->state = ENTRY_DONE;
		}
		e->begin = MIN(e->begin, p->installtime);
		e->end = MAX(e->end, p->installtime);
		item = history_add_item(e);
		item->action = ITEM_INSTALL;
		item->id = nevra_dup(&h->mem, &p->id);
		item->time = p->installtime;
		item->unsure = true;
	}
	array_release(&sorted);
	return h->entries.n > 0;
}

const struct history_ops rpmtid_ops = {.origin = "rpm", .read = rpmtid_read};
