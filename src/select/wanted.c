/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/wanted.h"

#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "select/choose.h"

struct wanting {
	const struct wanted *w;
	const struct pkgset *installed;
	const struct sources *sources;
	struct steps *steps;
	struct problems *problems;
	const char *reason;
	bool *named; /* of each installed package: the list has one of its name and arch */
};

void wanted_release(struct wanted *w)
{
	array_release(&w->list);
	arena_release(&w->mem);
	memset(w, 0, sizeof(*w));
}

void wanted_of_installed(const struct pkgset *there, const char *name, struct wanted *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->name = arena_strdup(&ret->mem, name);
	for (uint32_t i = 0; i < there->n; i++) {
		const struct nevra *id = &there->v[i]->id;

		if (pkg_is_pseudo(there->v[i]))
			continue;
		array_add(&ret->list,
			  (struct label){.name = arena_strdup(&ret->mem, id->name),
					 .version = arena_strdup(&ret->mem, id->version),
					 .release = arena_strdup(&ret->mem, id->release),
					 .arch = arena_strdup(&ret->mem, id->arch),
					 .epoch = MAX(id->epoch, 0)});
	}
}

static struct nevra id_of(const struct label *l)
{
	return (struct nevra){l->name, l->version, l->release, l->arch ? l->arch : "",
			      l->epoch};
}

static bool is_same_package(const struct label *l, const char *arch)
{
	return !l->arch || !strcmp(l->arch, arch) || !strcmp(l->arch, "noarch") ||
	       !strcmp(arch, "noarch");
}

static void miss(struct wanting *w, const struct label *l, const char *arch)
{
	struct nevra id = id_of(l);
	cleanup_free char *text = NULL;

	if (!*id.arch && arch)
		id.arch = arch;
	text = nevra_string(&id);
	steps_miss(w->steps, &id, text);
}

/* Whether the list has that very version. */
static bool is_listed(const struct wanting *w, const struct nevra *id)
{
	for (uint32_t i = 0; i < w->w->list.n; i++)
		if (label_matches(&w->w->list.v[i], id))
			return true;
	return false;
}

/* Of several versions that an update which was cut off has left, only is is on the list: it stands. */
static void settle(struct wanting *w, struct pkg *const *now, uint32_t n,
		   const struct pkg *is)
{
	bool others = false;

	for (uint32_t i = 0; i < n; i++)
		others |= !is_listed(w, &now[i]->id);
	if (!others)
		return;
	problems_add(w->problems, PROBLEM_OTHER, SEV_NOTE, is->nevra,
		     "%s: several versions are installed, an update was cut off; %s is "
		     "put back",
		     is->id.name, step_evr(&w->steps->mem, &is->id));
	steps_replace(w->steps, now, n, &is->id, w->reason);
}

/* now: those installed of one arch, n of them; 0: none */
static void want_in_place(struct wanting *w, const struct label *l,
			  struct pkg *const *now, uint32_t n)
{
	const char *arch = n ? now[0]->id.arch : l->arch;
	uint32_t first = w->steps->list.n;
	const struct candidate *c;

	for (uint32_t i = 0; i < n; i++)
		if (label_matches(l, &now[i]->id)) {
			settle(w, now, n, now[i]);
			return;
		}
	c = choose_newest(w->sources, l, arch, w->installed);
	if (!c)
		miss(w, l, arch);
	else if (n)
		steps_replace(w->steps, now, n, &c->pkg->id, w->reason);
	else
		steps_add(w->steps, NULL, &c->pkg->id, w->reason);
	if (!l->release)
		steps_set_open(w->steps, first);
}

static void want_beside(struct wanting *w, const struct label *l, struct pkg *const *now,
			uint32_t n)
{
	const struct candidate *c;

	for (uint32_t i = 0; i < n; i++)
		if (label_matches(l, &now[i]->id))
			return;
	c = choose_newest(w->sources, l, l->arch, w->installed);
	if (c)
		steps_add(w->steps, NULL, &c->pkg->id, w->reason)->open = !l->release;
	else
		miss(w, l, NULL);
}

static void want(struct wanting *w, const struct label *l)
{
	struct pkg *const *now;
	uint32_t n = step_installed(w->installed, l->name, NULL, &now);
	bool placed = false;

	for (uint32_t i = 0; i < n; i++)
		if (is_same_package(l, now[i]->id.arch))
			w->named[now + i - w->installed->v] = true;
	if (step_stands_beside(w->installed, l->name)) {
		want_beside(w, l, now, n);
		return;
	}
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !strcmp(now[end]->id.arch, now[i]->id.arch);
		     end++)
			;
		/* what became noarch stands for one that was not, but not for a sibling */
		if (!is_same_package(l, now[i]->id.arch) || placed)
			continue;
		want_in_place(w, l, now + i, end - i);
		placed = l->arch != NULL;
	}
	if (!n || (l->arch && !placed))
		want_in_place(w, l, NULL, 0);
}

static int by_identity(const void *pa, const void *pb)
{
	const struct label *a = pa, *b = pb;
	struct nevra ia = id_of(a), ib = id_of(b);
	int d = strcmp(ia.name, ib.name);

	if (!d)
		d = strcmp(ia.arch, ib.arch);
	return d ? d : evr_cmp(&ia, &ib);
}

/* Whether the next one on a sorted list is the same package in a newer version, or again. */
static bool is_superseded(const struct wanting *w, const struct label *l,
			  const struct label *next)
{
	struct nevra a = id_of(l), b = id_of(next);

	return !strcmp(a.name, b.name) && !strcmp(a.arch, b.arch) &&
	       (!step_stands_beside(w->installed, a.name) || evr_cmp(&a, &b) == 0);
}

static void take_others(struct wanting *w, bool exact, struct problems *problems)
{
	uint32_t others = 0;

	for (uint32_t i = 0; i < w->installed->n; i++) {
		struct pkg *p = w->installed->v[i];

		if (w->named[i] || pkg_is_pseudo(p) ||
		    step_stands_beside(w->installed, p->id.name))
			continue;
		others++;
		if (exact)
			steps_add(w->steps, p, NULL, w->reason);
	}
	if (others && !exact)
		problems_add(
			problems, PROBLEM_OTHER, SEV_NOTE, w->w->name,
			"%u installed %s not in %s and stay%s; --exact takes them away",
			others, others == 1 ? "package is" : "packages are", w->w->name,
			others == 1 ? "s" : "");
}

void wanted_steps(const struct wanted *wanted, bool exact, const struct pkgset *installed,
		  const struct sources *sources, struct steps *steps,
		  struct problems *problems)
{
	struct wanting w = {.w = wanted,
			    .installed = installed,
			    .sources = sources,
			    .steps = steps,
			    .problems = problems,
			    .named = xcalloc(installed->n + 1, sizeof(*w.named))};
	ARRAY(struct label) sorted = {0};

	w.reason = arena_printf(&steps->mem, "as in %s", wanted->name);
	for (uint32_t i = 0; i < wanted->list.n; i++)
		if (strcmp(wanted->list.v[i].name, "gpg-pubkey") != 0)
			array_add(&sorted, wanted->list.v[i]);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_identity);
	for (uint32_t i = 0; i < sorted.n; i++)
		if (i + 1 == sorted.n ||
		    !is_superseded(&w, &sorted.v[i], &sorted.v[i + 1]))
			want(&w, &sorted.v[i]);
	take_others(&w, exact, problems);
	steps_pair(steps);
	array_release(&sorted);
	free(w.named);
}
