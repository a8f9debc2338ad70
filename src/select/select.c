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
	strlist_release(&s->packages);
	free(s->undo_name);
	memset(s, 0, sizeof(*s));
}

static int find_entry(const struct selection *sel, const struct history *history,
		      const struct history_entry **ret, struct error *err)
{
	if (sel->undo_last) {
		*ret = history_last(history);
		if (!*ret)
			return err_set(
				err, ERR_USAGE,
				"the history of this root has no entry that could be "
				"undone; name packages instead");
		return 0;
	}
	*ret = history_find(history, sel->undo_name);
	if (!*ret)
		return err_set(err, ERR_USAGE,
			       "the history of this root has no entry %s; see `putback "
			       "history`",
			       sel->undo_name);
	return 0;
}

static char *title_of(const struct selection *sel, const struct history_entry *entry)
{
	enum { NAMES_MAX = 8 };
	cleanup_buf struct buf b = {0};

	if (entry)
		return xasprintf("undo of entry %s", entry->name);
	for (uint32_t i = 0; i < sel->packages.n && i < NAMES_MAX; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", sel->packages.v[i]);
	if (sel->packages.n > NAMES_MAX)
		buf_printf(&b, " and %u more", sel->packages.n - NAMES_MAX);
	return buf_steal(&b);
}

static int make_steps(const struct selection *sel, const struct pkgset *installed,
		      const struct history *history, const struct sources *sources,
		      struct steps *steps, struct outcome *o, struct error *err)
{
	const struct history_entry *entry = NULL;

	if (sel->undo && sel->packages.n)
		return err_set(
			err, ERR_USAGE,
			"either an entry to undo or packages can be selected, not both");
	if (sel->undo) {
		if (find_entry(sel, history, &entry, err))
			return -1;
		undo_steps(entry, installed, sources, steps, &o->problems);
	} else if (named_steps(&sel->packages, installed, sources, steps, &o->problems,
			       err)) {
		return -1;
	}
	o->title = title_of(sel, entry);
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
	int rc;

	for (uint32_t i = 0; i < sources->n; i++)
		for (uint32_t k = 0; k < sources->v[i]->looked_at.n; k++)
			strlist_add(&o.looked_at, sources->v[i]->looked_at.v[k]);
	rc = make_steps(sel, installed, history, sources, &steps, &o, err);
	if (!rc)
		rc = make_changes(&steps, sources, &o, err);
	steps_release(&steps);
	if (rc) {
		outcome_release(&o);
		return -1;
	}
	*ret = o;
	return 0;
}
