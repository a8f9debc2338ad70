/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/select.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/adjust.h"
#include "select/archive.h"
#include "select/choose.h"
#include "select/guard.h"
#include "select/had.h"
#include "select/named.h"
#include "select/owned.h"
#include "select/pattern.h"
#include "select/undo.h"

void outcome_release(struct outcome *o)
{
	changes_release(&o->changes);
	strlist_release(&o->missing);
	array_release(&o->missed);
	array_release(&o->wanted);
	strlist_release(&o->unknown);
	arena_release(&o->mem);
	strlist_release(&o->looked_at);
	problems_release(&o->problems);
	free(o->title);
	free(o->narrowed);
	memset(o, 0, sizeof(*o));
}

void selection_release(struct selection *s)
{
	free(s->undo);
	free(s->undo_to);
	free(s->back_to);
	free(s->like);
	free(s->manifest);
	strlist_release(&s->packages);
	strlist_release(&s->paths);
	strlist_release(&s->update_from);
	strlist_release(&s->with);
	strlist_release(&s->without);
	strlist_release(&s->only_paths);
	strlist_release(&s->exclude);
	memset(s, 0, sizeof(*s));
}

bool selection_is_undo(const struct selection *s)
{
	return s->undo || s->back_to || s->back_to_date;
}

static void list_words(struct buf *b, const struct strlist *words)
{
	enum { NAMES_MAX = 8 };

	for (uint32_t i = 0; i < words->n && i < NAMES_MAX; i++)
		buf_printf(b, "%s%s", i ? ", " : "", words->v[i]);
	if (words->n > NAMES_MAX)
		buf_printf(b, " and %u more", words->n - NAMES_MAX);
}

static void cutoff_title(struct cutoff *c, bool forward, struct buf *ret)
{
	buf_printf(ret, "%s %s, which was cut off",
		   forward ? "on to the end of" : "back from",
		   c->found ? cutoff_label(c) : "an update");
}

/* By which paths; "" for none. */
static char *narrowed_by(const struct selection *sel, bool alone)
{
	struct buf b = {0};

	if (sel->paths.n)
		buf_str(&b, alone ? "owners of " : ", only owners of ");
	list_words(&b, &sel->paths);
	if (sel->only_paths.n)
		buf_str(&b, alone ? "only the files " : ": only the files ");
	list_words(&b, &sel->only_paths);
	return buf_steal(&b);
}

static char *title_of(const struct selection *sel, const struct select_world *world,
		      const struct fold *fold)
{
	struct buf title = {0};

	if (fold->n)
		buf_printf(&title, "undo of %s", fold->label);
	else if (world->cutoff)
		cutoff_title(world->cutoff, sel->forward, &title);
	else if (sel->back_to)
		buf_printf(&title, "back to entry %s", sel->back_to);
	else if (world->wanted)
		buf_printf(&title, "as in %s", world->wanted->name);
	else
		list_words(&title, &sel->packages);
	return buf_steal(&title);
}

static int undo(const struct selection *sel, const struct select_world *world,
		struct steps *steps, struct fold *fold, struct outcome *o,
		struct error *err)
{
	struct span span;

	if (span_find(sel, world->history, &span, err) < 0)
		return -1;
	fold_entries(world->history, &span, world->installed, fold);
	if (archive_look_for_guesses(fold, world->sources, world->installed, err))
		return -1;
	if (fold->n)
		undo_steps(fold, world->installed, world->sources, steps, &o->problems);
	o->entries = fold->entries;
	o->n_entries = fold->n;
	return 0;
}

/* Each owner of the paths as it is installed. */
static int again(const struct select_world *world, struct steps *steps)
{
	for (uint32_t i = 0; i < world->installed->n; i++) {
		struct pkg *p = world->installed->v[i];

		if (!pkg_is_pseudo(p) && owned_by(p, world->paths))
			steps_add(steps, p, &p->id, "its files only");
	}
	return 0;
}

static int named(const struct selection *sel, const struct select_world *world,
		 struct steps *steps, struct outcome *o, struct error *err)
{
	struct strlist owners = {0};
	int rc;

	if (sel->packages.n || (!sel->paths.n && !sel->only_paths.n))
		return named_steps(&sel->packages, world->installed, world->sources,
				   steps, &o->problems, err);
	if (world->stray)
		return err_set(err, ERR_USAGE, "no installed package owns '%s'",
			       world->stray);
	if (sel->only_paths.n)
		return again(world, steps);
	owned_names(world->installed, world->paths, &owners);
	rc = archive_look_for_names(&owners, NULL, 0, world->sources, world->installed,
				    err);
	if (rc == 0)
		rc = named_steps(&owners, world->installed, world->sources, steps,
				 &o->problems, err);
	strlist_release(&owners);
	return rc;
}

/* Of two records of a package, the one that stays when the other goes. */
static void find_stands(const struct cutoff *c, struct steps *steps)
{
	for (uint32_t i = 0; i < steps->list.n; i++) {
		struct step *s = &steps->list.v[i];

		for (uint32_t k = 0; k < c->pairs.n && s->from && !s->comes; k++)
			if (s->from == c->pairs.v[k].new)
				s->stands = c->pairs.v[k].old;
			else if (s->from == c->pairs.v[k].old)
				s->stands = c->pairs.v[k].new;
	}
	/* should that one go as well, none does */
	for (uint32_t i = 0; i < steps->list.n; i++)
		for (uint32_t k = 0; k < steps->list.n; k++)
			if (steps->list.v[i].stands &&
			    steps->list.v[k].from == steps->list.v[i].stands &&
			    !(steps->list.v[k].comes &&
			      nevra_is_same(&steps->list.v[k].to,
					    &steps->list.v[k].from->id)))
				steps->list.v[i].stands = NULL;
}

static void interrupted(const struct selection *sel, const struct select_world *world,
			struct steps *steps, struct outcome *o)
{
	if (!world->cutoff->found)
		problems_add(
			&o->problems, PROBLEM_HISTORY, SEV_NOTE, "",
			"no update was cut off here: no package is in the rpmdb twice, "
			"the last entry of the history has an end, and rpm left no "
			"half-written files");
	if (!world->cutoff->found)
		return;
	o->entries = world->cutoff->entry;
	o->n_entries = world->cutoff->entry != NULL;
	if (sel->forward)
		cutoff_forward(world->cutoff, world->installed, steps, &o->problems);
	else
		cutoff_back(world->cutoff, world->installed, world->history,
			    world->sources, steps, &o->problems);
}

static int make_steps(const struct selection *sel, const struct select_world *world,
		      struct steps *steps, struct fold *fold, struct outcome *o,
		      struct error *err)
{
	bool by_list = selection_is_undo(sel) || world->wanted || world->cutoff;
	const struct wanted *wanted = world->wanted;
	cleanup_free char *head = NULL;
	int rc = 0;

	if (by_list && sel->packages.n)
		return err_set(err, ERR_USAGE,
			       "packages can be selected beside others with --with only");
	if (archive_look_for_names(&sel->packages, wanted ? wanted->list.v : NULL,
				   wanted ? wanted->list.n : 0, world->sources,
				   world->installed, err) ||
	    archive_look_for_names(&sel->with, NULL, 0, world->sources, world->installed,
				   err))
		return -1;
	if (selection_is_undo(sel))
		rc = undo(sel, world, steps, fold, o, err);
	else if (world->cutoff)
		interrupted(sel, world, steps, o);
	else if (world->wanted)
		wanted_steps(world->wanted, sel->exact, world->installed, world->sources,
			     steps, &o->problems);
	else if (sel->packages.n || sel->paths.n || sel->only_paths.n || !sel->with.n)
		rc = named(sel, world, steps, o, err);
	if (rc == 0)
		rc = adjust_with(&sel->with, world->installed, world->sources, steps,
				 &o->problems, err);
	if (rc == 0)
		rc = adjust_without(&sel->without, world->installed, steps, err);
	if (rc < 0)
		return -1;
	adjust_exclude(&sel->exclude, world->installed, steps, &o->problems);
	guard_steps(world->protected, world->installed, steps, &o->problems);
	if (world->cutoff)
		find_stands(world->cutoff, steps);
	head = title_of(sel, world, fold);
	o->narrowed = narrowed_by(sel, !*head);
	o->title = xasprintf("%s%s", head, o->narrowed);
	return 0;
}

static enum change_kind kind_of(const struct pkg *from, const struct pkg *to)
{
	int d;

	if (!from)
		return CHANGE_INSTALL;
	if (!to)
		return CHANGE_REMOVE;
	d = evr_cmp(&to->id, &from->id);
	return d < 0 ? CHANGE_DOWNGRADE : d > 0 ? CHANGE_UPGRADE : CHANGE_REINSTALL;
}

/* Whether a step whose package that goes owns none of the paths is left out, should that which
 * comes own none, either. */
static bool must_own(const struct step *step, const struct strlist *paths)
{
	return paths && paths->n && !(step->from && owned_by(step->from, paths));
}

static struct step_miss copy_miss(struct arena *mem, const struct step_miss *m)
{
	return (struct step_miss){.id = nevra_dup(mem, &m->id),
				  .than = m->than.name ? nevra_dup(mem, &m->than)
						       : (struct nevra){0},
				  .text = arena_strdup(mem, m->text)};
}

static void miss(struct outcome *o, const struct step_miss *m)
{
	array_add(&o->missed, copy_miss(&o->mem, m));
	strlist_add(&o->missing, m->text);
}

static void miss_step(struct outcome *o, const struct step *step)
{
	cleanup_free char *text = nevra_string(&step->to);

	miss(o, &(struct step_miss){.id = step->to, .text = text});
}

/* What there is to be had for the selection, where it comes to nothing. */
static void want_all(const struct steps *steps, const struct strlist *paths,
		     struct outcome *ret)
{
	for (uint32_t i = 0; i < steps->list.n; i++) {
		const struct step *step = &steps->list.v[i];
		cleanup_free char *text = step->comes ? nevra_string(&step->to) : NULL;
		const struct step_miss m = {.id = step->to, .text = text};

		if (step->comes && !must_own(step, paths))
			array_add(&ret->wanted, copy_miss(&ret->mem, &m));
	}
	for (uint32_t i = 0; i < steps->missing.n; i++)
		array_add(&ret->wanted, copy_miss(&ret->mem, &steps->missing.v[i]));
	for (uint32_t i = 0; i < steps->unknown.n; i++)
		strlist_add(&ret->unknown, steps->unknown.v[i]);
}

/* 1: what was chosen is of no use. */
static int add_change(const struct step *step, const struct select_world *world,
		      struct outcome *o, struct error *err)
{
	bool in_doubt = must_own(step, world->paths);
	const struct sources *sources = world->sources;
	struct change c = {.from = step->from,
			   .source = -1,
			   .stands = step->stands,
			   .open = step->open};
	int rc;

	if ((!step->from || in_doubt || world->files_only) && !step->comes)
		return 0;
	if (step->comes) {
		const struct candidate *found =
			choose_candidate(sources, step, &o->problems);

		if (!found) {
			if (!in_doubt)
				miss_step(o, step);
			return 0;
		}
		rc = had_load(sources, found, &c.to, err);
		if (rc)
			return rc;
		if (in_doubt && !owned_by(c.to, world->paths)) {
			pkg_free(c.to);
			return 0;
		}
		had_tell(sources, step, c.to, &o->problems);
		pkgset_take(&o->changes.arriving, c.to);
		c.source = (int)found->source;
		c.location = xstrdup(found->location);
	}
	c.kind = kind_of(c.from, c.to);
	c.reason = xstrdup(step->reason);
	c.needed_by = step->needed_by ? xstrdup(step->needed_by) : NULL;
	array_add(&o->changes.list, c);
	return 0;
}

/* Two that went to one noarch package: it comes once. */
static void drop_repeated_arrivals(struct steps *steps)
{
	for (uint32_t i = 0; i < steps->list.n; i++) {
		struct step *a = &steps->list.v[i];

		for (uint32_t k = 0; k < i && a->comes && !strcmp(a->to.arch, "noarch");
		     k++)
			if (steps->list.v[k].comes &&
			    nevra_is_same(&steps->list.v[k].to, &a->to))
				a->comes = false;
	}
}

static int make_changes(struct steps *steps, const struct select_world *world,
			struct outcome *o, struct error *err)
{
	int rc, again = 0;

	drop_repeated_arrivals(steps);
	if (archive_look_for_steps(steps, world->sources, world->installed, err))
		return -1;
	rc = had_headers(steps, world->sources, err);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < steps->list.n; i++) {
		rc = add_change(&steps->list.v[i], world, o, err);
		if (rc < 0)
			return -1;
		again |= rc;
	}
	if (again)
		return 1;
	for (uint32_t i = 0; i < steps->missing.n; i++)
		miss(o, &steps->missing.v[i]);
	strlist_sort_unique(&o->missing);
	pkgset_sort(&o->changes.arriving);
	changes_sort(&o->changes);
	return 0;
}

static bool is_excluded(const struct selection *sel, const struct pkg *p)
{
	for (uint32_t i = 0; i < sel->exclude.n; i++)
		if (pattern_matches(sel->exclude.v[i], &p->id))
			return true;
	return false;
}

/* What lies about of versions that do not come, and what rpm had half-written. */
static void clear_up(const struct selection *sel, const struct select_world *world,
		     struct outcome *o)
{
	const struct cutoff *c = world->cutoff;

	if (!c || !c->found || sel->paths.n || world->files_only)
		return;
	for (uint32_t i = 0; i < c->debris.n; i++) {
		struct pkg *p = c->debris.v[i];

		if (is_excluded(sel, p) || pkgset_find(&o->changes.arriving, &p->id))
			continue;
		array_add(&o->changes.list,
			  (struct change){
				  .kind = CHANGE_CLEAR,
				  .from = p,
				  .source = -1,
				  .reason = xstrdup("half-installed, and in no rpmdb")});
	}
	for (uint32_t i = 0; i < c->litter.n; i++)
		strlist_add(&o->changes.litter, c->litter.v[i]);
	changes_sort(&o->changes);
}

int select_resolve(const struct selection *sel, const struct select_world *world,
		   struct outcome *ret, struct error *err)
{
	const struct sources *sources = world->sources;
	struct outcome o = {0}, failed = {0};
	struct steps steps = {0};
	struct fold fold = {0};
	int rc;

	sources_say_where(sources, &o.looked_at);
	rc = make_steps(sel, world, &steps, &fold, &o, err);
	if (!rc && steps.unknown.n)
		rc = named_err_unknown(&steps.unknown, sources, err);
	if (!rc)
		rc = make_changes(&steps, world, &o, err);
	if (!rc && steps.list.n && !o.changes.list.n && !o.missed.n &&
	    sel->paths.n + sel->only_paths.n)
		problems_add(&o.problems, PROBLEM_OTHER, SEV_NOTE, "",
			     "none of the packages that would change owns what %s names",
			     sel->paths.n ? "--path" : "--only-path");
	if (!rc)
		clear_up(sel, world, &o);
	else if (rc < 0)
		want_all(&steps, world->paths, &failed);
	steps_release(&steps);
	fold_release(&fold);
	if (rc) {
		outcome_release(&o);
		*ret = failed;
		return rc;
	}
	*ret = o;
	return 0;
}

int select_add(const struct select_world *world, struct steps *steps, struct outcome *o,
	       struct error *err)
{
	struct select_world all = *world;

	all.paths = NULL; /* what is needed is needed, whatever it owns */
	return make_changes(steps, &all, o, err);
}
