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

static const char *whole_key(struct replay *p, const struct nevra *n)
{
	return arena_printf(&p->mem, "%s-%lld:%s-%s.%s", n->name,
			    (long long)MAX(n->epoch, 0), n->version, n->release, n->arch);
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

static struct history_item *went_for(struct history_entry *e,
				     const struct history_item *came)
{
	for (uint32_t i = 0; i < e->items.n; i++) {
		struct history_item *went = &e->items.v[i];

		if (item_action_sign(went->action) < 0 &&
		    !strcmp(went->id.name, came->id.name) &&
		    (!strcmp(went->id.arch, came->id.arch) ||
		     !strcmp(went->id.arch, "noarch") ||
		     !strcmp(came->id.arch, "noarch")))
			return went;
	}
	return NULL;
}

static void pair(struct history_item *came, struct history_item *went)
{
	int d = evr_cmp(&came->id, &went->id);

	came->action = d > 0 ? ITEM_UPGRADE : d < 0 ? ITEM_DOWNGRADE : ITEM_REINSTALL;
	went->action = d > 0 ? ITEM_UPGRADED : d < 0 ? ITEM_DOWNGRADED : ITEM_REINSTALLED;
}

void replay_pair(struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++) {
		struct history_item *came = &e->items.v[i], *went;

		went = came->action == ITEM_INSTALL ? went_for(e, came) : NULL;
		if (went && went->action == ITEM_REMOVE)
			pair(came, went);
	}
}

/* --- what was there before ------------------------------------------------------------------------ */

/* Whether the old one stayed when the new one came. */
static bool stood_beside(struct replay *p, uint32_t entry, const struct nevra *old,
			 const struct nevra *new)
{
	uint32_t later;

	if (pkgset_find(p->installed, old) && pkgset_find(p->installed, new))
		return true;
	return strmap_get(&p->removed, whole_key(p, old), &later) && later > entry;
}

static bool is_open(const struct history_entry *e)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (e->items.v[i].unsure)
			return true;
	return false;
}

/* true: nothing is left open about the item */
static bool find_predecessor(struct replay *p, uint32_t entry, uint32_t i)
{
	struct history_entry *e = &p->h->entries.v[entry];
	struct history_item *came = &e->items.v[i], *went = went_for(e, came);
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
		pair(&e->items.v[i], went);
	}
	return true;
}

static void complete(struct replay *p, uint32_t entry)
{
	struct history_entry *e = &p->h->entries.v[entry];
	uint32_t n = e->items.n;

	e->complete = true;
	if (!is_open(e))
		return;
	replay_pair(e);
	for (uint32_t i = 0; i < n; i++)
		if (e->items.v[i].unsure && find_predecessor(p, entry, i))
			e->items.v[i].unsure = false;
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
			strmap_set(&p->removed, whole_key(p, &e->items.v[i].id), entry);
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
