/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_PAGES_H
#define PUTBACK_SOURCE_KOJI_PAGES_H
/* The folders of an archive, as its server lists them: each is asked for once, many at the same time. */
#include "base/strmap.h"
#include "source/source.h"

struct koji_page {
	struct strlist urls; /* where it may be */
	char *url;	     /* where it was; NULL: nowhere */
	struct strlist names;
	bool asked, unasked; /* unasked: its server had been given up */
};

struct koji_pages {
	ARRAY(struct koji_page *) list;
	struct strmap at; /* by the first URL */
};
void koji_pages_release(struct koji_pages *l);

/* The folder at the first of the URLs, new where it is not known; takes them. Good as long as l. */
struct koji_page *koji_pages_at(struct koji_pages *l, struct strlist *urls);
/* Asks for those that were not asked for. What is not to be had is told as a remark of the source. -1: the run is at its
 * end. */
_must_check_ int koji_pages_get(struct source *s, struct koji_pages *l,
				struct error *err);

#endif
