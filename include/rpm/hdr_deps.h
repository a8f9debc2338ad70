/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_HDR_DEPS_H
#define PUTBACK_RPM_HDR_DEPS_H
/*
 * What a package needs of others and gives to them, as its header has it. A header may come from
 * anybody: what does not fit together is passed over.
 */
#include "base/error.h"

#include <rpm/rpmtypes.h>

enum hdr_dep {
	DEP_PROVIDES,
	DEP_REQUIRES,
	DEP_CONFLICTS,
	DEP_OBSOLETES,
	DEP_RECOMMENDS,
	DEP_SUGGESTS,
	DEP_SUPPLEMENTS,
	DEP_ENHANCES
};
enum { DEP_LESS = 1 << 0, DEP_GREATER = 1 << 1, DEP_EQUAL = 1 << 2 };

/* name: of a package, a capability, "/a/path", or "(a rich if dependency)"; evr: NULL for any;
 * compare: DEP_LESS etc. All are good during the call only. */
typedef void (*hdr_dep_fn)(void *ctx, enum hdr_dep kind, const char *name,
			   const char *evr, unsigned compare);
/* Each dependency, by kind; rpmlib(...), which speaks of rpm and not of packages, is left out. */
void hdr_each_dep(Header h, hdr_dep_fn fn, void *ctx);

/* Each path of its files, ghosts too: "/usr/bin/" and "sh". */
typedef void (*hdr_path_fn)(void *ctx, const char *dir, const char *base);
void hdr_each_path(Header h, hdr_path_fn fn, void *ctx);

#endif
