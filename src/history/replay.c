/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/replay.h"

#include <string.h>

#include "base/strmap.h"
#include "rpm/evr.h"

struct replay {
	struct history *h;
	const struct pkgset *installed;
	struct arena mem;
	struct strmap now; /* "name.arch" -> index in known */
	struct strmap
		removed; /* NEVRA -> number of the last entry that says it was removed */
	ARRAY(struct nevra) known; /* name NULL: none is there */
};

static const char *key_of(struct replay *p, const struct nevra *n)
{
	return arena_printf(&p->mem, "%s.%s", n->name, n->arch);
}

static struct nevra *find_now(struct replay *p, const struct nevra *n)
{
	uint32_t at;

	return strmap_get(&p->now, key_of(p, n), &at) ? &p->known.v[at] : NULL;
}

static void set_now(struct replay *p, const struct nevra *n, bool there)
{
	struct nevra *now = find_now(p, n);

	if (!now) {
		strmap_set(&p->now, key_of(p, n), p->known.n);
		now = array_push(&p->known);
	}
	*now = there ? *n : (struct nevra){0};
}

/* --- within an entry --------------------------------------------------------------------------- */

/* What went with an entry: by name, and by name and arch, which of the items is the first. */
struct goners {
	struct arena mem;
	struct strmap by_name, by_arch;
};

static const char *arch_key(struct arena *mem, const char *name, const char *arch)
{
	return arena_printf(mem, "%s\n%s", name, arch);
}

static void note_first(struct strmap *m, const char *key, uint32_t item)
{
	if (!strmap_get(m, key, NULL))
		strmap_set(m, key, item);
}

static void note_goner(struct goners *g, const struct nevra *id, uint32_t item)
{
	note_first(&g->by_name, arena_strdup(&g->mem, id->name), item);
	note_first(&g->by_arch, arch_key(&g->mem, id->name, id->arch), item);
}

static void goners_init(struct goners *g, const struct history_entry *e)
{
	*g = (struct goners){0};
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) < 0)
			note_goner(g, &e->items.v[i].id, i);
}

static void goners_release(struct goners *g)
{
	strmap_release(&g->by_name);
	strmap_release(&g->by_arch);
	arena_release(&g->mem);
}

/* noarch goes for any arch, and any for noarch. */
static struct history_item *went_for(struct goners *g, struct history_entry *e,
				     const struct history_item *came)
{
	const struct nevra *id = &came->id;
	uint32_t same = UINT32_MAX, noarch = UINT32_MAX;

	if (!strcmp(id->arch, "noarch")) {
		strmap_get(&g->by_name, id->name, &same);
	} else {
		strmap_get(&g->by_arch, arch_key(&g->mem, id->name, id->arch), &same);
		strmap_get(&g->by_arch, arch_key(&g->mem, id->name, "noarch"), &noarch);
	}
	same = MIN(same, noarch);
	return same < e->items.n ? &e->items.v[same] : NULL;
}

static void pair(struct history_item *came, struct history_item *went)
{
	int d = evr_cmp(&came->id, &went->id);

	came->action = d > 0 ? ITEM_UPGRADE : d < 0 ? ITEM_DOWNGRADE : ITEM_REINSTALL;
	went->action = d > 0 ? ITEM_UPGRADED : d < 0 ? ITEM_DOWNGRADED : ITEM_REINSTALLED;
}

static void pair_all(struct goners *g, struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++) {
		struct history_item *came = &e->items.v[i], *went;

		went = came->action == ITEM_INSTALL ? went_for(g, e, came) : NULL;
		if (went && went->action == ITEM_REMOVE)
			pair(came, went);
	}
}

void replay_pair(struct history_entry *e)
{
	struct goners g;

	goners_init(&g, e);
	pair_all(&g, e);
	goners_release(&g);
}

/* --- what was there before ------------------------------------------------------------------------ */

/* Whether the old one stayed when the new one came. */
static bool stood_beside(struct replay *p, uint32_t entry, const struct nevra *old,
			 const struct nevra *new)
{
	uint32_t later;

	if (pkgset_find(p->installed, old) && pkgset_find(p->installed, new))
		return true;
	return strmap_get(&p->removed, nevra_key(&p->mem, old), &later) && later > entry;
}

static bool is_open(const struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (e->items.v[i].unsure)
			return true;
	return false;
}

/* true: nothing is left open about the item */
static bool find_predecessor(struct replay *p, struct goners *g, uint32_t entry,
			     uint32_t i)
{
	struct history_entry *e = &p->h->entries.v[entry];
	struct history_item *came = &e->items.v[i], *went = went_for(g, e, came);
	struct nevra *before;

	if (went)
		return true;
	before = find_now(p, &came->id);
	if (!before)
		return false;
	if (!before->name)
		return true;
	if (nevra_is_same(before, &came->id)) {
		came->action = ITEM_REINSTALL;
	} else if (stood_beside(p, entry, before, &came->id)) {
		return true;
	} else {
		struct nevra old = *before;

		went = history_add_item(e);
		went->id = old;
		note_goner(g, &old, e->items.n - 1);
		pair(&e->items.v[i], went);
	}
	return true;
}

static void complete(struct replay *p, uint32_t entry)
{
	struct history_entry *e = &p->h->entries.v[entry];
	uint32_t n = e->items.n;
	struct goners g;

	e->complete = true;
	if (!is_open(e))
		return;
	goners_init(&g, e);
	pair_all(&g, e);
	for (uint32_t i = 0; i < n; i++)
		if (e->items.v[i].unsure && find_predecessor(p, &g, entry, i))
			e->items.v[i].unsure = false;
	goners_release(&g);
	e->complete = !is_open(e);
}

/* An entry that failed, or was cut off, says what was meant to be. */
static void apply(struct replay *p, const struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) < 0 && !e->items.v[i].failed)
			set_now(p, &e->items.v[i].id, false);
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) > 0 && !e->items.v[i].failed)
			set_now(p, &e->items.v[i].id, true);
}

static void note_removals(struct replay *p, uint32_t entry)
{
	const struct history_entry *e = &p->h->entries.v[entry];

	for (uint32_t i = 0; i < e->items.n; i++)
		if (e->items.v[i].action == ITEM_REMOVE)
			strmap_set(&p->removed, nevra_key(&p->mem, &e->items.v[i].id),
				   entry);
}

void replay_all(struct history *h, const struct pkgset *installed)
{
	struct replay p = {.h = h, .installed = installed};

	for (uint32_t i = 0; i < h->entries.n; i++)
		note_removals(&p, i);
	for (uint32_t i = 0; i < h->entries.n; i++) {
		complete(&p, i);
		apply(&p, &h->entries.v[i]);
	}
	strmap_release(&p.now);
	strmap_release(&p.removed);
	array_release(&p.known);
	arena_release(&p.mem);
}
