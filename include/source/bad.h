/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_BAD_H
#define PUTBACK_SOURCE_BAD_H
/*
 * What of a source turned out to be of no use: it could not be had, is damaged, or nobody vouches for it.
 * Who found that out notes it here, and whoever chooses goes by it: another copy is taken while there is one.
 */
#include "base/array.h"
#include "base/error.h"
#include "base/strmap.h"

struct bad {
	enum error_kind kind; /* what it comes to where nothing else is left */
	const char *location, *why;
};
struct bads {
	struct arena mem;
	struct strmap at; /* location -> index of list */
	ARRAY(struct bad) list;
};

/* The first reason stands. Whether it is news. */
bool bad_note(struct bads *b, const char *location, enum error_kind kind,
	      const char *why);
/* NULL: nothing is known against it. */
const struct bad *bad_find(const struct bads *b, const char *location);
void bad_release(struct bads *b);

#endif
