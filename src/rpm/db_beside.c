/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fnmatch.h>
#include <string.h>

#include "rpm/db.h"

struct search {
	struct pkgset *installed;
	const struct strlist *names;
};

static bool is_named(const struct strlist *names, const char *name)
{
	for (uint32_t i = 0; i < names->n; i++)
		if (fnmatch(names->v[i], name, 0) == 0)
			return true;
	return false;
}

static void mark(struct pkgset *installed, uint32_t instance)
{
	for (uint32_t i = 0; i < installed->n; i++)
		if (installed->v[i]->instance == instance)
			installed->v[i]->beside = true;
}

static int take_record(void *ctx, uint32_t instance, struct head *h,
		       const char *why _unused_, struct error *err _unused_)
{
	const struct search *s = ctx;
	const struct head_dep *d;

	if (!h)
		return 0;
	array_foreach(d, &h->deps)
		if (d->kind == DEP_PROVIDES && strlist_has(s->names, d->name))
			mark(s->installed, instance);
	return 0;
}

/* Whether a name may be one of what packages provide: it is no package's. To read what all packages
 * provide takes its time. */
static bool may_be_provided(const struct pkgset *installed, const char *name)
{
	/* these are looked for in every header anyhow: rpm/hdr.c */
	if (!strncmp(name, "installonlypkg(", 15) ||
	    !strncmp(name, "multiversion(", 13) || strpbrk(name, "*?["))
		return false;
	for (uint32_t i = 0; i < installed->n; i++)
		if (!strcmp(installed->v[i]->id.name, name))
			return false;
	return true;
}

int db_beside(const struct db *db, const struct strlist *names, struct pkgset *installed,
	      struct error *err)
{
	struct search s = {installed, names};
	bool asks = false;

	for (uint32_t i = 0; i < installed->n; i++)
		installed->v[i]->beside |= is_named(names, installed->v[i]->id.name);
	for (uint32_t i = 0; i < names->n; i++)
		asks |= may_be_provided(installed, names->v[i]);
	return asks ? db_heads(db, HEAD_DEPS, take_record, &s, err) : 0;
}
