/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/choose.h"
#include "select/cutoff.h"
#include "select/recorded.h"
#include "select/undo.h"

static bool has_step(const struct steps *steps, const struct pkg *p)
{
	for (uint32_t i = 0; i < steps->list.n; i++)
		if (steps->list.v[i].from == p)
			return true;
	return false;
}

static int sign(const struct history_item *item)
{
	return item_action_sign(item->action);
}

/* --- back ------------------------------------------------------------------------------------------- */

/* The nearest version above n that the sources have. */
static const struct nevra *next_above(const struct sources *sources,
				      const struct nevra *n)
{
	cleanup_free const struct candidate **v = NULL;
	uint32_t count = sources_find_name(sources, n->name, NULL, &v);
	const struct nevra *best = NULL;

	for (uint32_t i = 0; i < count; i++) {
		const struct nevra *id = &v[i]->pkg->id;

		if (cutoff_is_same(id, n) && evr_cmp(id, n) > 0 &&
		    (!best || evr_cmp(id, best) < 0))
			best = id;
	}
	return best;
}

/* Where older versions were coming, what went for one was a newer one. Whether the sources have one. */
static bool look_above(struct cutoff *c, uint32_t i, const struct sources *sources)
{
	const struct nevra *above =
		c->downward ? next_above(sources, &c->update.items.v[i].id) : NULL;
	struct history_item *went;

	if (!above)
		return false;
	c->update.items.v[i].action = ITEM_DOWNGRADE;
	went = history_add_item(&c->update);
	went->action = ITEM_DOWNGRADED;
	went->id = *above;
	return true;
}

static void tell_newcomer(const struct nevra *id, struct problems *problems)
{
	cleanup_free char *nevra = nevra_string(id);

	problems_add(problems, PROBLEM_HISTORY, SEV_WARNING, nevra,
		     "%s came, and no source and no record has an earlier version, while "
		     "the history knows every other package: it was not there before, and "
		     "goes; with --exclude %s it stays",
		     nevra, id->name);
}

/*
 * What came without its record saying what was there before. Where a history says that, as_history() is
 * enough. Else the sources may tell, and in the end that no record of any kind knows it.
 */
static void settle(struct cutoff *c, const struct pkgset *installed,
		   const struct history *history, const struct sources *sources,
		   struct problems *problems)
{
	struct recorded r;
	uint32_t n = c->update.items.n;
	bool complete;

	recorded_read(history, c->entry, &r);
	complete = recorded_account_for(&r, installed, c->tid);
	for (uint32_t i = 0; i < n; i++) {
		struct nevra id = c->update.items.v[i].id;
		bool unsure = c->update.items.v[i].unsure && !recorded_find(&r, &id);

		if (!unsure)
			continue;
		if (look_above(c, i, sources)) {
			c->update.items.v[i].unsure = false;
		} else if (complete && !choose_older(sources, &id, NULL, installed)) {
			c->update.items.v[i].unsure = false;
			tell_newcomer(&id, problems);
		}
	}
	recorded_release(&r);
}

/* The history up to the update, and that as its last entry. */
static void as_history(const struct cutoff *c, const struct history *history,
		       struct history *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < history->entries.n; i++) {
		if (&history->entries.v[i] == c->entry)
			break;
		if (c->entry || history->entries.v[i].begin < c->begin)
			array_add(&ret->entries, history->entries.v[i]);
	}
	array_add(&ret->entries, c->update);
}

/* Whose files are gone, and nothing says that the update removes it. */
static bool is_doubtful(const struct cutoff_half *half)
{
	return half->how == HALF_GONE || half->how == HALF_LOST;
}

/* Whether there is something to put it back from: that it is lacking keeps nothing else from going back. */
static bool back_doubtful(const struct pkg *p, const struct sources *sources,
			  struct problems *problems)
{
	cleanup_free const struct candidate **found = NULL;
	bool there = sources_find(sources, &p->id, &found) > 0;

	problems_add(
		problems, PROBLEM_HISTORY, SEV_WARNING, p->nevra,
		there ? "files of %s are gone, and no record says that it was being "
			"removed: they are put back; with --exclude it stays as it is"
		      : "files of %s are gone, and no record says that it was being "
			"removed: it stays as it is, for no source has it; with --from "
			"a place that has it, they are put back",
		p->nevra);
	return there;
}

static void back_halves(const struct cutoff *c, const struct sources *sources,
			struct steps *steps, struct problems *problems,
			const char *reason)
{
	for (uint32_t i = 0; i < c->halves.n; i++) {
		struct pkg *p = c->halves.v[i].p;

		if (!has_step(steps, p) && (!is_doubtful(&c->halves.v[i]) ||
					    back_doubtful(p, sources, problems)))
			steps_add(steps, p, &p->id, reason);
	}
}

void cutoff_back(struct cutoff *c, const struct pkgset *installed,
		 const struct history *history, const struct sources *sources,
		 struct steps *steps, struct problems *problems)
{
	struct history until = {0};
	struct fold fold = {0};

	settle(c, installed, history, sources, problems);
	as_history(c, history, &until);
	fold_entries(&until, &(struct span){.first = until.entries.n - 1, .n = 1},
		     installed, &fold);
	fold.label = cutoff_label(c);
	fold.cut_off = true;
	if (fold.n)
		undo_steps(&fold, installed, sources, steps, problems);
	back_halves(c, sources, steps, problems,
		    arena_printf(&steps->mem, "half-written by %s", cutoff_label(c)));
	for (uint32_t i = 0; i < steps->list.n; i++)
		steps->list.v[i].reason =
			arena_strdup(&steps->mem, steps->list.v[i].reason);
	fold_release(&fold);
	array_release(&until.entries);
}

/* --- forward ---------------------------------------------------------------------------------------- */

struct forward {
	const struct cutoff *c;
	const struct pkgset *installed;
	struct steps *steps;
	const char *reason;
};

static bool comes(const struct forward *f, const struct nevra *id)
{
	for (uint32_t i = 0; i < f->c->update.items.n; i++)
		if (sign(&f->c->update.items.v[i]) > 0 &&
		    nevra_is_same(&f->c->update.items.v[i].id, id))
			return true;
	return false;
}

/* Whether something comes in the place of what went. */
static bool is_replaced(const struct forward *f, const struct history_item *went)
{
	for (uint32_t i = 0; i < f->c->update.items.n; i++)
		if (sign(&f->c->update.items.v[i]) > 0 &&
		    cutoff_is_same(&f->c->update.items.v[i].id, &went->id))
			return !step_stands_beside(f->installed, went->id.name);
	return false;
}

static bool is_damaged(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->damaged.n; i++)
		if (c->damaged.v[i] == p)
			return true;
	return false;
}

/* What goes for what came, or comes, as id: all of the package that the update says, or had as a pair. */
static uint32_t going_for(const struct forward *f, const struct nevra *id,
			  struct pkg **ret)
{
	struct pkg *const *now;
	uint32_t n = step_installed(f->installed, id->name, NULL, &now), found = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!cutoff_is_same(&now[i]->id, id) || comes(f, &now[i]->id) ||
		    nevra_is_same(&now[i]->id, id) ||
		    step_stands_beside(f->installed, id->name))
			continue;
		for (uint32_t k = 0; k < f->c->update.items.n; k++) {
			const struct history_item *item = &f->c->update.items.v[k];

			if (sign(item) > 0 || !nevra_is_same(&item->id, &now[i]->id))
				continue;
			ret[found++] = now[i];
			break;
		}
	}
	return found;
}

static void forward_came(struct forward *f, const struct history_item *item)
{
	struct pkg *const *all;
	uint32_t n_all = step_installed(f->installed, item->id.name, NULL, &all), n;
	cleanup_free struct pkg **gone = xcalloc(n_all + 1, sizeof(struct pkg *));
	struct pkg *there = pkgset_find(f->installed, &item->id);

	n = going_for(f, &item->id, gone);
	/* rpm puts another build of the same version in the place of the one that is there */
	if (there && item->action == ITEM_REINSTALL && *item->digest &&
	    !choose_digest_is(&there->hdrdigest, item->digest))
		steps_add(f->steps, there, &there->id, f->reason)->digest = item->digest;
	else if (there && is_damaged(f->c, there))
		steps_add(f->steps, there, &there->id, f->reason);
	for (uint32_t i = 0; i < n; i++)
		if (!has_step(f->steps, gone[i]))
			steps_add(f->steps, gone[i], there || i ? NULL : &item->id,
				  f->reason)
				->digest = item->digest;
	if (!there && !n)
		steps_add(f->steps, NULL, &item->id, f->reason)->digest = item->digest;
}

static void forward_half(struct forward *f, const struct cutoff_half *half,
			 struct problems *problems)
{
	/* what covers files of another package is that package's now, as the update would have left it */
	if (has_step(f->steps, half->p) || half->how == HALF_COVERED)
		return;
	if (f->c->is_removal) {
		steps_add(f->steps, half->p, NULL, f->reason);
		problems_add(problems, PROBLEM_HISTORY, SEV_WARNING, half->p->nevra,
			     "no record says that %s was being removed, but its files look "
			     "like it: what is left of it goes",
			     half->p->nevra);
		return;
	}
	if (is_doubtful(half))
		problems_add(
			problems, PROBLEM_HISTORY, SEV_WARNING, half->p->nevra,
			half->how == HALF_GONE
				? "all files of %s are gone, and no record says that it "
				  "was being removed: its record goes, too; with "
				  "--exclude it stays"
				: "files of %s are gone, and no record says that it was "
				  "being removed: it stays as it is; --with %s puts them "
				  "back",
			half->p->nevra, half->p->nevra);
	if (half->how == HALF_LOST)
		return;
	if (half->how == HALF_REMOVED || half->how == HALF_GONE) {
		steps_add(f->steps, half->p, NULL, f->reason);
	} else if (half->how == HALF_REPLACED) {
		steps_add(f->steps, half->p, &half->coming->id, f->reason);
	} else {
		steps_add(f->steps, half->p, &half->p->id, f->reason);
		if (half->how == HALF_ROOM)
			return;
		problems_add(
			problems, PROBLEM_HISTORY, SEV_WARNING, half->p->nevra,
			"%s was being replaced by a version that no source has: its own "
			"files are put back; with --from a place that has it, it "
			"comes",
			half->p->nevra);
	}
}

#define END "end of "

bool cutoff_is_end(const char *reason)
{
	return reason && !strncmp(reason, END, strlen(END));
}

void cutoff_forward(struct cutoff *c, const struct pkgset *installed, struct steps *steps,
		    struct problems *problems)
{
	struct forward f = {c, installed, steps, NULL};

	f.reason = arena_printf(&steps->mem, END "%s", cutoff_label(c));
	for (uint32_t i = 0; i < c->update.items.n; i++)
		if (sign(&c->update.items.v[i]) > 0)
			forward_came(&f, &c->update.items.v[i]);
	for (uint32_t i = 0; i < c->update.items.n; i++) {
		const struct history_item *item = &c->update.items.v[i];
		struct pkg *p = sign(item) < 0 ? pkgset_find(installed, &item->id) : NULL;

		if (p && !is_replaced(&f, item) && !comes(&f, &p->id) &&
		    !has_step(steps, p))
			steps_add(steps, p, NULL, f.reason);
	}
	for (uint32_t i = 0; i < c->halves.n; i++)
		forward_half(&f, &c->halves.v[i], problems);
	if (!c->listed && c->is_last && !c->is_asked)
		problems_add(
			problems, PROBLEM_HISTORY, SEV_WARNING, "",
			"rpm keeps no list of what it was given: packages that it had not "
			"begun with are not known; --update-from says where all of them "
			"are, --with adds single ones");
}
