/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_HALFWAY_H
#define PUTBACK_CMD_HALFWAY_H
/*
 * An update that was cut off half-way (select/cutoff.h), as the root tells of it: the records, and what
 * lies on the disk.
 */
#include "cmd/session.h"
#include "core/problems.h"
#include "disk/litter.h"
#include "rpm/db.h"
#include "select/cutoff.h"

struct halfway {
	struct cutoff cutoff;
	struct litter litter;
	bool knows_before;
	struct pkgset before; /* what was installed before it, where that can be told */
	bool not_begun;	      /* by the records; a package of it may be half-done */
	struct problems problems; /* what is to be said of it */
};

/* What can be seen without reading packaged files: for who only wants to know whether there is one. */
void halfway_look(struct root *r, const struct db *db, const struct pkgset *installed,
		  const struct history *history, struct halfway *ret);

/*
 * All of it, into p->halfway: the packages concerned are compared with the disk. The sources must be
 * indexed; the packages that were coming are looked for in them. What cannot be known becomes a
 * problem of it.
 */
struct prepared;
_must_check_ int halfway_find(struct session *s, struct prepared *p, struct error *err);
void halfway_release(struct halfway *h);

#endif
