/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_LISTED_H
#define PUTBACK_SOURCE_KOJI_LISTED_H
/*
 * Which versions of a package an archive has, by the pages with which its server lists folders, as those of build systems
 * do. A server that lists nothing has none.
 */
#include "source/koji.h"

enum { KOJI_TRIES = 8 };

/* Exact names by which one is to be looked for, the best first. */
struct koji_choices {
	struct arena mem;
	ARRAY(struct koji_wanted)
	list;		 /* KOJI_TRIES at most; strings also of what was wanted */
	uint32_t looked; /* into so many folders of versions, 0 before the first time */
	bool more;	 /* there are others */
};
void koji_choices_release(struct koji_choices *c);

/*
 * ret[i] for v[i], which is not KOJI_THAT; should none of them be there after all, the next ones. What was built for the release of the distribution that the installed one was
 * built for comes before that for earlier ones, and newer before older; there is none for a later release or another
 * distribution. -1: the run is at its end, and ret is as good as empty.
 */
_must_check_ int koji_list(struct source *s, const struct koji_wanted *v, uint32_t n,
			   struct koji_choices *ret, struct error *err);

#endif
