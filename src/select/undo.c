/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/undo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "select/choose.h"

struct undo {
	const struct history_entry *entry;
	const struct pkgset *installed;
	const struct sources *sources;
	struct steps *steps;
	struct problems *problems;
	const char *reason;
	struct strlist reinstalled; /* names */
};

/* The items of one name and arch, each NEVRA once. */
struct group {
	ARRAY(const struct history_item *) came, went;
	bool replaces; /* one version in place of another, by the history's own words */
	struct pkg *const *now;
	uint32_t n_now;
};

static int by_identity(const void *pa, const void *pb)
{
	const struct history_item *a = *(const struct history_item *const *)pa;
	const struct history_item *b = *(const struct history_item *const *)pb;
	int d = nevra_cmp(&a->id, &b->id);

	return d ? d : item_action_sign(b->action) - item_action_sign(a->action);
}

static void note(struct undo *u, const struct nevra *n, const char *fmt, ...)
	_printf_(3, 4);

static void note(struct undo *u, const struct nevra *n, const char *fmt, ...)
{
	cleanup_free char *subject =
		xasprintf("%s%s%s", n->name, *n->arch ? "." : "", n->arch);
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	problems_add(u->problems, PROBLEM_HISTORY, SEV_NOTE, subject, "%s: %s", subject,
		     text);
}

static const char *evr(struct undo *u, const struct nevra *n)
{
	return step_evr(&u->steps->mem, n);
}

static struct pkg *find_now(const struct group *g, const struct nevra *id)
{
	for (uint32_t i = 0; i < g->n_now; i++)
		if (nevra_is_same(&g->now[i]->id, id))
			return g->now[i];
	return NULL;
}

/* Instances beside one another: what came goes, what went comes, all others stay. */
static void undo_instances(struct undo *u, const struct group *g)
{
	uint32_t stay = g->n_now;

	for (uint32_t i = 0; i < g->came.n; i++) {
		struct pkg *p = find_now(g, &g->came.v[i]->id);

		if (p) {
			steps_add(u->steps, p, NULL, u->reason);
			stay--;
		}
	}
	for (uint32_t i = 0; i < g->went.n; i++) {
		const struct nevra *id = &g->went.v[i]->id;

		if (find_now(g, id))
			continue;
		steps_add(u->steps, NULL, id, u->reason)->digest = g->went.v[i]->digest;
		stay++;
	}
	if (g->n_now && !stay && step_is_kernel(g->now[0]->id.name))
		problems_add(u->problems, PROBLEM_HISTORY, SEV_WARNING, g->now[0]->nevra,
			     "no %s would be left on this root", g->now[0]->id.name);
}

/* A version that went comes back, whatever is there now. */
static void undo_replaced(struct undo *u, const struct group *g)
{
	/* several only after an update that was cut off: the newest is what it was meant to be */
	const struct history_item *went = g->went.v[0];
	const struct nevra *now = g->n_now ? &g->now[g->n_now - 1]->id : NULL;
	const struct nevra *came = g->came.n ? &g->came.v[0]->id : NULL;
	uint32_t before;

	for (uint32_t i = 1; i < g->went.n; i++)
		if (step_evr_cmp(&g->went.v[i]->id, &went->id) > 0)
			went = g->went.v[i];
	if (g->n_now == 1 && nevra_is_same(now, &went->id))
		return; /* as it was before the entry */
	if (find_now(g, &went->id))
		note(u, &went->id,
		     "several versions are installed, an update was cut off; %s is put back",
		     evr(u, &went->id));
	else if (!now && came)
		note(u, &went->id,
		     "entry %" PRId64
		     " replaced %s by %s; none is installed now, %s comes back",
		     u->entry->id, evr(u, &went->id), evr(u, came), evr(u, &went->id));
	else if (now && came && !find_now(g, came))
		note(u, &went->id,
		     "entry %" PRId64
		     " installed %s, %s is installed now; goes back to %s",
		     u->entry->id, evr(u, came), evr(u, now), evr(u, &went->id));
	else if (now && !came)
		note(u, &went->id,
		     "entry %" PRId64 " removed %s, %s is installed now; goes back to %s",
		     u->entry->id, evr(u, &went->id), evr(u, now), evr(u, &went->id));
	before = u->steps->list.n;
	steps_replace(u->steps, g->now, g->n_now, &went->id, u->reason);
	for (uint32_t i = before; i < u->steps->list.n; i++)
		if (u->steps->list.v[i].comes)
			u->steps->list.v[i].digest = went->digest;
}

/* What only came goes. */
static void undo_came(struct undo *u, const struct group *g)
{
	const struct nevra *came = &g->came.v[0]->id;
	struct pkg *p = find_now(g, came);

	if (!p && g->n_now == 1) {
		p = g->now[0];
		note(u, came,
		     "entry %" PRId64 " brought %s, %s is installed now; it goes",
		     u->entry->id, evr(u, came), evr(u, &p->id));
	}
	if (p)
		steps_add(u->steps, p, NULL, u->reason);
}

static void undo_group(struct undo *u, const struct group *g)
{
	const struct nevra *id = g->came.n ? &g->came.v[0]->id : &g->went.v[0]->id;

	if (step_is_kernel(id->name) || g->came.n > 1 || (g->n_now > 1 && !g->replaces))
		undo_instances(u, g);
	else if (g->went.n)
		undo_replaced(u, g);
	else
		undo_came(u, g);
}

/* The same version came and went: there is something to do only where the history can tell that it
 * was another build. */
static void undo_reinstalled(struct undo *u, const struct history_item *came,
			     const struct history_item *went)
{
	struct pkg *p = pkgset_find(u->installed, &came->id);
	cleanup_free const struct candidate **found = NULL;
	uint32_t n;

	if (p && *went->digest && !choose_digest_is(&p->hdrdigest, went->digest)) {
		n = sources_find(u->sources, &went->id, &found);
		for (uint32_t i = 0; i < n; i++) {
			if (!choose_digest_is(&found[i]->pkg->hdrdigest, went->digest))
				continue;
			steps_add(u->steps, p, &went->id, u->reason)->digest =
				went->digest;
			return;
		}
	}
	strlist_add(&u->reinstalled, came->id.name);
}

static void tell_reinstalled(struct undo *u)
{
	enum { NAMES_MAX = 5 };
	cleanup_buf struct buf names = {0};

	strlist_sort_unique(&u->reinstalled);
	for (uint32_t i = 0; i < u->reinstalled.n && i < NAMES_MAX; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", u->reinstalled.v[i]);
	if (u->reinstalled.n > NAMES_MAX)
		buf_printf(&names, " and %u more", u->reinstalled.n - NAMES_MAX);
	if (u->reinstalled.n)
		problems_add(u->problems, PROBLEM_HISTORY, SEV_NOTE, "",
			     "entry %" PRId64
			     " reinstalled what was there in the same version, "
			     "so there is nothing to undo about %s",
			     u->entry->id, names.s);
	strlist_release(&u->reinstalled);
}

/* Goes through items sorted by name, arch, version; came before went. */
static void undo_items(struct undo *u, const struct history_item *const *v, uint32_t n)
{
	for (uint32_t i = 0; i < n;) {
		const struct nevra *first = &v[i]->id;
		struct group g = {0};

		for (; i < n && !strcmp(v[i]->id.name, first->name) &&
		       !strcmp(v[i]->id.arch, first->arch);
		     i++) {
			const struct history_item *item = v[i], *last = item;

			while (i + 1 < n && nevra_is_same(&v[i + 1]->id, &item->id))
				last = v[++i];
			if (item_action_sign(item->action) !=
			    item_action_sign(last->action)) {
				undo_reinstalled(u, item, last);
				continue;
			}
			if (item_action_sign(item->action) > 0)
				array_add(&g.came, item);
			else
				array_add(&g.went, item);
			g.replaces |= item->action == ITEM_UPGRADE ||
				      item->action == ITEM_UPGRADED ||
				      item->action == ITEM_DOWNGRADE ||
				      item->action == ITEM_DOWNGRADED;
		}
		g.n_now = step_installed(u->installed, first->name, first->arch, &g.now);
		if (g.came.n + g.went.n)
			undo_group(u, &g);
		array_release(&g.came);
		array_release(&g.went);
	}
}

/* Only what came is known. What was there before, the sources have to tell. */
static void undo_guessed(struct undo *u, const struct history_item *const *v, uint32_t n)
{
	problems_add(
		u->problems, PROBLEM_HISTORY, SEV_WARNING, "",
		"entry %" PRId64
		" is known from the rpmdb alone, which does not say what "
		"was there before; each package goes to the newest older version that the "
		"sources have",
		u->entry->id);
	for (uint32_t i = 0; i < n; i++) {
		struct pkg *p = pkgset_find(u->installed, &v[i]->id);
		const struct candidate *older;
		struct pkg *const *now;

		if (!p)
			continue;
		if (step_is_kernel(p->id.name) &&
		    step_installed(u->installed, p->id.name, p->id.arch, &now) > 1) {
			steps_add(u->steps, p, NULL, u->reason);
			continue;
		}
		older = choose_older(u->sources, p, NULL, u->installed);
		if (older)
			steps_add(u->steps, p, &older->pkg->id, u->reason);
		else
			strlist_take(&u->steps->missing,
				     xasprintf("a version of %s%s%s older than %s",
					       p->id.name, *p->id.arch ? "." : "",
					       p->id.arch, evr(u, &p->id)));
	}
}

static void tell_state(struct undo *u)
{
	if (u->entry->state == ENTRY_FAILED)
		problems_add(u->problems, PROBLEM_HISTORY, SEV_WARNING, "",
			     "entry %" PRId64
			     " ended with an error; what it did not come to do "
			     "is left as it is",
			     u->entry->id);
	if (u->entry->state == ENTRY_UNFINISHED)
		problems_add(u->problems, PROBLEM_HISTORY, SEV_WARNING, "",
			     "entry %" PRId64
			     " was never finished; what it did not come to do "
			     "is left as it is",
			     u->entry->id);
}

void undo_steps(const struct history_entry *entry, const struct pkgset *installed,
		const struct sources *sources, struct steps *steps,
		struct problems *problems)
{
	struct undo u = {.entry = entry,
			 .installed = installed,
			 .sources = sources,
			 .steps = steps,
			 .problems = problems};
	ARRAY(const struct history_item *) items = {0};

	u.reason = arena_printf(&steps->mem, "undo of entry %" PRId64, entry->id);
	tell_state(&u);
	for (uint32_t i = 0; i < entry->items.n; i++)
		if (item_action_sign(entry->items.v[i].action) != 0 &&
		    strcmp(entry->items.v[i].id.name, "gpg-pubkey"))
			array_add(&items, &entry->items.v[i]);
	if (items.n)
		qsort(items.v, items.n, sizeof(*items.v), by_identity);
	if (entry->complete)
		undo_items(&u, items.v, items.n);
	else
		undo_guessed(&u, items.v, items.n);
	tell_reinstalled(&u);
	steps_pair(steps);
	array_release(&items);
}
