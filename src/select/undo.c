/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/undo.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "select/choose.h"

struct undo {
	const struct fold *fold;
	const struct pkgset *installed;
	const struct sources *sources;
	struct steps *steps;
	struct problems *problems;
	const char *reason;
	struct strlist reinstalled; /* names */
};

/*
 * What is looked at together: the items of one name and arch, each NEVRA once; of one name in all
 * architectures where noarch is among them, for a package that became noarch is still the same.
 */
struct group {
	ARRAY(const struct history_item *) came, went;
	bool replaces; /* one version in place of another, by the history's own words */
	struct pkg *const *now;
	uint32_t n_now;
};

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
	for (uint32_t i = 0; i < g->came.n; i++) {
		struct pkg *p = find_now(g, &g->came.v[i]->id);

		if (p)
			steps_add(u->steps, p, NULL, u->reason);
	}
	for (uint32_t i = 0; i < g->went.n; i++) {
		const struct nevra *id = &g->went.v[i]->id;

		if (find_now(g, id))
			continue;
		steps_add(u->steps, NULL, id, u->reason)->digest = g->went.v[i]->digest;
	}
}

/* went comes back in place of the n that are installed now. */
static void put_back(struct undo *u, const struct group *g,
		     const struct history_item *went, struct pkg *const *now, uint32_t n)
{
	const struct nevra *is = n ? &now[n - 1]->id : NULL, *came = NULL;
	uint32_t before = u->steps->list.n;

	for (uint32_t i = 0; i < g->came.n; i++)
		if (!came || !strcmp(g->came.v[i]->id.arch, went->id.arch))
			came = &g->came.v[i]->id;
	if (n == 1 && nevra_is_same(is, &went->id))
		return; /* as it was before the entry */
	if (find_now(g, &went->id) && u->fold->cut_off)
		; /* there is a sentence on all of them */
	else if (find_now(g, &went->id))
		note(u, &went->id,
		     "several versions are installed, an update was cut off; %s is put back",
		     evr(u, &went->id));
	else if (!g->n_now && came)
		note(u, &went->id,
		     "%s"
		     " replaced %s by %s; none is installed now, %s comes back",
		     u->fold->label, evr(u, &went->id), evr(u, came), evr(u, &went->id));
	else if (is && came && !find_now(g, came))
		note(u, &went->id,
		     "%s"
		     " installed %s, %s is installed now; goes back to %s",
		     u->fold->label, evr(u, came), evr(u, is), evr(u, &went->id));
	else if (is && !came)
		note(u, &went->id, "%s removed %s, %s is installed now; goes back to %s",
		     u->fold->label, evr(u, &went->id), evr(u, is), evr(u, &went->id));
	steps_replace(u->steps, now, n, &went->id, u->reason);
	for (uint32_t i = before; i < u->steps->list.n; i++)
		if (u->steps->list.v[i].comes)
			u->steps->list.v[i].digest = went->digest;
}

/* The last of those that went in the arch of the one at i; *ret_newest: the newest of them, what
 * the root was meant to have, should an update that was cut off have left several. */
static uint32_t went_in_arch(const struct group *g, uint32_t i,
			     const struct history_item **ret_newest)
{
	*ret_newest = g->went.v[i];
	while (i + 1 < g->went.n &&
	       !strcmp(g->went.v[i + 1]->id.arch, (*ret_newest)->id.arch)) {
		i++;
		if (evr_cmp(&g->went.v[i]->id, &(*ret_newest)->id) > 0)
			*ret_newest = g->went.v[i];
	}
	return i;
}

static bool went_as(const struct group *g, const char *arch)
{
	for (uint32_t i = 0; i < g->went.n; i++)
		if (!strcmp(g->went.v[i]->id.arch, arch))
			return true;
	return false;
}

/* What went comes back, each in place of what is there now in its arch, the first also in place of
 * what is there in others. */
static void undo_replaced(struct undo *u, const struct group *g)
{
	for (uint32_t i = 0; i < g->went.n; i++) {
		ARRAY(struct pkg *) now = {0};
		const struct history_item *newest;
		bool first = i == 0;

		i = went_in_arch(g, i, &newest);
		for (uint32_t k = 0; k < g->n_now; k++)
			if (!strcmp(g->now[k]->id.arch, newest->id.arch) ||
			    (first && !went_as(g, g->now[k]->id.arch)))
				array_add(&now, g->now[k]);
		put_back(u, g, newest, now.v, now.n);
		array_release(&now);
	}
}

/* What only came goes. A version that came later is not this entry's to take away: dnf's own
 * undo leaves it too. To go back to a time when there was none takes away that one as well. */
static void undo_came(struct undo *u, const struct group *g)
{
	const struct nevra *came = &g->came.v[0]->id;
	bool found = false;

	for (uint32_t i = 0; i < g->came.n; i++) {
		struct pkg *p = find_now(g, &g->came.v[i]->id);

		if (p)
			steps_add(u->steps, p, NULL, u->reason);
		found |= p != NULL;
	}
	if (found || g->n_now != 1)
		return;
	if (u->fold->back)
		steps_add(u->steps, g->now[0], NULL, u->reason);
	note(u, came, "%s brought %s, %s is installed now; it %s", u->fold->label,
	     evr(u, came), evr(u, &g->now[0]->id),
	     u->fold->back ? "goes, for there was none" : "stays");
}

/* Whether there are several of one arch beside one another. */
static bool stand_beside(const struct group *g)
{
	if (g->replaces)
		return false;
	for (uint32_t i = 1; i < g->came.n; i++)
		if (!strcmp(g->came.v[i - 1]->id.arch, g->came.v[i]->id.arch))
			return true;
	for (uint32_t i = 1; i < g->n_now; i++)
		if (!strcmp(g->now[i - 1]->id.arch, g->now[i]->id.arch))
			return true;
	return false;
}

static void undo_group(struct undo *u, const struct group *g)
{
	const struct nevra *id = g->came.n ? &g->came.v[0]->id : &g->went.v[0]->id;

	if (step_stands_beside(u->installed, id->name) || stand_beside(g))
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
			     "%s"
			     " reinstalled what was there in the same version, "
			     "so there is nothing to undo about %s",
			     u->fold->label, names.s);
	strlist_release(&u->reinstalled);
}

/* v: items of one group */
static void undo_range(struct undo *u, const struct history_item *const *v, uint32_t n,
		       bool all_archs)
{
	struct group g = {0};

	for (uint32_t i = 0; i < n; i++) {
		const struct history_item *item = v[i], *last = item;

		while (i + 1 < n && nevra_is_same(&v[i + 1]->id, &item->id))
			last = v[++i];
		if (item_action_sign(item->action) != item_action_sign(last->action)) {
			undo_reinstalled(u, item, last);
			continue;
		}
		if (item_action_sign(item->action) > 0)
			array_add(&g.came, item);
		else
			array_add(&g.went, item);
		g.replaces |=
			item->action == ITEM_UPGRADE || item->action == ITEM_UPGRADED ||
			item->action == ITEM_DOWNGRADE || item->action == ITEM_DOWNGRADED;
	}
	g.n_now = step_installed(u->installed, v[0]->id.name,
				 all_archs ? NULL : v[0]->id.arch, &g.now);
	if (g.came.n + g.went.n)
		undo_group(u, &g);
	array_release(&g.came);
	array_release(&g.went);
}

/* Whether noarch and another arch occur among items of one name and what is installed of it. */
static bool is_noarch_involved(const struct undo *u, const struct history_item *const *v,
			       uint32_t n)
{
	struct pkg *const *now;
	uint32_t n_now = step_installed(u->installed, v[0]->id.name, NULL, &now),
		 noarch = 0;

	for (uint32_t i = 0; i < n; i++)
		noarch += !strcmp(v[i]->id.arch, "noarch");
	for (uint32_t i = 0; i < n_now; i++)
		noarch += !strcmp(now[i]->id.arch, "noarch");
	return noarch > 0 && noarch < n + n_now;
}

/* Goes through items sorted by name, arch, version; came before went. */
static void undo_items(struct undo *u, const struct history_item *const *v, uint32_t n)
{
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !strcmp(v[end]->id.name, v[i]->id.name);
		     end++)
			;
		if (is_noarch_involved(u, v + i, end - i)) {
			undo_range(u, v + i, end - i, true);
			continue;
		}
		for (end = i + 1; end < n && !strcmp(v[end]->id.name, v[i]->id.name) &&
				  !strcmp(v[end]->id.arch, v[i]->id.arch);
		     end++)
			;
		undo_range(u, v + i, end - i, false);
	}
}

/* id: what came first. What is there now, that or a later one, goes to an older one. */
static void guess(struct undo *u, const struct nevra *id)
{
	struct pkg *const *now;
	uint32_t n = step_installed(u->installed, id->name, id->arch, &now);
	uint32_t first = u->steps->list.n;
	const struct candidate *older;

	if (!n || evr_cmp(&now[n - 1]->id, id) < 0)
		return;
	older = choose_older(u->sources, id, NULL, u->installed);
	if (older)
		steps_replace(u->steps, now, n, &older->pkg->id, u->reason);
	else
		steps_miss_older(u->steps, id);
	steps_set_open(u->steps, first);
}

/* Only what came is known. What was there before, the sources have to tell. */
static void undo_guessed(struct undo *u)
{
	const struct fold *f = u->fold;

	if (f->guessed.n)
		problems_add(
			u->problems, PROBLEM_HISTORY, SEV_WARNING, "",
			"%s: no record says what was there before %u of the packages "
			"that came; each goes to the newest older version that the "
			"sources have",
			f->label, f->guessed.n);
	for (uint32_t i = 0; i < f->guessed.n; i++)
		guess(u, &f->guessed.v[i]->id);
}

static void tell_state(struct undo *u, const struct history_entry *e)
{
	if (e->state != ENTRY_DONE)
		problems_add(u->problems, PROBLEM_HISTORY, SEV_WARNING, "",
			     "entry %s %s; what it did not come to do is left as it is",
			     e->name,
			     e->state == ENTRY_FAILED ? "ended with an error"
						      : "was never finished");
}

/*
 * Marks of packages, groups, modules: of these nothing is undone, and "nothing to do" alone would mislead. Only groups
 * are, where packages moved as well (history/record_comps.c).
 */
static void tell_other(struct undo *u)
{
	for (uint32_t i = 0; i < u->fold->n; i++) {
		const struct history_entry *e = &u->fold->entries[i];
		bool moved = false;

		for (uint32_t k = 0; k < e->items.n; k++)
			moved |= item_action_sign(e->items.v[k].action) != 0;
		if (!moved && e->state == ENTRY_DONE)
			problems_add(
				u->problems, PROBLEM_HISTORY, SEV_NOTE, "",
				"entry %s: no package came or went with it; whatever else it "
				"changed, such as marks of packages%s, stays as it is",
				e->name, e->has_groups ? " and groups" : "");
	}
}

void undo_steps(const struct fold *fold, const struct pkgset *installed,
		const struct sources *sources, struct steps *steps,
		struct problems *problems)
{
	struct undo u = {.fold = fold,
			 .installed = installed,
			 .sources = sources,
			 .steps = steps,
			 .problems = problems};

	u.reason = arena_printf(&steps->mem, "undo of %s", fold->label);
	for (uint32_t i = 0; i < fold->n; i++)
		tell_state(&u, &fold->entries[i]);
	undo_items(&u, fold->items.v, fold->items.n);
	undo_guessed(&u);
	tell_reinstalled(&u);
	if (!fold->cut_off)
		tell_other(&u);
	steps_pair(steps);
}
