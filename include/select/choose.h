/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_CHOOSE_H
#define PUTBACK_SELECT_CHOOSE_H
/* Which of the packages that the sources have is taken. Results are borrowed of the sources. What is known
 * to be of no use (source/bad.h) is taken where there is nothing else in its place: who uses it will say why that
 * cannot be. */
#include "select/label.h"
#include "select/step.h"

/*
 * For what comes with a step. NEVRA alone does not identify a package, so in this order: the header
 * digest that is known (step.digest; of the installed package where it is put back as it is), the
 * vendor of the installed package, one that is signed, the order of the sources. Builds that
 * differ while no digest decides are told in a note. NULL: no source has it.
 */
const struct candidate *choose_candidate(const struct sources *l, const struct step *step,
					 struct problems *problems);

/* Whether a package is of another stream of modules than an installed one, or of none where that is of one. */
bool choose_crosses(const struct pkg *from, const struct pkg *to);

/* The newest that is older than p, of its name, of the stream of modules that is installed as far as there is any,
 * and of its arch or changed from or to noarch (with arch: of that only); of several of that version, for the architecture of most installed packages. Of kernels
 * and their like, one that is not installed already. NULL: none. */
const struct candidate *choose_older(const struct sources *l, const struct nevra *p,
				     const char *arch, const struct pkgset *installed);

/* The newest that a label means and that can stand for a package of arch (as above; NULL: any that
 * the installed packages speak for, else any at all). NULL: none. */
const struct candidate *choose_newest(const struct sources *l, const struct label *label,
				      const char *arch, const struct pkgset *installed);

/* Of the version that was chosen for an open step, one that is newer and would have been, had it been of
 * use. NULL: none. */
const struct candidate *choose_lost(const struct sources *l, const struct step *step);

/* Of all packages that a pattern matches (select/pattern.h), the newest of each name and arch that
 * could run here. How many; the caller frees the array. */
uint32_t choose_matching(const struct sources *l, const char *pattern,
			 const struct pkgset *installed, const struct candidate ***ret);

/* Whether an arch is one that a root with these packages runs: its family is among theirs. */
bool choose_arch_fits(const char *arch, const struct pkgset *installed);

/* Whether hex is the digest, written out; "" or NULL is none. */
bool choose_digest_is(const struct digest *d, const char *hex);

#endif
