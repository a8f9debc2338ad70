/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_HAD_H
#define PUTBACK_SELECT_HAD_H
/* Getting at what was chosen, as far as a plan needs it; and what of that proves to be of no use. */
#include "select/step.h"

/* Headers of all that come: where they have to be downloaded, all at once. 1: some could not be had, which is
 * news. ERR_UNAVAILABLE: one is known not to be, and there is no other in its place. */
_must_check_ int had_headers(const struct steps *steps, const struct sources *sources,
			     struct error *err);
/* The package; 1: it is of no use, which is news. */
_must_check_ int had_load(const struct sources *sources, const struct candidate *c,
			  struct pkg **ret, struct error *err);
/* Where the step left open which version is taken: that a newer one was of no use, or that it is of another
 * stream of modules. */
void had_tell(const struct sources *sources, const struct step *step,
	      const struct pkg *taken, struct problems *problems);

#endif
