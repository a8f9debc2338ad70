/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rpm was given, as the user says it: cutoff_ask(). */
#include "config.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/choose.h"
#include "select/cutoff.h"

struct asking {
	struct cutoff *c;
	const struct sources *sources;
	const struct pkgset *installed;
	ARRAY(const struct candidate *) given; /* by name and arch, the newest of each */
	const struct pkg *by;		       /* whose obsoletes are gone through */
	uint32_t others; /* that came in another version than is given */
};

/* Of one name and arch rpm takes the newest (lib/depends.c: findPos()). */
static void gather(struct asking *a, const struct strlist *specs)
{
	const struct catalog *catalog = a->sources->catalog;

	for (uint32_t i = 0; i < catalog->sorted.n; i++) {
		const struct candidate *c =
			sources_candidate(a->sources, catalog->sorted.v[i]);
		const struct candidate **last =
			a->given.n ? &a->given.v[a->given.n - 1] : NULL;

		if (!c || !strlist_has(specs, a->sources->v[c->source]->spec))
			continue;
		if (!last || strcmp((*last)->pkg->id.name, c->pkg->id.name) != 0 ||
		    strcmp((*last)->pkg->id.arch, c->pkg->id.arch) != 0)
			array_add(&a->given, c);
		else if (evr_cmp(&c->pkg->id, &(*last)->pkg->id) > 0)
			*last = c;
	}
}

static bool obsoletes(const struct pkg *by, const struct nevra *id, const char *name,
		      const char *evr, unsigned how)
{
	return !strcmp(id->name, name) && strcmp(by->id.name, name) != 0 &&
	       evr_is_within(evr, how, id);
}

/* rpm leaves out of what it is given what another of them obsoletes. */
static void drop_given(void *ctx, enum hdr_dep kind _unused_, const char *name,
		       const char *evr, unsigned how)
{
	struct asking *a = ctx;

	for (uint32_t i = 0; i < a->given.n; i++)
		if (a->given.v[i] &&
		    obsoletes(a->by, &a->given.v[i]->pkg->id, name, evr, how))
			a->given.v[i] = NULL;
}

static void take_obsoleted(void *ctx, enum hdr_dep kind _unused_, const char *name,
			   const char *evr, unsigned how)
{
	struct asking *a = ctx;

	for (uint32_t i = 0; i < a->installed->n; i++) {
		const struct pkg *p = a->installed->v[i];

		if (obsoletes(a->by, &p->id, name, evr, how) &&
		    p->installtid != a->c->tid && !cutoff_has_twice(a->c, p))
			array_add(&a->c->obsoleted, p);
	}
}

static void each_obsoleted(struct asking *a, hdr_dep_fn fn)
{
	for (uint32_t i = 0; i < a->given.n; i++) {
		if (!a->given.v[i])
			continue;
		a->by = a->given.v[i]->pkg;
		catalog_each_obsoleted(a->sources->catalog, a->given.v[i]->solvable, fn,
				       a);
	}
}

/* Whether it has come already, in this version or, should it be another update's list, in another. */
static bool has_come(struct asking *a, const struct pkg *p)
{
	struct pkg *const *now;
	uint32_t n = step_installed(a->installed, p->id.name, NULL, &now);

	for (uint32_t i = 0; i < n; i++) {
		bool same = nevra_is_same(&now[i]->id, &p->id);

		if (same && (now[i]->installtid == a->c->tid || !p->hdrdigest.algo ||
			     digest_is_same(&now[i]->hdrdigest, &p->hdrdigest)))
			return true;
		if (a->c->tid && now[i]->installtid == a->c->tid &&
		    cutoff_is_same(&now[i]->id, &p->id)) {
			a->others++;
			return true;
		}
	}
	return false;
}

int cutoff_ask(struct cutoff *c, const struct sources *sources,
	       const struct strlist *specs, const struct pkgset *installed,
	       struct problems *problems, struct error *err)
{
	struct asking a = {.c = c, .sources = sources, .installed = installed};
	int rc = 0;

	gather(&a, specs);
	if (c->listed)
		rc = err_set(err, ERR_USAGE,
			     "--update-from is for what rpm alone was given: what %s was "
			     "made of, the history says itself",
			     cutoff_label(c));
	else if (!a.given.n)
		rc = err_set(err, ERR_UNAVAILABLE,
			     "--update-from '%s': there is no package there",
			     specs->v[0]);
	if (rc < 0) {
		array_release(&a.given);
		return -1;
	}
	each_obsoleted(&a, drop_given);
	each_obsoleted(&a, take_obsoleted);
	for (uint32_t i = 0; i < a.given.n; i++)
		if (a.given.v[i] && !has_come(&a, a.given.v[i]->pkg))
			array_add(&c->asked, a.given.v[i]->pkg);
	c->is_asked = true;
	if (a.others)
		problems_add(problems, PROBLEM_HISTORY, SEV_WARNING, "",
			     "%u of the packages of '%s' came with the update in another "
			     "version: is that what it was made of? What came stands",
			     a.others, specs->v[0]);
	array_release(&a.given);
	return 0;
}
