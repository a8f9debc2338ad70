/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_RECORDED_H
#define PUTBACK_SELECT_RECORDED_H
/*
 * What the histories of package managers say was installed before an update. rpm's own transactions do not
 * count: they are told of what is installed now, and would only say that once more.
 */
#include "base/strmap.h"
#include "history/history.h"
#include "select/step.h"

struct recorded {
	struct arena mem;
	struct strmap names; /* to the first of a name, in list */
	struct recorded_package {
		struct nevra id; /* the last that came, or went */
		bool there;
		uint32_t next; /* of the name, in list; NO_RECORD: none */
	} * v;
	uint32_t n, cap;
};
#define NO_RECORD UINT32_MAX

/* Until an entry, without it; NULL: to the end. Only what ended well counts. Strings are borrowed. */
void recorded_read(const struct history *h, const struct history_entry *until,
		   struct recorded *ret);
void recorded_release(struct recorded *r);

/* What they say last of a package; one that became noarch is the same. NULL: nothing. */
const struct recorded_package *recorded_find(const struct recorded *r,
					     const struct nevra *id);
/* Whether they know each installed package as it is but those that came with rpm's transaction tid; then what
 * they do not know was not there. */
bool recorded_account_for(const struct recorded *r, const struct pkgset *installed,
			  int64_t tid);
/* What they say was there and of which nothing is installed, in any version: sorted. */
void recorded_lost(const struct recorded *r, const struct pkgset *installed,
		   struct pkgset *ret);

#endif
