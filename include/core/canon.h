/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_CANON_H
#define PUTBACK_CORE_CANON_H
/*
 * Packaged directory -> canonical one, in the tree as it is or as it will be. In the latter,
 * directories and links of packages that arrive stand before what is on the disk, and links of
 * packages that leave are gone.
 *
 * A link on the disk is followed only where rpm would: it is root's, or belongs to the owner of what
 * it leads to (lib/fsm.c: fsmOpenat()). Else a user could have packaged files put anywhere.
 */
#include "base/array.h"
#include "base/error.h"
#include "base/strmap.h"
#include "core/layout.h"

enum tree { TREE_NOW, TREE_AFTER };

/* A directory or link that a package brings. */
struct canon_entry {
	const char *path;	/* canonical, as far as known; NULL: not known yet */
	const char *dir, *base; /* as packaged */
	const char *link;	/* target; NULL: a directory */
};

struct canon {
	const struct tree_view *view;
	struct arena *mem; /* canonical strings live here */
	struct strmap seen;
	ARRAY(struct canon_node {
		enum ftype type;
		const char *target;
		uint32_t uid;
	}) nodes;	     /* what the view said */
	struct strmap spelt; /* path in lower case -> index in spellings */
	ARRAY(const char *) spellings;
	struct strmap memo[2];
	ARRAY(const char *) dirs; /* values of memo */
	struct strmap going; /* canonical paths of links that leave; 0: stays after all */
	ARRAY(struct canon_entry) entries;
	struct strmap arriving; /* canonical path -> entry */
};

/* dir: "/usr/lib/". *ret: "usr/lib", good as long as mem. ERR_FAILED: links without end;
 * ERR_REFUSED: a link that must not be followed. */
_must_check_ int canon_dir(struct canon *r, enum tree tree, const char *dir,
			   const char **ret, struct error *err);
/* dir + base, links followed in dir only */
_must_check_ int canon_file(struct canon *r, enum tree tree, const struct pkgfile *f,
			    const char **ret, struct error *err);
/* The one spelling of a canonical path where case does not count: that which was asked for first, of
 * each component. path itself where it does count. */
const char *canon_spell(struct canon *r, const char *path);
/* What the disk has at a canonical path (asked once). */
const struct canon_node *canon_look(struct canon *r, const char *path);
/* A link on the disk that an administrator put in place of a packaged directory: it leads to a
 * directory and belongs to root or to that directory's owner (lib/fsm.c: fsmVerify()). */
bool canon_is_kept_link(struct canon *r, const char *path);
/* Whether the link at path leaves with its package. */
bool canon_is_going(const struct canon *r, const char *path);
/* Settles the paths of the arriving entries, which may lie beneath one another's links. */
_must_check_ int canon_settle(struct canon *r, struct error *err);
void canon_release(struct canon *r);

#endif
