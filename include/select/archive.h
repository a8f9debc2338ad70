/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_ARCHIVE_H
#define PUTBACK_SELECT_ARCHIVE_H
/*
 * What no source lists may lie in an archive that has no list (source/koji.h), where a package has to be
 * asked for by its name. What is found there is known from then on: to the selection, and to who
 * closes dependencies. Where there is no such archive, these do nothing.
 */
#include "core/change.h"
#include "select/fold.h"
#include "select/label.h"
#include "select/step.h"
#include "source/sources.h"

/* What comes with steps. */
_must_check_ int archive_look_for_steps(const struct steps *steps,
					const struct sources *sources,
					const struct pkgset *installed,
					struct error *err);
/* Packages as a user names them (texts), patterns among them, or as a list has them (labels; either may be NULL). Of what
 * is installed and named without a version an older one is asked for. */
_must_check_ int archive_look_for_names(const struct strlist *texts,
					const struct label *labels, uint32_t n,
					const struct sources *sources,
					const struct pkgset *installed,
					struct error *err);
/* Of packages of which nobody can tell what was there before they came, older ones. */
_must_check_ int archive_look_for_guesses(const struct fold *fold,
					  const struct sources *sources,
					  const struct pkgset *installed,
					  struct error *err);
/*
 * What was built together with what comes, in the place of what was built together with what goes: packages
 * of one source often need one another in the very same version.
 */
_must_check_ int archive_look_for_siblings(const struct changes *changes,
					   const struct sources *sources,
					   const struct pkgset *installed,
					   struct error *err);

#endif
