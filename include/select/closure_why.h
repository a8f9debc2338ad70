/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_CLOSURE_WHY_H
#define PUTBACK_SELECT_CLOSURE_WHY_H
/*
 * Why the closure has a change: which package needs it, and for which dependency. The changes of the
 * selection are looked at first, then the other ones of the closure.
 */
#include <solv/pooltypes.h>
#include <solv/queue.h>

#include "select/step.h"
#include "source/catalog.h"

struct s_Map;
struct closure_why {
	struct catalog *catalog;
	const Queue *gone, *come; /* of the selection */
	const Queue *more_gone, *more_come;
	struct s_Map *stands; /* with the selection alone */
};

void closure_why_init(struct closure_why *w, struct catalog *c, const Queue *gone,
		      const Queue *come, const Queue *more_gone, const Queue *more_come);
/* from, to: of the change; 0: none. Sets reason and needed_by of the step. */
void closure_why_tell(const struct closure_why *w, Id from, Id to, struct arena *mem,
		      struct step *step);
void closure_why_release(struct closure_why *w);

#endif
