/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CACHE_PLACES_H
#define PUTBACK_SOURCE_CACHE_PLACES_H
/* Where in a root packages may lie, whether there is something or not: see source/cache.h. */
#include "base/root.h"

enum cache_keeps { KEEPS_UNKNOWN, KEEPS_NOT, KEEPS };

struct cache_place {
	char *path; /* canonical */
	const char *manager;
	bool anywhere; /* packages may lie in any folder of it; else in those named "packages" */
	enum cache_keeps
		keeps; /* whether its manager leaves packages there once they are installed */
};
struct cache_places {
	struct cache_place *v;
	uint32_t n, cap;
};

/* Those that managers have by default, and those that the root's configuration names. */
void cache_places_find(struct root *r, struct cache_places *ret);
void cache_places_release(struct cache_places *p);

#endif
