/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CANDIDATES_H
#define PUTBACK_SOURCE_CANDIDATES_H
/* Candidates by the number of their solvable. They are made when asked for: a repository has tens of
 * thousands of packages, of which a plan wants a few. */
#include "source/source.h"

struct candidates {
	ARRAY(struct candidate *) made; /* by solvable; NULL: not yet */
};

struct candidates *candidates_new(void);
void candidates_free(struct candidates *c);
/* NULL: not made yet */
const struct candidate *candidates_get(const struct candidates *c, int solvable);
const struct candidate *candidates_add(struct candidates *c, int solvable,
				       struct pkg *take, uint32_t source,
				       const char *location);

#endif
