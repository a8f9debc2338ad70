/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_EVR_H
#define PUTBACK_RPM_EVR_H
/* Which of two versions is the newer one. */
#include "core/pkg.h"

/* rpm's comparison of epoch, version, release: rpmvercmp() on each; no epoch counts as 0. */
int evr_cmp(const struct nevra *a, const struct nevra *b);
/* Whether a version is within what a dependency says: evr, NULL for any, and DEP_LESS etc. of rpm/hdr_deps.h. */
bool evr_is_within(const char *evr, unsigned how, const struct nevra *n);

#endif
