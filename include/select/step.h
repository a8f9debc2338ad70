/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_STEP_H
#define PUTBACK_SELECT_STEP_H
/*
 * What a kind of selection makes of the installed set, before any package is opened: this one
 * goes, that one comes. select.c finds what comes in the sources and makes changes of the steps.
 */
#include "base/array.h"
#include "core/pkg.h"
#include "core/problems.h"
#include "source/sources.h"

struct step {
	struct pkg *from; /* installed, borrowed; NULL: nothing goes */
	bool comes;	  /* to is set */
	struct nevra to;  /* strings borrowed of history, sources, installed set or mem */
	const char *
		digest; /* hex SHA-256 of the wanted header where it is known, else NULL */
	const struct pkg *stands; /* see struct change */
	const char *reason;
	bool open; /* which version comes was chosen among what the sources have */
	const char *
		needed_by; /* the NEVRA of who does, "" where that is many; NULL: selected */
};

struct step_miss {
	struct nevra id; /* version "": any that is older than what is installed */
	struct nevra than; /* which that is; name NULL: id has a version */
	const char *text;
};

struct steps {
	struct arena mem;
	ARRAY(struct step) list;
	/* what no source has, where that is known already: of which package, in words */
	ARRAY(struct step_miss) missing;
	/* what the user named, and nobody knows */
	struct strlist unknown;
};
void steps_release(struct steps *s);
/* from NULL: it comes; to NULL: it goes. reason is borrowed. */
struct step *steps_add(struct steps *s, struct pkg *from, const struct nevra *to,
		       const char *reason);
/* "a version of a.x86_64 older than 2-1" */
void steps_miss_older(struct steps *s, const struct nevra *than);
/* All is copied; a NULL in id is as good as "". */
void steps_miss(struct steps *s, const struct nevra *id, const char *text);
/*
 * Of the n that are installed, all but to itself go, and to comes in place of the first of them. Where
 * it is there already, it is put back as it is, for others may have written over its files.
 */
void steps_replace(struct steps *s, struct pkg *const *now, uint32_t n,
		   const struct nevra *to, const char *reason);
/* Steps from a number on were chosen. */
void steps_set_open(struct steps *s, uint32_t first);
/* Sorts; what goes without a successor and what comes without a predecessor become one step where
 * they are of one name and one of the two is noarch. */
void steps_pair(struct steps *s);

/* "2:1.0-3"; in mem */
const char *step_evr(struct arena *mem, const struct nevra *n);
/* Kernels and their like, by name. */
bool step_is_kernel(const char *name);
/* Whether versions of a name stand beside one another, never one in place of another: kernels and their like,
 * and what an installed package of that name says of itself, or the root's configuration of it
 * (disk/beside.h). */
bool step_stands_beside(const struct pkgset *installed, const char *name);
/* The installed packages of a name (arch NULL: any): a range of the sorted set, and its length. */
uint32_t step_installed(const struct pkgset *installed, const char *name,
			const char *arch, struct pkg *const **ret);

#endif
