/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_KOJI_KEPT_H
#define PUTBACK_SOURCE_KOJI_KEPT_H
/*
 * What earlier runs left of packages whose digests no list tells: it is judged by what the packages say of
 * themselves before it is of use. Who signed them is for others to judge.
 */
#include "rpm/frame.h"
#include "source/store.h"

enum { KOJI_HEADERS_MAX = 64 << 20 }; /* bytes before the payload */

/* A whole package: a descriptor of it, or -1. may_drop: one that is damaged goes, and stands in nobody's way. */
int koji_kept_package(struct store *store, const char *name, bool may_drop,
		      const char *what);
/* The headers alone, of a package that is signed there, whole or begun: a descriptor of what stands before the
 * payload (*ret says where things stand), or -1. */
int koji_kept_headers(struct store *store, const char *name, const char *what,
		      struct frame *ret);
/* Whether what was downloaded in several pieces is one sound package. */
bool koji_kept_fits(struct store *store, const char *name, const char *what);

/* Makes n bytes of from the beginning of to. What to holds already stays if it begins so. -1 with errno. */
_must_check_ int koji_kept_begin(int from, uint64_t n, int to);

#endif
