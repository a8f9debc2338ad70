/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_LOOK_H
#define PUTBACK_TXN_LOOK_H
/*
 * What stands at a name right now, and which object it is. All decisions of commit, recovery and
 * undo are taken by looking, and by nothing else.
 */
#include <sys/stat.h>

#include "core/fact.h"
#include "txn/area.h"

struct seen {
	bool there;
	bool foreign; /* on another file system than the area: something is mounted on it, or over its directory */
	struct identity id;
	struct statx st;
};

#define LOOK_MASK (STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID)

/* name in the directory dir: 0, or -1 with errno. Nothing there is no error. */
_must_check_ int look_name(const struct area *a, int dir, const char *name,
			   struct seen *ret);
/* A canonical path; a missing directory above it, or a link or file in its place, means nothing
 * is there. */
_must_check_ int look_path(struct root *r, const struct area *a, const char *path,
			   struct seen *ret);
bool look_is(const struct seen *s, const struct identity *id);
/* The same for an object whose attributes may have changed: where inode numbers do not last they
 * are part of its identity. */
bool look_is_still(const struct area *a, const struct seen *s, const struct identity *id);

void look_attr(const struct statx *st, struct attr *ret); /* all but capabilities */

#endif
