/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/recorded.h"

#include <string.h>

void recorded_release(struct recorded *r)
{
	strmap_release(&r->names);
	array_release(r);
	arena_release(&r->mem);
}

static bool is_same(const struct nevra *a, const struct nevra *b)
{
	return !strcmp(a->arch, b->arch) || !strcmp(a->arch, "noarch") ||
	       !strcmp(b->arch, "noarch");
}

static uint32_t find(const struct recorded *r, const struct nevra *id)
{
	uint32_t at;

	if (!strmap_get(&r->names, id->name, &at))
		return NO_RECORD;
	while (at != NO_RECORD && !is_same(&r->v[at].id, id))
		at = r->v[at].next;
	return at;
}

static void set(struct recorded *r, const struct nevra *id, bool there)
{
	uint32_t at = find(r, id), first;

	if (at != NO_RECORD) {
		r->v[at].id = *id;
		r->v[at].there = there;
		return;
	}
	if (!strmap_get(&r->names, id->name, &first))
		first = NO_RECORD;
	strmap_set(&r->names, id->name, r->n);
	array_add(r, ((struct recorded_package){*id, there, first}));
}

/* What went before what came: of one package the latter is what was there afterwards. */
static void take(struct recorded *r, const struct history_entry *e, int sign)
{
	for (uint32_t i = 0; i < e->items.n; i++) {
		const struct history_item *item = &e->items.v[i];

		if (item_action_sign(item->action) == sign && !item->failed)
			set(r, &item->id, sign > 0);
	}
}

void recorded_read(const struct history *h, const struct history_entry *until,
		   struct recorded *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < h->entries.n && &h->entries.v[i] != until; i++) {
		const struct history_entry *e = &h->entries.v[i];

		if (!strcmp(e->origin, "rpm") || e->state != ENTRY_DONE)
			continue;
		take(ret, e, -1);
		take(ret, e, +1);
	}
}

const struct recorded_package *recorded_find(const struct recorded *r,
					     const struct nevra *id)
{
	uint32_t at = find(r, id);

	return at == NO_RECORD ? NULL : &r->v[at];
}

bool recorded_account_for(const struct recorded *r, const struct pkgset *installed,
			  int64_t tid)
{
	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];
		const struct recorded_package *known;

		if (pkg_is_pseudo(p) || p->installtid == tid)
			continue;
		known = recorded_find(r, &p->id);
		if (!known || (!nevra_is_same(&known->id, &p->id) &&
			       !step_stands_beside(installed, p->id.name)))
			return false;
	}
	return r->n > 0;
}

static bool is_installed(const struct pkgset *installed, const struct nevra *id)
{
	struct pkg *const *now;
	uint32_t n = step_installed(installed, id->name, NULL, &now);

	for (uint32_t i = 0; i < n; i++)
		if (is_same(&now[i]->id, id))
			return true;
	return false;
}

void recorded_lost(const struct recorded *r, const struct pkgset *installed,
		   struct pkgset *ret)
{
	for (uint32_t i = 0; i < r->n; i++) {
		struct pkg *p;
		cleanup_free char *nevra = NULL;

		if (!r->v[i].there || is_installed(installed, &r->v[i].id))
			continue;
		p = pkg_new();
		p->id = nevra_dup(&p->mem, &r->v[i].id);
		nevra = nevra_string(&p->id);
		p->nevra = arena_strdup(&p->mem, nevra);
		pkgset_take(ret, p);
	}
	pkgset_sort(ret);
}
