/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/select.h"

#include <string.h>

#include "select/choose.h"
#include "select/named.h"
#include "select/undo.h"

void outcome_release(struct outcome *o)
{
	changes_release(&o->changes);
	strlist_release(&o->missing);
	strlist_release(&o->looked_at);
	problems_release(&o->problems);
	free(o->title);
	memset(o, 0, sizeof(*o));
}

void selection_release(struct selection *s)
{
	free(s->undo);
	free(s->undo_to);
	free(s->back_to);
	strlist_release(&s->packages);
	memset(s, 0, sizeof(*s));
}

bool selection_is_undo(const struct selection *s)
{
	return s->undo || s->back_to || s->back_to_date;
}

static char *title_of(const struct selection *sel, const struct fold *fold)
{
	enum { NAMES_MAX = 8 };
	cleanup_buf struct buf b = {0};

	if (fold->n)
		return xasprintf("undo of %s", fold->label);
	if (sel->back_to)
		return xasprintf("back to entry %s", sel->back_to);
	for (uint32_t i = 0; i < sel->packages.n && i < NAMES_MAX; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", sel->packages.v[i]);
	if (sel->packages.n > NAMES_MAX)
		buf_printf(&b, " and %u more", sel->packages.n - NAMES_MAX);
	return buf_steal(&b);
}

static int undo(const struct selection *sel, const struct pkgset *installed,
		const struct history *history, const struct sources *sources,
		struct steps *steps, struct fold *fold, struct outcome *o,
		struct error *err)
{
	struct span span;

	if (span_find(sel, history, &span, err) < 0)
		return -1;
	fold_entries(history, &span, fold);
	if (fold->n)
		undo_steps(fold, installed, sources, steps, &o->problems);
	o->entries = fold->entries;
	o->n_entries = fold->n;
	return 0;
}

static int make_steps(const struct selection *sel, const struct pkgset *installed,
		      const struct history *history, const struct sources *sources,
		      struct steps *steps, struct fold *fold, struct outcome *o,
		      struct error *err)
{
	if (selection_is_undo(sel) && sel->packages.n)
		return err_set(
			err, ERR_USAGE,
			"either entries to undo or packages can be selected, not both");
	if (selection_is_undo(sel)) {
		if (undo(sel, installed, history, sources, steps, fold, o, err) < 0)
			return -1;
	} else if (named_steps(&sel->packages, installed, sources, steps, &o->problems,
			       err)) {
		return -1;
	}
	o->title = title_of(sel, fold);
	return 0;
}

static enum change_kind kind_of(const struct pkg *from, const struct pkg *to)
{
	int d;

	if (!from)
		return CHANGE_INSTALL;
	if (!to)
		return CHANGE_REMOVE;
	d = step_evr_cmp(&to->id, &from->id);
	return d < 0 ? CHANGE_DOWNGRADE : d > 0 ? CHANGE_UPGRADE : CHANGE_REINSTALL;
}

static int add_change(const struct step *step, const struct sources *sources,
		      struct outcome *o, struct error *err)
{
	struct change c = {.from = step->from, .source = -1};

	if (!step->from && !step->comes)
		return 0;
	if (step->comes) {
		const struct candidate *found =
			choose_candidate(sources, step, &o->problems);

		if (!found) {
			strlist_take(&o->missing, nevra_string(&step->to));
			return 0;
		}
		if (sources_load(sources, found, &c.to, err)) {
			/* no trouble with the disk: what is wrong is in the package */
			if (err && err->kind == ERR_FAILED && !err->sys)
				err->kind = ERR_UNTRUSTED;
			return err_prefix(err, "reading %s", found->pkg->nevra);
		}
		pkgset_take(&o->changes.arriving, c.to);
		c.source = (int)found->source;
		c.location = xstrdup(found->location);
	}
	c.kind = kind_of(c.from, c.to);
	c.reason = xstrdup(step->reason);
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

static int make_changes(struct steps *steps, const struct sources *sources,
			struct outcome *o, struct error *err)
{
	drop_repeated_arrivals(steps);
	for (uint32_t i = 0; i < steps->list.n; i++)
		if (add_change(&steps->list.v[i], sources, o, err))
			return -1;
	for (uint32_t i = 0; i < steps->missing.n; i++)
		strlist_add(&o->missing, steps->missing.v[i]);
	strlist_sort_unique(&o->missing);
	pkgset_sort(&o->changes.arriving);
	changes_sort(&o->changes);
	return 0;
}

int select_resolve(const struct selection *sel, const struct pkgset *installed,
		   const struct history *history, const struct sources *sources,
		   struct outcome *ret, struct error *err)
{
	struct outcome o = {0};
	struct steps steps = {0};
	struct fold fold = {0};
	int rc;

	for (uint32_t i = 0; i < sources->n; i++)
		for (uint32_t k = 0; k < sources->v[i]->looked_at.n; k++)
			strlist_add(&o.looked_at, sources->v[i]->looked_at.v[k]);
	rc = make_steps(sel, installed, history, sources, &steps, &fold, &o, err);
	if (!rc)
		rc = make_changes(&steps, sources, &o, err);
	steps_release(&steps);
	fold_release(&fold);
	if (rc) {
		outcome_release(&o);
		return -1;
	}
	*ret = o;
	return 0;
}
