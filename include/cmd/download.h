/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_DOWNLOAD_H
#define PUTBACK_CMD_DOWNLOAD_H
/*
 * Where downloads go, and when. A plan needs metadata and headers: they go to --cache DIR, else to a
 * scratch folder. A run needs packages: they go to --cache DIR, else to an area of the root, which has
 * room for them where a rescue system has not.
 */
#include "cmd/prepare.h"
#include "core/space.h"

/* Whether there is a place among the sources that something may be downloaded from. */
bool download_may(const struct options *o);
/* Before sources are added. */
_must_check_ int download_begin(struct session *s, struct prepared *p, struct error *err);
/* Before they are indexed: what the root tells about itself. */
_must_check_ int download_know_root(struct session *s, struct prepared *p,
				    struct error *err);
/* All packages of the plan, to be used on r, which is locked; then judges them whole. 1: some are of no use, and
 * there may be others in their place: prepare_again(). */
_must_check_ int download_packages(struct session *s, struct prepared *p, struct root *r,
				   struct error *err);
/* They will not be used now: what came is of use to the next run; but a root that is full is not left full. */
void download_failed(const struct prepared *p, struct root *r, const struct error *err);
/* They were used: gives back what an area of the root holds of them, or of those of an earlier run. A
 * failure is logged. */
void download_end(struct root *r);
/* Once the plan is made: what download_packages() has to get, into p->download, and the room that it takes:
 * added to ret where it lies on a file system of the root, else a problem of the plan if there is too little. */
void download_plan(const struct session *s, struct prepared *p, struct space_extras *ret);

#endif
