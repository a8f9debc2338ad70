/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An update that was cut off, as an entry of a history: cutoff_tell(). */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "select/cutoff.h"

static void add(struct cutoff *c, enum item_action action, const struct nevra *id,
		const struct digest *digest)
{
	struct history_item *item = history_add_item(&c->update);
	cleanup_buf struct buf hex = {0};

	item->action = action;
	item->id = *id;
	if (!digest)
		return;
	buf_hex(&hex, digest->bytes, digest->len);
	item->digest = arena_strdup(&c->mem, hex.s ? hex.s : "");
}

/* new in the place of old */
static void add_both(struct cutoff *c, const struct pkg *new, const struct pkg *old)
{
	int d = evr_cmp(&new->id, &old->id);

	if (!history_find_item(&c->update, &new->id, +1))
		add(c,
		    d > 0   ? ITEM_UPGRADE
		    : d < 0 ? ITEM_DOWNGRADE
			    : ITEM_REINSTALL,
		    &new->id, &new->hdrdigest);
	if (!history_find_item(&c->update, &old->id, -1))
		add(c,
		    d > 0   ? ITEM_UPGRADED
		    : d < 0 ? ITEM_DOWNGRADED
			    : ITEM_REINSTALLED,
		    &old->id, &old->hdrdigest);
}

/* The one in a set that p came in place of, and that is no more. */
static const struct pkg *predecessor(const struct pkgset *set,
				     const struct pkgset *installed, const struct pkg *p)
{
	const struct pkg *found = NULL;

	for (uint32_t i = 0; i < set->n; i++) {
		const struct pkg *old = set->v[i];

		if (cutoff_is_same(&old->id, &p->id) &&
		    !pkgset_find(installed, &old->id) &&
		    (!found || old->installtid > found->installtid))
			found = old;
	}
	return found;
}

/* Whether the log was written back in the midst of it: then `before` has some of what came. */
static bool has_come(const struct cutoff *c, const struct pkgset *before)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (pkgset_holds(before, c->pairs.v[i].new))
			return true;
	return false;
}

/* Of its packages, by the second in which it began: another one may have begun in the same. */
static bool is_of_it(const struct cutoff *c, const struct pkgset *before,
		     const struct pkg *p)
{
	if (p->installtid != c->tid || pkg_is_pseudo(p))
		return false;
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].old == p)
			return false;
	return !pkgset_holds(before, p) || has_come(c, before);
}

/*
 * Whether what went may be missing in `before` too. rpm removes nothing until all has come, so what came
 * after the log was last written back says that nothing had gone by then.
 */
static bool had_begun_to_remove(const struct cutoff *c, const struct pkgset *installed,
				const struct pkgset *before)
{
	if (!has_come(c, before))
		return false;
	for (uint32_t i = 0; i < installed->n; i++)
		if (is_of_it(c, before, installed->v[i]) &&
		    !pkgset_holds(before, installed->v[i]))
			return false;
	return true;
}

/* What rpm alone recorded: the packages of its transaction. */
static void tell_transaction(struct cutoff *c, const struct pkgset *installed,
			     const struct pkgset *before)
{
	bool sure =
		c->unpacking || (before && !had_begun_to_remove(c, installed, before));

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i], *old = cutoff_old_of(c, p);

		if (!is_of_it(c, before, p))
			continue;
		if (!old && before && !step_stands_beside(installed, p->id.name))
			old = predecessor(before, installed, p);
		if (old) {
			add_both(c, p, old);
			continue;
		}
		if (history_find_item(&c->update, &p->id, +1))
			continue;
		add(c, ITEM_INSTALL, &p->id, NULL);
		c->update.items.v[c->update.items.n - 1].unsure =
			!sure && !step_stands_beside(installed, p->id.name);
	}
	for (uint32_t i = 0; before && i < before->n; i++) {
		const struct pkg *p = before->v[i];

		if (!pkg_is_pseudo(p) && !pkgset_find(installed, &p->id) &&
		    !history_find_item(&c->update, &p->id, -1))
			add(c, ITEM_OBSOLETED, &p->id, &p->hdrdigest);
	}
}

/* What rpm was given and had not come to: what of it goes, rpm says by the names (lib/depends.c:
 * addSelfErasures()). */
static void tell_asked(struct cutoff *c, const struct pkgset *installed)
{
	for (uint32_t i = 0; i < c->asked.n; i++) {
		const struct pkg *p = c->asked.v[i];
		bool beside = step_stands_beside(installed, p->id.name), replaces = false;
		struct pkg *const *now;
		uint32_t n = step_installed(installed, p->id.name, NULL, &now);

		for (uint32_t k = 0; k < n; k++) {
			if (!cutoff_is_same(&now[k]->id, &p->id) ||
			    (beside && !nevra_is_same(&now[k]->id, &p->id)))
				continue;
			add_both(c, p, now[k]);
			replaces = true;
		}
		if (!replaces)
			add(c, ITEM_INSTALL, &p->id, &p->hdrdigest);
	}
}

static void count(struct cutoff *c, const struct pkgset *installed)
{
	uint32_t down = 0;

	for (uint32_t i = 0; i < c->update.items.n; i++) {
		const struct history_item *item = &c->update.items.v[i];
		bool there = pkgset_find(installed, &item->id) != NULL;
		int sign = item_action_sign(item->action);

		down += item->action == ITEM_DOWNGRADE;
		c->to_come += sign > 0;
		c->came += sign > 0 && there;
		c->to_go += sign < 0;
		c->gone += sign < 0 && !there;
	}
	c->downward = 2 * down > c->to_come;
	c->stands_halfway = c->pairs.n || (c->came + c->gone > 0 &&
					   c->came + c->gone < c->to_come + c->to_go);
}

void cutoff_tell(const struct pkgset *installed, const struct pkgset *before,
		 struct cutoff *c)
{
	struct history_entry *u = &c->update;

	u->name = c->entry ? c->entry->name : "";
	u->origin = c->entry ? c->entry->origin : "rpm";
	u->command = u->user = u->comment = "";
	u->id = c->entry ? c->entry->id : c->tid;
	u->begin = c->begin;
	u->state = ENTRY_DONE; /* all that it says was meant */
	for (uint32_t i = 0;
	     c->entry && strcmp(c->entry->origin, "rpm") != 0 && i < c->entry->items.n;
	     i++) {
		struct history_item item = c->entry->items.v[i];

		item.failed = false;
		if (item_action_sign(item.action))
			array_add(&u->items, item);
	}
	for (uint32_t i = 0; i < c->pairs.n; i++)
		add_both(c, c->pairs.v[i].new, c->pairs.v[i].old);
	if (!c->listed && c->is_last && c->tid)
		tell_transaction(c, installed, before);
	tell_asked(c, installed);
	for (uint32_t i = 0; i < c->obsoleted.n; i++)
		if (!history_find_item(u, &c->obsoleted.v[i]->id, -1))
			add(c, ITEM_OBSOLETED, &c->obsoleted.v[i]->id, NULL);
	for (uint32_t i = 0; i < c->lost.n; i++)
		if (!history_find_item(u, &c->lost.v[i]->id, -1))
			add(c, ITEM_OBSOLETED, &c->lost.v[i]->id, NULL);
	count(c, installed);
}
