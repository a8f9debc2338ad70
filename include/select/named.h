/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_NAMED_H
#define PUTBACK_SELECT_NAMED_H
/*
 * Packages named one by one (see select/label.h for how they are written). The first reading that
 * something installed or in a source answers to is the one meant. Then:
 *
 *   a name alone    installed: the newest older version of the same arch (for each arch that is
 *                   installed); not installed: the newest version
 *   with a version  that one, whatever is installed; the very same one is a reinstallation
 *
 *   a pattern       (select/pattern.h) that the name of something installed matches: each of these, as
 *                   if it were named; what has no older version stays, unless that is all of them.
 *                   Else what it matches in the sources, the newest of each
 *
 * Of kernels and their like, the version is put beside those installed. What is not installed comes
 * in the architectures that the root's packages have, the most frequent first.
 */
#include "base/error.h"
#include "core/problems.h"
#include "select/step.h"

/*
 * Versions that no source has are added to steps->missing, names that nobody knows to steps->unknown.
 * ERR_USAGE: a text that names no package at all, or one package twice with different versions.
 */
_must_check_ int named_steps(const struct strlist *packages,
			     const struct pkgset *installed,
			     const struct sources *sources, struct steps *steps,
			     struct problems *problems, struct error *err);
/* ERR_UNAVAILABLE: nobody knows these. */
int named_err_unknown(const struct strlist *unknown, const struct sources *sources,
		      struct error *err);

#endif
