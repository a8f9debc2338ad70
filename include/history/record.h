/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_RECORD_H
#define PUTBACK_HISTORY_RECORD_H
/*
 * The rollback as an entry of its own in the records that the root keeps, so that its package manager
 * goes on from there: `history`, `upgrade`, `autoremove` and the undo of the rollback see what is
 * installed, why, and where it came from. A package that comes back has the reason and the repository
 * that it had when it was there last.
 *
 *	record_look   which records there are: files that will change, and records that cannot tell
 *	record_make   the new content of these files
 *
 * The root is only read; what is made lies on the host (base/newfile.h).
 */
#include "base/newfile.h"
#include "base/root.h"
#include "core/change.h"
#include "history/histdb.h"
#include "history/history.h"

struct record_order {
	const struct changes *changes;
	const char *command; /* "putback apply --undo last" */
	const struct history_entry
		*undone; /* that the changes are the undo of; NULL: none */
	uint32_t n_undone;
	int64_t begin, end;		       /* seconds */
	const char *cookie_begin, *cookie_end; /* of the rpmdb, see db_cookie(); "" */
};

/* paths: canonical; remarks: sentences. Both are added to. observer may be NULL. */
void record_look(struct root *r, const struct observer *observer, struct strlist *paths,
		 struct strlist *remarks);
/* What cannot be told after all becomes a sentence in warnings, and its files are left out. */
void record_make(struct root *r, const struct record_order *o,
		 const struct observer *observer, struct newfiles *ret,
		 struct strlist *warnings);

/* A change as package managers would tell it. */
struct record_step {
	const struct pkg *came, *went; /* NULL: nothing */
	enum change_kind kind;
};
struct record_steps {
	struct record_step *v;
	uint32_t n, cap;
};
/*
 * Of two records that an update that was cut off left of a package, one went for the other: that is an
 * upgrade or a downgrade, whichever of them was there all the time. What was in no rpmdb did not go.
 */
void record_steps(const struct changes *changes, struct record_steps *ret);

/* One format: a database, and how an entry is added to it. */
struct record_ops {
	const char *tool;
	const char *const *
		places; /* packaged paths, up to a NULL; the first that is there counts */
	const char *const *tables; /* as histdb_open() takes them */
	/* whether it can be written: its version, mostly */
	int (*check)(struct histdb *db, struct error *err);
	int (*write)(struct histdb *db, const struct record_order *o, struct error *err);
	bool has_state; /* dnf 5's, beside the database */
};
/*
 * dnf 5's state after the entry that was written last in db. ret NULL: tells only whether it could be
 * written; o->changes may then be NULL.
 */
_must_check_ int record_state(struct root *r, struct histdb *db,
			      const struct record_order *o, struct newfiles *ret,
			      struct error *err);
void record_state_paths(struct root *r, const char *db, struct strlist *ret);

extern const struct record_ops record_dnf4, record_dnf5;

#endif
