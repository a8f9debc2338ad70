/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_HISTORY_H
#define PUTBACK_HISTORY_HISTORY_H
/*
 * What changed when on this root: entries of all that kept a record there, merged into one timeline,
 * oldest first. Each format is one file with a const ops table, listed in history.c, the one that
 * knows most first; the same transaction seen by two of them is told by the first (history/merge.h).
 *
 * What a user types for an entry is its name. It never changes while the record is there:
 *
 *	dnf4:7          the number that the tool itself shows
 *	rpm:1700000000  where the tool numbers nothing, the second in which it began
 *	7               the same without the format, of the root's primary format: the first in the
 *	                order of history.c that has entries; shown so where the tool numbers them
 */
#include "base/error.h"
#include "base/root.h"
#include "core/pkg.h"
#include "history/quota.h"

/* What happened to a package; the names and meanings of libdnf's TransactionItemAction. */
#define ITEM_ACTIONS(X)                        \
	X(ITEM_INSTALL, "install", +1)         \
	X(ITEM_DOWNGRADE, "downgrade", +1)     \
	X(ITEM_DOWNGRADED, "downgraded", -1)   \
	X(ITEM_OBSOLETE, "obsolete", +1)       \
	X(ITEM_OBSOLETED, "obsoleted", -1)     \
	X(ITEM_UPGRADE, "upgrade", +1)         \
	X(ITEM_UPGRADED, "upgraded", -1)       \
	X(ITEM_REMOVE, "remove", -1)           \
	X(ITEM_REINSTALL, "reinstall", +1)     \
	X(ITEM_REINSTALLED, "reinstalled", -1) \
	X(ITEM_REASON_CHANGE, "reason change", 0)

enum item_action {
#define X(id, name, sign) id,
	ITEM_ACTIONS(X)
#undef X
};
const char *item_action_name(enum item_action a);
int item_action_sign(enum item_action a); /* +1: came, -1: went, 0: neither */

struct history_item {
	enum item_action action;
	struct nevra id;
	const char *repo; /* where it came from, "" where unknown */
	const char *
		reason; /* why it is there: "user", "dependency", ...; "" where unknown */
	const char *
		digest; /* hex SHA-256 of the package's header where the history knows it, "" */
	int64_t time; /* when it came, where that is known (rpm's INSTALLTIME), else 0 */
	bool unsure;  /* it came; whether another version went for it is not on record */
	bool failed;  /* of an entry that did not end well: not done */
};

enum entry_state { ENTRY_DONE, ENTRY_FAILED, ENTRY_UNFINISHED };
const char *entry_state_name(enum entry_state s);

struct history_entry {
	const char
		*name; /* what a user types: "7" of the primary format, else "rpm:17" */
	int64_t id;    /* the number in it; no two of one origin share it */
	int64_t begin, end; /* seconds; end 0: none recorded */
	enum entry_state state;
	const char
		*command; /* command line as the tool kept it (dnf: without "dnf"), "" */
	const char *user; /* name or number, "" */
	const char *comment;
	const char *origin; /* "dnf4", "rpm": which format tells it */
	bool complete;	    /* no item is unsure */
	bool has_groups;    /* groups or environments were installed or removed, too */
	bool putback;	    /* putback's own: never "last" */
	ARRAY(struct history_item) items;
};

struct history {
	struct arena mem;
	ARRAY(struct history_entry) entries; /* oldest first */
	struct strlist remarks; /* formats that were there but could not be read, why */
	const char *
		primary; /* origin of entries that a bare number means; NULL: no entries */
	bool damaged;	 /* one of them keeps more than others can stand in for */
	struct quota quota; /* while it is read */
};

/*
 * Reads what there is. What cannot be read (damaged, of an unknown version) becomes a remark that
 * names it, and damaged is set: the others are told all the same. installed: sorted; for grouping
 * by INSTALLTID, and to tell which transactions a history does not know of. o may be NULL; what is there is
 * not all once it asked to stop.
 */
void history_read(struct root *r, const struct pkgset *installed,
		  const struct observer *o, struct history *ret);
/* By name: "7", "rpm:1700000000". NULL: there is none. */
const struct history_entry *history_find(const struct history *h, const char *name);
/* Whether it could be the name of an entry: digits, with or without a format in front. */
bool history_name_is_valid(const char *name);
/* The newest entry that packages came or went with and that is not putback's own; NULL: none. */
const struct history_entry *history_last(const struct history *h);
/* The item of a package that came (sign +1) or went (-1) with it; NULL: none. */
const struct history_item *history_find_item(const struct history_entry *e,
					     const struct nevra *id, int sign);
/* Whether packages came or went with it (marking one as wanted by the user is an entry, too). */
bool history_entry_has_changes(const struct history_entry *e);
void history_release(struct history *h);

/*
 * One format. It reads into a history of its own, within the quota of that one; what it has read when
 * it fails is dropped, except its remarks.
 */
struct history_ops {
	const char *origin;
	bool numbered; /* by the tool itself, in small numbers that are its users' own */
	/*
	 * Text logs say less than the database of the same tool, and are asked for what that does not
	 * reach: begins before its first entry. NULL: a record of its own.
	 */
	const char *stands_in_for;
	/* 1: read, entries added, oldest first; 0: this format is not there or has no entry;
	   -1: there but unreadable */
	int (*read)(struct root *r, const struct pkgset *installed, struct history *h,
		    struct error *err);
};
/* The formats (history.c has their order). */
extern const struct history_ops dnf5_ops, dnf4_ops, yum_ops, zypper_ops, dnf5log_ops,
	dnf4log_ops, yumlog_ops, rpmtid_ops;

/* For the formats: a new entry whose strings are "" and whose origin is that of ops. */
struct history_entry *history_add(struct history *h, const struct history_ops *ops,
				  int64_t id);
/* A new item whose strings are "". */
struct history_item *history_add_item(struct history_entry *e);
/* The entry of that id, where entries and calls go by rising ids; *at: 0 at first. NULL: none. */
struct history_entry *history_seek(struct history *h, uint32_t *at, int64_t id);

#endif
