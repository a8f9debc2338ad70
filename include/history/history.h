/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_HISTORY_H
#define PUTBACK_HISTORY_HISTORY_H
/*
 * What changed when on this root: entries, newest last. Each format is one file with a const ops
 * table, listed in history.c: dnf4's history.sqlite (read with its -wal, from a private copy), and,
 * where there is none, groups of the rpmdb's INSTALLTID.
 */
#include "base/error.h"
#include "base/root.h"
#include "core/pkg.h"

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
	bool failed;
};

enum entry_state { ENTRY_DONE, ENTRY_FAILED, ENTRY_UNFINISHED };
const char *entry_state_name(enum entry_state s);

struct history_entry {
	int64_t id;	    /* number that the tool shows */
	int64_t begin, end; /* seconds; end 0: none recorded */
	enum entry_state state;
	const char
		*command; /* command line as the tool kept it (dnf: without "dnf"), "" */
	const char *user; /* name or number, "" */
	const char *comment;
	const char *origin; /* "dnf4", "rpm" */
	bool complete; /* false: only what came is known, not what went (rpm's INSTALLTID) */
	bool putback; /* putback's own: never "last" */
	ARRAY(struct history_item) items;
};

struct history {
	struct arena mem;
	ARRAY(struct history_entry) entries; /* oldest first */
	struct strlist remarks; /* formats that were there but could not be read, why */
};

/*
 * Reads what there is. A damaged or unknown database is ERR_FAILED with its name; where the
 * caller can do without (survey), it asks with tolerant, and the fact becomes a remark.
 * installed: for grouping by INSTALLTID.
 */
_must_check_ int history_read(struct root *r, const struct pkgset *installed,
			      bool tolerant, struct history *ret, struct error *err);
const struct history_entry *history_find(const struct history *h,
					 int64_t id); /* NULL: none */
/* The newest entry that packages came or went with and that is not putback's own; NULL: none. */
const struct history_entry *history_last(const struct history *h);
/* Whether packages came or went with it (marking one as wanted by the user is an entry, too). */
bool history_entry_has_changes(const struct history_entry *e);
void history_release(struct history *h);

/* one format */
struct history_ops {
	const char *origin;
	/* 1: read, entries added, oldest first; 0: this format is not there or has no entry;
	   -1: there but unreadable (what was added is taken back by the caller) */
	int (*read)(struct root *r, const struct pkgset *installed, struct history *h,
		    struct error *err);
};
/* The formats, the one that knows most first (history.c). */
extern const struct history_ops dnf4_ops, rpmtid_ops;

/* for the formats: a new entry whose strings are "" and whose origin is that of ops */
struct history_entry *history_add(struct history *h, const struct history_ops *ops,
				  int64_t id);

#endif
