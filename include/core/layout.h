/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_LAYOUT_H
#define PUTBACK_CORE_LAYOUT_H
/*
 * The layout: which packages lay claim to which path. Packaged paths that are one through a
 * symlinked directory (usrmerge) share a slot. Paths of packages that leave are resolved in the
 * tree as it is; paths of those that arrive, in the tree as it will be (a directory that the bad
 * version had turned into a link is a directory again there).
 *
 * Besides claimed paths there are slots without a claim: parent directories of what arrives and of
 * what leaves, path.rpmnew of configuration files, and files that were left half-written.
 *
 * A packaged path of what leaves or stays that cannot be resolved (links without end, a link of a
 * user's that leads elsewhere) has no claim: nothing of the package is there. One of what arrives is
 * an error.
 *
 * Calling sequence: layout_build() asks the tree for the type of directories and links only;
 * then whoever owns the disk fills slot.fact for each slot (disk/facts); then plan_build().
 *
 * Source of the rule: rpm's fingerprints, lib/fprint.c:fpLookup(), and lib/fsm.c:fsmVerify() for
 * the directory link that stands in place of a packaged directory.
 */
#include "base/error.h"
#include "core/change.h"
#include "core/fact.h"

/* How the layout looks at the tree: type of a canonical path and, for a link, its target (which
 * the callee owns and keeps until the next call). FT_NONE for what is not there. */
struct tree_view {
	void *ctx;
	enum ftype (*type)(void *ctx, const char *path, const char **ret_target,
			   uint32_t *ret_uid);
	/* on which of them names that differ in case only are one: packaged paths that do share a
	 * slot, under the spelling that comes first; NULL: nowhere */
	const struct mounts *mounts;
};

enum side {
	SIDE_LEAVING,  /* file of an installed package that goes: change.from */
	SIDE_ARRIVING, /* file of a package that comes: change.to */
	SIDE_STAYING   /* file of an installed package that does not change */
};

struct claim {
	enum side side;
	uint32_t
		owner; /* leaving, arriving: index of the change; staying: index in that set */
	uint32_t file; /* index in the package's files */
	uint32_t slot;
	uint32_t order; /* of packages, for ties */
};

enum aside { ASIDE_RPMSAVE, ASIDE_RPMNEW, ASIDE_RPMORIG, ASIDE_N };
const char *aside_suffix(enum aside a); /* ".rpmsave", ".rpmnew", ".rpmorig" */

struct slot {
	const char *path;  /* canonical */
	uint32_t first, n; /* its claims: layout.claims[first .. first+n) */
	uint8_t algos[2];  /* digests that the planner will want; 0: none */
	bool want_list;	   /* entries of this directory are wanted (it may go away) */
	bool want_aside;   /* aside[] is wanted (a configuration file) */
	bool link_kept; /* an administrator's link to a directory stands for a packaged one */
	bool litter;	/* of changes.litter, and no package's */
	bool leftover; /* without a claim, and only files that leave are known to lie beneath */
	uint64_t want_size; /* digests are wanted only of a file of this size; UINT64_MAX: of
			     * any that is no larger than want_most */
	uint64_t want_most;
	struct fact fact;	/* filled by disk/facts */
	struct strlist entries; /* names in it, where want_list and it is a directory */
	/* for each aside suffix the smallest k for which path + suffix + (k ? ".k" : "") is not
	 * on the disk: 0 means that the plain name is free */
	uint8_t aside[ASIDE_N];
};

/* A file of a package that stays, which a link that changes puts out of its sight: it lies where
 * its packaged path leads to now, and afterwards that path leads elsewhere. */
struct stray {
	uint32_t owner, file;	 /* index in the staying set, index in its files */
	const char *now, *after; /* canonical directories */
};

struct layout {
	struct arena mem;
	ARRAY(struct slot) slots;   /* sorted by path_cmp */
	ARRAY(struct claim) claims; /* grouped by slot */
	ARRAY(struct stray) strays; /* by owner */
};

_must_check_ int layout_build(const struct changes *changes, const struct pkgset *staying,
			      const struct tree_view *view, struct layout *ret,
			      struct error *err);
/* The package behind a claim. */
const struct pkg *layout_pkg(const struct changes *changes, const struct pkgset *staying,
			     const struct claim *c);
const struct slot *layout_find(const struct layout *l, const char *path);
void layout_release(struct layout *l);

#endif
