/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_PASSED_H
#define PUTBACK_SELECT_PASSED_H
/* Of a package that comes: what the sources have of its name, and why all but one were passed over. */
#include "core/change.h"
#include "source/sources.h"

struct passed_row {
	const struct candidate *candidate;
	const char *reason; /* NULL: it is the one taken */
};
struct passed {
	const struct change *change;
	ARRAY(struct passed_row) rows; /* the one taken, then by how near they came */
};
struct passed_list {
	struct arena mem;
	ARRAY(struct passed) list;
};

/*
 * For each change that a text means (as select/label.h reads it: of what comes, or of what goes).
 * ERR_USAGE: a text that means none. Rows are borrowed of the sources, changes of changes.
 */
_must_check_ int passed_find(const struct strlist *texts, const struct changes *changes,
			     const struct sources *sources, struct passed_list *ret,
			     struct error *err);
void passed_release(struct passed_list *p);

#endif
