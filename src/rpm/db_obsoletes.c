/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <rpm/rpmver.h>
#include <string.h>

#include "rpm/db.h"
#include "rpm/hdr.h"
#include "rpm/hdr_deps.h"
#include "rpm/librpm.h"

struct search {
	const struct pkg *by;
	const struct pkgset *installed;
	void (*fn)(void *ctx, struct pkg *p);
	void *ctx;
};

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

static void take_dep(void *ctx, enum hdr_dep kind, const char *name, const char *evr,
		     unsigned how)
{
	const struct search *s = ctx;

	for (uint32_t i = 0; kind == DEP_OBSOLETES && i < s->installed->n; i++) {
		struct pkg *p = s->installed->v[i];

		/* not the package's own older versions: they are updated, not obsoleted */
		if (!strcmp(p->id.name, name) && strcmp(name, s->by->id.name) != 0 &&
		    is_within(evr, how, &p->id))
			s->fn(s->ctx, p);
	}
}

static int take_record(void *ctx, uint32_t instance, const void *blob, size_t n,
		       struct error *err)
{
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);

	if (!h)
		return -1;
	hdr_each_dep(h, take_dep, ctx);
	return 0;
}

int db_obsoletes(const struct db *db, const struct pkg *by,
		 const struct pkgset *installed, void (*fn)(void *ctx, struct pkg *p),
		 void *ctx, struct error *err)
{
	struct search s = {by, installed, fn, ctx};

	return db_one(db, by->instance, take_record, &s, err);
}
