/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_RECORD_COMPS_H
#define PUTBACK_HISTORY_RECORD_COMPS_H
/* Groups and environments that dnf has installed, or removed. */
#include "history/histdb.h"
#include "history/record.h"

/* What sets the histories of dnf 4 and 5 apart. */
struct comps_dialect {
	const char *origin;		     /* of entries */
	const char *action, *reason, *state; /* columns of trans_item */
	const char *no_state; /* actions that leave nothing: what went for another one */
	int64_t install, remove, done;
	const char *new_item; /* adds an item; ?1: the number of one like it */
	const char *member;   /* the column of comps_group_package that says which */
};

/*
 * Adds to an entry (its number, and that of the repository of installed packages) what puts the groups and
 * environments that the undone entries installed, removed or changed back to the state before them.
 */
_must_check_ int record_comps(struct histdb *db, const struct record_order *o,
			      const struct comps_dialect *d, int64_t entry,
			      int64_t system, struct error *err);

/* What an entry says of one, for whom it is state. members: of what is installed. */
struct comps_item {
	const char *id;
	bool removed, is_users;
	int64_t types; /* of packages: see pkg_types */
	struct strlist members;
};
/*
 * Calls each with those of the last entry of a history of dnf 5: groups, or environments. Strings are good until it
 * returns.
 */
_must_check_ int record_comps_last(struct histdb *db, bool environments,
				   void (*each)(void *ctx, const struct comps_item *item),
				   void *ctx, struct error *err);

#endif
