/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/adjust.h"

#include <string.h>

#include "select/named.h"
#include "select/pattern.h"

static const char *name_of(const struct step *s)
{
	return s->from ? s->from->id.name : s->to.name;
}

static const char *arch_of(const struct step *s)
{
	return s->from ? s->from->id.arch : s->to.arch;
}

/* Whether two steps are about the same package. */
static bool is_same_matter(const struct pkgset *installed, const struct step *a,
			   const struct step *b)
{
	if (a->from && b->from)
		return a->from == b->from;
	return !step_stands_beside(installed, name_of(a)) &&
	       !strcmp(name_of(a), name_of(b)) && !strcmp(arch_of(a), arch_of(b));
}

static bool is_overruled(const struct pkgset *installed, const struct step *s,
			 const struct steps *by)
{
	for (uint32_t i = 0; i < by->list.n; i++)
		if (is_same_matter(installed, s, &by->list.v[i]))
			return true;
	return false;
}

int adjust_with(const struct strlist *packages, const struct pkgset *installed,
		const struct sources *sources, struct steps *steps,
		struct problems *problems, struct error *err)
{
	struct steps with = {0};
	uint32_t kept = 0;

	if (!packages->n)
		return 0;
	if (named_steps(packages, installed, sources, &with, problems, err) < 0) {
		steps_release(&with);
		return -1;
	}
	for (uint32_t i = 0; i < steps->list.n; i++)
		if (!is_overruled(installed, &steps->list.v[i], &with))
			steps->list.v[kept++] = steps->list.v[i];
	steps->list.n = kept;
	for (uint32_t i = 0; i < with.list.n; i++)
		array_add(&steps->list, with.list.v[i]);
	for (uint32_t i = 0; i < with.missing.n; i++)
		array_add(&steps->missing, with.missing.v[i]);
	for (uint32_t i = 0; i < with.unknown.n; i++)
		strlist_add(&steps->unknown, with.unknown.v[i]);
	arena_take(&steps->mem, &with.mem);
	steps_release(&with);
	return 0;
}

static void drop_missing(struct steps *steps, const struct nevra *id)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < steps->missing.n; i++) {
		const struct step_miss *m = &steps->missing.v[i];

		if (strcmp(m->id.name, id->name) != 0 ||
		    strcmp(m->id.arch, id->arch) != 0)
			steps->missing.v[kept++] = *m;
	}
	steps->missing.n = kept;
}

/* One installed package goes, whatever was to become of it. */
static void take_away(struct pkg *p, struct steps *steps)
{
	for (uint32_t i = 0; i < steps->list.n; i++) {
		struct step *s = &steps->list.v[i];

		if (s->from != p)
			continue;
		s->comes = false;
		s->reason = "--without";
		drop_missing(steps, &p->id);
		return;
	}
	steps_add(steps, p, NULL, "--without");
	drop_missing(steps, &p->id);
}

int adjust_without(const struct strlist *patterns, const struct pkgset *installed,
		   struct steps *steps, struct error *err)
{
	for (uint32_t k = 0; k < patterns->n; k++) {
		bool found = false;

		for (uint32_t i = 0; i < installed->n; i++) {
			struct pkg *p = installed->v[i];

			if (pkg_is_pseudo(p) || !pattern_matches(patterns->v[k], &p->id))
				continue;
			take_away(p, steps);
			found = true;
		}
		if (!found)
			return err_set(err, ERR_USAGE,
				       "--without '%s': no installed package is called that",
				       patterns->v[k]);
	}
	return 0;
}

static bool is_excluded(const struct step *s, const char *pattern)
{
	return (s->from && pattern_matches(pattern, &s->from->id)) ||
	       (s->comes && pattern_matches(pattern, &s->to));
}

static uint32_t exclude_steps(struct steps *steps, const char *pattern)
{
	uint32_t kept = 0, n = steps->list.n;

	for (uint32_t i = 0; i < n; i++)
		if (!is_excluded(&steps->list.v[i], pattern))
			steps->list.v[kept++] = steps->list.v[i];
	steps->list.n = kept;
	return n - kept;
}

static uint32_t exclude_missing(struct steps *steps, const char *pattern)
{
	uint32_t kept = 0, n = steps->missing.n;

	for (uint32_t i = 0; i < n; i++) {
		const struct step_miss *m = &steps->missing.v[i];
		const struct nevra *id = &m->id;

		/* of what no older version was found there is no version to go by */
		if (*id->version ? !pattern_matches(pattern, id)
				 : !pattern_matches_name(pattern, id))
			steps->missing.v[kept++] = *m;
	}
	steps->missing.n = kept;
	return n - kept;
}

static bool is_installed(const struct pkgset *installed, const char *pattern)
{
	for (uint32_t i = 0; i < installed->n; i++)
		if (pattern_matches(pattern, &installed->v[i]->id))
			return true;
	return false;
}

void adjust_exclude(const struct strlist *patterns, const struct pkgset *installed,
		    struct steps *steps, struct problems *problems)
{
	bool selected = steps->list.n + steps->missing.n > 0;

	for (uint32_t k = 0; k < patterns->n; k++) {
		const char *pattern = patterns->v[k];

		/* one that is installed does not change for the sake of others, either */
		if (exclude_steps(steps, pattern) + exclude_missing(steps, pattern) ||
		    is_installed(installed, pattern))
			continue;
		problems_add(problems, PROBLEM_OTHER, SEV_WARNING, pattern,
			     "--exclude %s: no package that would change or is installed "
			     "is called that",
			     pattern);
	}
	if (selected && !(steps->list.n + steps->missing.n))
		problems_add(problems, PROBLEM_OTHER, SEV_NOTE, "",
			     "--exclude leaves nothing of what was selected");
}
