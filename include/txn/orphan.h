/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_ORPHAN_H
#define PUTBACK_TXN_ORPHAN_H
/* Transactions that areas know of, by their manifests, and the journal does not. */
#include "txn/run.h"

struct orphan {
	/* id; areas (those that are not there have no descriptors); tasks, numbered and sorted by number; stamps; pins;
	 * db_dir. No journal. */
	struct run run;
	int64_t begun; /* 0: not known */
	char *title;   /* NULL: not known */
	struct areas
		bare; /* that have a directory of it, and no manifest to be believed */
	struct strlist remarks; /* sentences on what is not known */
};
struct orphans {
	struct orphan *v; /* newest first */
	uint32_t n, cap;
	char *journal; /* why the journal cannot be read; NULL: it can, or there is none */
	struct strlist remarks; /* on areas that cannot be looked at */
	uint32_t
		unnamed; /* areas whose file `area` tells nothing: their manifests say which they are */
};
void orphans_release(struct orphans *o);
/* Whether a task lies at or beneath one of the paths; no paths: each does. */
bool orphan_is_wanted(const struct task *k, const struct strlist *paths);
/* Whether nothing of it is at hand in that one of its areas. */
bool orphan_lacks(const struct orphan *o, uint32_t area);

/* ERR_FAILED where the journal is planted or from a newer putback. */
_must_check_ int orphans_find(struct root *r, struct orphans *ret, struct error *err);

#endif
