/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <rpm/rpmver.h>
#include <string.h>

#include "rpm/db.h"

/*
 * "1:2.0-3" against a package's version, as rpm compares them (rpmverCmp()): without an epoch it is 0, and
 * without a release any will do.
 */
static int compare(const char *evr, const struct nevra *n)
{
	size_t digits = strspn(evr, "0123456789");
	int64_t epoch = evr[digits] == ':' ? strtoll(evr, NULL, 10) : 0,
		has = MAX(n->epoch, 0);
	const char *version = evr[digits] == ':' ? evr + digits + 1 : evr;
	const char *dash = strrchr(version, '-');
	cleanup_free char *v =
		xstrndup(version, dash ? (size_t)(dash - version) : strlen(version));
	int d;

	if (epoch != has)
		return has < epoch ? -1 : 1;
	d = rpmvercmp(n->version, v);
	return d || !dash ? d : rpmvercmp(n->release, dash + 1);
}

static bool is_within(const char *evr, unsigned how, const struct nevra *n)
{
	int d;

	if (!evr || !how)
		return true;
	d = compare(evr, n);
	return d < 0 ? how & DEP_LESS : d > 0 ? how & DEP_GREATER : how & DEP_EQUAL;
}

int db_obsoletes(const struct db *db, const struct pkg *by,
		 const struct pkgset *installed, void (*fn)(void *ctx, struct pkg *p),
		 void *ctx, struct error *err)
{
	cleanup_head struct head h = {0};
	const struct head_dep *d;

	if (db_head(db, by->instance, HEAD_DEPS, -1, by->nevra, &h, err) < 0)
		return -1;
	array_foreach(d, &h.deps)
		for (uint32_t i = 0; d->kind == DEP_OBSOLETES && i < installed->n; i++) {
			struct pkg *p = installed->v[i];

			/* not the package's own older versions: they are updated, not obsoleted */
			if (!strcmp(p->id.name, d->name) &&
			    strcmp(d->name, by->id.name) != 0 &&
			    is_within(d->evr, d->compare, &p->id))
				fn(ctx, p);
		}
	return 0;
}
