/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_WHOLE_H
#define PUTBACK_SOURCE_KOJI_WHOLE_H
/*
 * The packages of an archive that were found, of which a plan has the headers, and how the whole of them comes: it
 * goes on from the headers, or from where an earlier run was cut short. What came in pieces of several runs must fit
 * together, or comes once more from its beginning; and it must be what the plan was made with.
 */
#include "source/fetch.h"
#include "source/source.h"
#include "source/store.h"

enum { KOJI_AT_ONCE = 128 }; /* each has an open file */
#define KOJI_PACKAGE_MAX (64ULL << 30)

/* A package that was found; its location is its URL, but for a login. */
struct koji_found {
	char *url, *name;     /* name: in the store */
	struct strlist bases; /* the URL */
	uint64_t size, headers;
	struct digest sum; /* of the headers */
	bool whole;
	bool kept; /* the headers are of an earlier run */
	struct store *store;
};
struct koji_archive {
	ARRAY(struct koji_found) found;
	char *silent;	  /* which server does not answer */
	uint32_t unasked; /* packages that it was not asked for */
};

/* NULL: there is none of that location. Good until one more is found. */
struct koji_found *koji_find(const struct source *s, const char *location);

/* As struct source_ops has them. */
int koji_whole_fetch(struct source *s, const char *const *locations, uint32_t n,
		     enum source_part part, const struct observer *o, struct error *err);
int koji_whole_open(struct source *s, const char *location, struct error *err);
bool koji_whole_lacks(struct source *s, const char *location);
bool koji_whole_is_to_fetch(struct source *s, const char *location, uint64_t *ret_bytes);

#endif
