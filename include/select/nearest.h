/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_NEAREST_H
#define PUTBACK_SELECT_NEAREST_H
/*
 * Of a package that no source has: every place looked at, and what comes nearest to it there. Of each place
 * that is the next older version, the next newer one, and that for another architecture.
 */
#include "select/step.h"
#include "source/sources.h"

struct nearest_row {
	const char *place, *source;
	const struct candidate *candidate; /* NULL: the place has nothing of that name */
	const char *reason;		   /* why it is not what is wanted */
};
struct nearest {
	const char *package; /* "bash-5.2-1.x86_64" */
	ARRAY(struct nearest_row) rows;
};
struct nearest_list {
	struct arena mem;
	ARRAY(struct nearest) list;
};

/* Of those missing that a text means (as select/label.h reads it). Candidates are borrowed of the sources. */
void nearest_find(const struct strlist *texts, const struct step_miss *missed, uint32_t n,
		  const struct sources *sources, struct nearest_list *ret);
void nearest_release(struct nearest_list *l);

#endif
