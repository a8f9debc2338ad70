/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/hdr_deps.h"

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtd.h>

static const struct {
	rpmTagVal name, version, flags;
} tags[] = {
	[DEP_PROVIDES] = {RPMTAG_PROVIDENAME, RPMTAG_PROVIDEVERSION, RPMTAG_PROVIDEFLAGS},
	[DEP_REQUIRES] = {RPMTAG_REQUIRENAME, RPMTAG_REQUIREVERSION, RPMTAG_REQUIREFLAGS},
	[DEP_CONFLICTS] = {RPMTAG_CONFLICTNAME, RPMTAG_CONFLICTVERSION,
			   RPMTAG_CONFLICTFLAGS},
	[DEP_OBSOLETES] = {RPMTAG_OBSOLETENAME, RPMTAG_OBSOLETEVERSION,
			   RPMTAG_OBSOLETEFLAGS},
	[DEP_RECOMMENDS] = {RPMTAG_RECOMMENDNAME, RPMTAG_RECOMMENDVERSION,
			    RPMTAG_RECOMMENDFLAGS},
	[DEP_SUGGESTS] = {RPMTAG_SUGGESTNAME, RPMTAG_SUGGESTVERSION, RPMTAG_SUGGESTFLAGS},
	[DEP_SUPPLEMENTS] = {RPMTAG_SUPPLEMENTNAME, RPMTAG_SUPPLEMENTVERSION,
			     RPMTAG_SUPPLEMENTFLAGS},
	[DEP_ENHANCES] = {RPMTAG_ENHANCENAME, RPMTAG_ENHANCEVERSION, RPMTAG_ENHANCEFLAGS},
};

/* An array of strings; a header with one string may have it as such. */
static const char *text_at(const struct rpmtd_s *td, uint32_t i)
{
	if (td->type == RPM_STRING_ARRAY_TYPE)
		return i < td->count ? ((const char *const *)td->data)[i] : "";
	return td->type == RPM_STRING_TYPE && i == 0 ? td->data : "";
}

static uint32_t number_at(const struct rpmtd_s *td, uint32_t i)
{
	return td->type == RPM_INT32_TYPE && i < td->count ? ((uint32_t *)td->data)[i]
							   : 0;
}

static unsigned compare_of(uint32_t flags)
{
	return (flags & RPMSENSE_LESS ? DEP_LESS : 0u) |
	       (flags & RPMSENSE_GREATER ? DEP_GREATER : 0u) |
	       (flags & RPMSENSE_EQUAL ? DEP_EQUAL : 0u);
}

static void each_of_kind(Header h, enum hdr_dep kind, hdr_dep_fn fn, void *ctx)
{
	struct rpmtd_s names, versions = {0}, flags = {0};

	if (!headerGet(h, tags[kind].name, &names, HEADERGET_MINMEM))
		return;
	headerGet(h, tags[kind].version, &versions, HEADERGET_MINMEM);
	headerGet(h, tags[kind].flags, &flags, HEADERGET_MINMEM);
	for (uint32_t i = 0; i < names.count; i++) {
		const char *name = text_at(&names, i), *version = text_at(&versions, i);
		uint32_t f = number_at(&flags, i);

		/* what rpm must be able to do, and what may be missing, are no matter of other packages */
		if (!*name || (f & (RPMSENSE_RPMLIB | RPMSENSE_MISSINGOK)) ||
		    !strncmp(name, "rpmlib(", 7))
			continue;
		fn(ctx, kind, name, *version ? version : NULL, compare_of(f));
	}
	rpmtdFreeData(&names);
	rpmtdFreeData(&versions);
	rpmtdFreeData(&flags);
}

void hdr_each_dep(Header h, hdr_dep_fn fn, void *ctx)
{
	for (size_t kind = 0; kind < ELEMENTSOF(tags); kind++)
		each_of_kind(h, (enum hdr_dep)kind, fn, ctx);
}

void hdr_each_path(Header h, hdr_path_fn fn, void *ctx)
{
	struct rpmtd_s bases, dirs = {0}, at = {0};

	if (!headerGet(h, RPMTAG_BASENAMES, &bases, HEADERGET_MINMEM))
		return;
	headerGet(h, RPMTAG_DIRNAMES, &dirs, HEADERGET_MINMEM);
	headerGet(h, RPMTAG_DIRINDEXES, &at, HEADERGET_MINMEM);
	for (uint32_t i = 0; i < bases.count; i++) {
		const char *dir = i < at.count ? text_at(&dirs, number_at(&at, i)) : "";

		if (*dir == '/')
			fn(ctx, dir, text_at(&bases, i));
	}
	rpmtdFreeData(&bases);
	rpmtdFreeData(&dirs);
	rpmtdFreeData(&at);
}
