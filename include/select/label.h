/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_LABEL_H
#define PUTBACK_SELECT_LABEL_H
/*
 * What a user may write for a package, and all that it may mean, in rpm's order (rpm's
 * lib/rpmdb.c:dbiFindByLabel): NAME, NAME-[E:]VERSION, NAME-[E:]VERSION-RELEASE, then each of these
 * with .ARCH cut off; where it begins with an epoch, E:NAME-VERSION-RELEASE, as yum and dnf take it.
 * Patterns are expanded before (select/pattern.h).
 */
#include "base/array.h"
#include "core/pkg.h"

struct label {
	const char *name;
	const char *version, *release, *arch; /* NULL: any */
	int64_t epoch;			      /* EPOCH_NONE: any */
};
struct labels {
	struct arena mem;
	ARRAY(struct label) list; /* never empty for a text that is not */
};
void labels_parse(const char *text, struct labels *ret);
void labels_release(struct labels *l);

/* Whether a package is meant; an epoch of 0 is also that of a package without one. */
bool label_matches(const struct label *l, const struct nevra *n);

#endif
