/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/cutoff.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "rpm/evr.h"

/* What the clocks of a package manager and of rpm may be apart. */
#define SLACK 60
enum { TWICE_MAX = 64 };

bool cutoff_is_same(const struct nevra *a, const struct nevra *b)
{
	return !strcmp(a->name, b->name) &&
	       (!strcmp(a->arch, b->arch) || !strcmp(a->arch, "noarch") ||
		!strcmp(b->arch, "noarch"));
}

/* --- pairs ------------------------------------------------------------------------------------------ */

static const char *key_of(const struct pkgfile *f, struct arena *mem)
{
	return arena_printf(mem, "%s%s", f->dir, f->base);
}

static bool counts(const struct pkgfile *f)
{
	return (f->mode & 0170000) != 0040000 && !(f->flags & FILE_GHOST);
}

/* Whether some file is in both. */
static bool share_a_file(const struct pkg *a, const struct pkg *b)
{
	struct strmap paths = {0};
	struct arena mem = {0};
	const struct pkgfile *f;
	bool found = false;

	array_foreach(f, &a->files)
		if (counts(f))
			strmap_set(&paths, key_of(f, &mem), 1);
	array_foreach(f, &b->files)
		found |= counts(f) && strmap_get(&paths, key_of(f, &mem), NULL);
	strmap_release(&paths);
	arena_release(&mem);
	return found;
}

static bool has_a_file(const struct pkg *p)
{
	const struct pkgfile *f;

	array_foreach(f, &p->files)
		if (counts(f))
			return true;
	return false;
}

/*
 * Whether two versions were meant to be there beside one another: kernels and their like, and what shares
 * no file, as rpm would have it.
 */
static bool stand_beside(const struct pkg *a, const struct pkg *b)
{
	return a->beside || b->beside || step_is_kernel(a->id.name) ||
	       (has_a_file(a) && has_a_file(b) && !share_a_file(a, b));
}

static bool is_new_of_a_pair(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].new == p)
			return true;
	return false;
}

static int by_transaction(const void *pa, const void *pb)
{
	const struct pkg *a = *(struct pkg *const *)pa, *b = *(struct pkg *const *)pb;

	if (a->installtid != b->installtid)
		return a->installtid < b->installtid ? -1 : 1;
	return a->instance < b->instance ? -1 : a->instance > b->instance;
}

/* v: those of one name. Of three, the oldest is a pair with each of the others. */
static void pair(struct cutoff *c, struct pkg *const *v, uint32_t n)
{
	struct pkg **sorted = xcalloc(n, sizeof(*sorted));

	memcpy(sorted, v, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_transaction);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = i + 1; k < n && !is_new_of_a_pair(c, sorted[i]); k++)
			if (cutoff_is_same(&sorted[i]->id, &sorted[k]->id) &&
			    !stand_beside(sorted[i], sorted[k]))
				array_add(&c->pairs,
					  (struct cutoff_pair){sorted[i], sorted[k]});
	free(sorted);
}

static void find_pairs(struct cutoff *c, const struct pkgset *installed)
{
	for (uint32_t i = 0, end; i < installed->n; i = end) {
		for (end = i + 1;
		     end < installed->n &&
		     !strcmp(installed->v[end]->id.name, installed->v[i]->id.name);
		     end++)
			;
		/* so many are no update's doing */
		if (end - i > 1 && end - i <= TWICE_MAX &&
		    !pkg_is_pseudo(installed->v[i]))
			pair(c, installed->v + i, end - i);
	}
}

static bool holds(const struct pkgset *set, const struct pkg *p)
{
	const struct pkg *was = set ? pkgset_find(set, &p->id) : NULL;

	return was && was->instance == p->instance;
}

/* --- the entry -------------------------------------------------------------------------------------- */

static const struct history_item *find_item(const struct history_entry *e,
					    const struct nevra *id, int sign)
{
	for (uint32_t i = 0; i < e->items.n; i++)
		if (item_action_sign(e->items.v[i].action) == sign &&
		    nevra_is_same(&e->items.v[i].id, id))
			return &e->items.v[i];
	return NULL;
}

static bool brought_a_pair(const struct cutoff *c, const struct history_entry *e)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (find_item(e, &c->pairs.v[i].new->id, +1))
			return true;
	return false;
}

/* That write down what is to be before they begin. */
static bool lists(const char *origin)
{
	return !strcmp(origin, "dnf4") || !strcmp(origin, "dnf5") ||
	       !strcmp(origin, "yum");
}

static const struct history_entry *newest(const struct history *h)
{
	for (uint32_t i = h->entries.n; i-- > 0;)
		if (history_entry_has_changes(&h->entries.v[i]))
			return &h->entries.v[i];
	return NULL;
}

static const struct history_entry *of_rpm(const struct history *h, int64_t tid)
{
	for (uint32_t i = h->entries.n; tid && i-- > 0;)
		if (!strcmp(h->entries.v[i].origin, "rpm") && h->entries.v[i].id == tid)
			return &h->entries.v[i];
	return NULL;
}

/* The last one, where it has no end, or says that it failed and left pairs. zypper notes no end. */
static void find_entry(struct cutoff *c, const struct history *h)
{
	const struct history_entry *e = newest(h);

	if (!e || e->putback || !strcmp(e->origin, "rpm"))
		return;
	if (e->state != ENTRY_UNFINISHED &&
	    !((e->state == ENTRY_FAILED || !strcmp(e->origin, "zypper")) &&
	      brought_a_pair(c, e)))
		return;
	c->entry = e;
	c->listed = lists(e->origin);
}

/* --- rpm's transaction ------------------------------------------------------------------------------ */

static void find_transaction(struct cutoff *c, const struct pkgset *installed,
			     const int64_t *tids)
{
	int64_t latest = 0, since = c->entry ? c->entry->begin - SLACK : 0;

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		if (pkg_is_pseudo(p))
			continue;
		latest = MAX(latest, p->installtid);
		if (c->entry && p->installtid >= since && find_item(c->entry, &p->id, +1))
			c->tid = MAX(c->tid, p->installtid);
	}
	for (uint32_t i = 0; i < c->pairs.n; i++)
		c->tid = MAX(c->tid, c->pairs.v[i].new->installtid);
	/* litter of years ago is litter, and says nothing of what happened last */
	for (; *tids; tids++)
		if (*tids >= MAX(latest, since))
			c->tid = MAX(c->tid, *tids);
	c->is_last = c->entry || (c->tid && c->tid >= latest);
	c->begin = c->entry ? c->entry->begin : c->tid;
}

/* What the log holds came last; unless a package manager says that it saw it through. */
static void find_in_log(struct cutoff *c, const struct pkgset *installed,
			const struct pkgset *before, const struct history *history)
{
	const struct history_entry *e = newest(history);
	int64_t latest = 0;

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		latest = MAX(latest, pkg_is_pseudo(p) ? 0 : p->installtid);
		if (pkg_is_pseudo(p) || holds(before, p))
			continue;
		if (e && (e->putback || (lists(e->origin) && find_item(e, &p->id, +1))))
			return;
		c->tid = MAX(c->tid, p->installtid);
	}
	c->is_last = c->tid && c->tid >= latest;
	c->begin = c->tid;
}

void cutoff_find(const struct pkgset *installed, const struct pkgset *before,
		 const struct history *history, const int64_t *tids, struct cutoff *ret)
{
	memset(ret, 0, sizeof(*ret));
	find_pairs(ret, installed);
	find_entry(ret, history);
	find_transaction(ret, installed, tids);
	if (!ret->entry && !ret->pairs.n && !ret->tid && before)
		find_in_log(ret, installed, before, history);
	if (!ret->entry && ret->is_last)
		ret->entry = of_rpm(history, ret->tid);
	ret->found = ret->entry || ret->is_last || ret->pairs.n || *tids;
}

/* --- what it was ------------------------------------------------------------------------------------ */

static const struct pkg *old_of(const struct cutoff *c, const struct pkg *new)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].new == new)
			return c->pairs.v[i].old;
	return NULL;
}

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

	if (!find_item(&c->update, &new->id, +1))
		add(c,
		    d > 0   ? ITEM_UPGRADE
		    : d < 0 ? ITEM_DOWNGRADE
			    : ITEM_REINSTALL,
		    &new->id, NULL);
	if (!find_item(&c->update, &old->id, -1))
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
		if (holds(before, c->pairs.v[i].new))
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
	return !holds(before, p) || has_come(c, before);
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
		    !holds(before, installed->v[i]))
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
		const struct pkg *p = installed->v[i], *old = old_of(c, p);

		if (!is_of_it(c, before, p))
			continue;
		if (!old && before && !step_stands_beside(installed, p->id.name))
			old = predecessor(before, installed, p);
		if (old) {
			add_both(c, p, old);
			continue;
		}
		if (find_item(&c->update, &p->id, +1))
			continue;
		add(c, ITEM_INSTALL, &p->id, NULL);
		c->update.items.v[c->update.items.n - 1].unsure =
			!sure && !step_stands_beside(installed, p->id.name);
	}
	for (uint32_t i = 0; before && i < before->n; i++) {
		const struct pkg *p = before->v[i];

		if (!pkg_is_pseudo(p) && !pkgset_find(installed, &p->id) &&
		    !find_item(&c->update, &p->id, -1))
			add(c, ITEM_OBSOLETED, &p->id, &p->hdrdigest);
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
	for (uint32_t i = 0; i < c->obsoleted.n; i++)
		if (!find_item(u, &c->obsoleted.v[i]->id, -1))
			add(c, ITEM_OBSOLETED, &c->obsoleted.v[i]->id, NULL);
	count(c, installed);
}

const char *cutoff_label(struct cutoff *c)
{
	if (c->entry)
		return arena_printf(&c->mem, "entry %s", c->entry->name);
	return c->tid ? arena_printf(&c->mem, "rpm's transaction %" PRId64, c->tid)
		      : "an update";
}

void cutoff_release(struct cutoff *c)
{
	array_release(&c->pairs);
	array_release(&c->obsoleted);
	array_release(&c->update.items);
	array_release(&c->halves);
	array_release(&c->damaged);
	pkgset_release(&c->debris);
	strlist_release(&c->litter);
	arena_release(&c->mem);
	memset(c, 0, sizeof(*c));
}
