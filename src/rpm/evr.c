/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/evr.h"

#include <rpm/rpmver.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "rpm/hdr_deps.h"

int evr_cmp(const struct nevra *a, const struct nevra *b)
{
	int64_t ea = MAX(a->epoch, 0), eb = MAX(b->epoch, 0);
	int d;

	if (ea != eb)
		return ea < eb ? -1 : 1;
	d = rpmvercmp(a->version, b->version);
	return d ? d : rpmvercmp(a->release, b->release);
}

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

bool evr_is_within(const char *evr, unsigned how, const struct nevra *n)
{
	int d;

	if (!evr || !how)
		return true;
	d = compare(evr, n);
	return d < 0 ? how & DEP_LESS : d > 0 ? how & DEP_GREATER : how & DEP_EQUAL;
}
