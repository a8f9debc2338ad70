/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_FACTS_H
#define PUTBACK_DISK_FACTS_H
/* Looks at every slot of a layout: statx, link targets, capabilities, digests; in threads. */
#include "base/root.h"
#include "core/event.h"
#include "core/layout.h"

/* Fills slot.fact, .entries and .beside of all slots. Digests are taken from regular files only,
 * in the algorithms that the slot names. A file that cannot be read has fact.sys. ERR_FAILED only
 * when the root itself is gone or the observer asked to stop. */
_must_check_ int facts_gather(struct root *r, struct layout *l, const struct mounts *m,
			      const struct observer *o, struct error *err);
/* One path; digests in algos[0..1] (0: none). -1 with err for anything but "not there". */
_must_check_ int facts_of(struct root *r, const char *path, const uint8_t algos[2],
			  const struct mounts *m, struct arena *mem, struct fact *ret,
			  struct error *err);
/* The tree as layout_build() asks for it; m: or NULL. free(view.ctx) with facts_view_release. */
void facts_view(struct root *r, const struct mounts *m, struct tree_view *ret);
void facts_view_release(struct tree_view *v);

#endif
