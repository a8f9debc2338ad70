/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_WANT_H
#define PUTBACK_SELECT_WANT_H
/*
 * One package that is wanted, as a saved plan has it for a machine that knows nothing of the root: a text of
 * words with one blank between them.
 *
 *	WHAT SOURCE KEYID [has=[E:]VERSION-RELEASE]... [for=ARCH]
 *
 *	WHAT	NAME-[E:]VERSION-RELEASE[.ARCH]		that one; "*" for the release or the arch: any
 *		NAME-<[E:]VERSION-RELEASE.ARCH		the newest older one that is none of has=
 *		LABEL-*-*.*				what a user named (select/label.h), and nobody knows there
 *	SOURCE	the name of the package that the installed one was built from, KEYID who signed it; "-": not known
 *	for=	where WHAT has no arch: that of the root
 *
 * Versions of putback that know the first kind of WHAT only take the others for packages that no source has.
 */
#include "select/label.h"
#include "select/step.h"
#include "source/koji.h"

struct want {
	const char *what;
	struct nevra id;	    /* a part may be "*" */
	const char *text;	    /* how a user is told of it */
	const char *label;	    /* what the user named; NULL: id or older says it */
	bool older;		    /* than id */
	const char *source, *keyid; /* "" where they are not known */
	const char *arch;	    /* of for=; "" */
	const struct nevra *has;    /* of has= */
	uint32_t n_has;
};

/* WHAT, of a package that is missing; of what a user named. The caller frees; NULL: there can be no such package. */
char *want_of_miss(const struct step_miss *m);
char *want_of_label(const char *label);
/* All of it is in mem. -1: it is none. */
_must_check_ int want_parse(struct arena *mem, const char *text, struct want *ret);

/* As what an archive that has no list is to be asked for it: how many, two at most. */
uint32_t want_of_archive(const struct want *w, struct koji_wanted *ret);
/* The best that the sources have of it; NULL: none has. */
const struct candidate *want_choose(const struct sources *l, const struct want *w);

#endif
