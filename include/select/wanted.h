/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_WANTED_H
#define PUTBACK_SELECT_WANTED_H
/*
 * A list of packages that the root is to have: what another root has (--like), or what a file says
 * (--manifest, see select/manifest.h). What is installed in another version goes to the one of the
 * list, what is not installed comes. What the list does not have stays, unless the list is to be all
 * there is (--exact): then it goes.
 *
 * Of several versions of one package the newest counts; of kernels and their like all, each of which
 * comes beside those installed, none of which ever goes. Where an update that was cut off has left one of the
 * list in several versions, that one stands and the others go.
 */
#include "base/error.h"
#include "core/problems.h"
#include "select/label.h"
#include "select/step.h"

struct wanted {
	struct arena mem;
	const char *name; /* of the list, for messages: "'/srv/list'" */
	ARRAY(struct label) list;
};
void wanted_release(struct wanted *w);

/* All of another root's packages. */
void wanted_of_installed(const struct pkgset *there, const char *name,
			 struct wanted *ret);

/* What no source has is added to steps->missing. */
void wanted_steps(const struct wanted *w, bool exact, const struct pkgset *installed,
		  const struct sources *sources, struct steps *steps,
		  struct problems *problems);

#endif
