/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SALVAGE_H
#define PUTBACK_TXN_SALVAGE_H
/*
 * Salvage: what areas hold although no journal knows it any more, by the manifests that lie beside
 * it (txn/manifest.h), and putting it back.
 *
 * Areas are looked for at the top of each file system beneath the root, and wherever a manifest says
 * that its transaction has another one. A transaction is an orphan where the root's journal is not
 * there, cannot be read, or does not know that area.
 */
#include "base/root.h"
#include "core/event.h"
#include "txn/txn.h"

#define SALVAGE_KINDS(X)                                                            \
	X(SALVAGE_ORIGINAL,                                                         \
	  "original")	      /* what stood at the path before the transaction */   \
	X(SALVAGE_NEW, "new") /* what the transaction brought: it was taken back */ \
	X(SALVAGE_ASIDE,                                                            \
	  "aside") /* what a forced undo, or a salvage, found in its way */         \
	X(SALVAGE_UNCLEAR,                                                          \
	  "unclear") /* its path is known, but not which of these it is */          \
	X(SALVAGE_UNKNOWN, "unknown") /* nothing is known of it */

enum salvage_kind {
#define X(id, name) id,
	SALVAGE_KINDS(X)
#undef X
};
const char *salvage_kind_name(enum salvage_kind k);

struct salvage_entry {
	enum salvage_kind kind;
	const char *path; /* canonical; NULL: not known */
	const char *slot; /* where it lies: ".putback/7/12" */
	const char *
		now; /* at the path: "new", "original", "nothing", "other"; NULL: not known */
	uint32_t mode;
	uint64_t size;
	int64_t mtime; /* seconds */
};

/* How far it stands in the root, told by looking at each path. */
#define SALVAGE_STANDS(X)                                                     \
	X(STANDS_WHOLLY, "done") /* wholly new */                             \
	X(STANDS_NOT, "undone")	 /* wholly old */                             \
	X(STANDS_HALF,                                                        \
	  "halfway") /* some are old, some new, or a salvage was cut short */ \
	X(STANDS_UNCLEAR,                                                     \
	  "unclear") /* some paths are neither, or not all of them are known */

enum salvage_stands {
#define X(id, name) id,
	SALVAGE_STANDS(X)
#undef X
};
const char *salvage_stands_name(enum salvage_stands s);

struct salvage_txn {
	int64_t id, begun; /* begun 0: not known */
	const char *title; /* "" where it is not known */
	enum salvage_stands stands;
	uint32_t counts[5]; /* entries by enum salvage_kind */
	uint64_t bytes;	    /* of all of them */
	ARRAY(struct salvage_entry) entries;
	struct strlist
		remarks; /* sentences on what is not known, or comes first, and why */
	bool barred;	 /* it cannot be put back as it is now; a remark says why */
};
struct salvage {
	struct salvage_txn *v; /* newest first */
	uint32_t n, cap;
	struct arena mem;
	char *journal; /* why the journal cannot be read; NULL: it can, or there is none */
};
void salvage_release(struct salvage *s);

/*
 * What there is; nothing is written. entries: with every entry, else counts only. ERR_FAILED where
 * the journal is from a newer putback, or `.putback` was planted. An area that cannot be looked at
 * is a remark of every transaction.
 */
_must_check_ int txn_salvage_look(struct root *r, bool entries, struct salvage *ret,
				  struct error *err);
/*
 * Puts the originals of a transaction back (id 0: of the newest that stands): all that its manifests know, with the
 * rpmdb, the mtimes of directories and the marks of chattr(1), while what was not there before goes into the area;
 * or, of n canonical paths, those and what lies beneath them. What stands in their place is kept in the area. Can be
 * repeated, after a crash too. A path whose original is not at hand any more is a warning each.
 *
 * ERR_REFUSED where a newer one has to come first, which the journal may know; ERR_UNFINISHED while it has one that is
 * unfinished; ERR_REFUSED, unless forced, where the rpmdb that would go has changed since, and, with no paths, where not all that it kept is there; ERR_HALFWAY where something could not be put back that can be
 * mended: the same again goes on. *ret is written on failure, too, and holds a warning for each such path. An
 * unreadable journal is moved aside once nothing is left to put back; where there is nothing to begin with, that
 * is all (ret->id 0).
 */
_must_check_ int txn_salvage(struct root *r, int64_t id, const struct strlist *paths,
			     bool force, const struct observer *o, struct txn_result *ret,
			     struct error *err);
/* Removes what areas hold of an orphan. ERR_USAGE: there is none of that number; unless forced, ERR_UNFINISHED: the
 * root stands in the middle of it, ERR_REFUSED: not all of its areas are at hand. */
_must_check_ int txn_salvage_forget(struct root *r, int64_t id, bool force,
				    struct txn_result *ret, struct error *err);
/* Whether there is an orphan: 1 and a sentence about it (the caller frees), else 0; what goes wrong is 0,
 * too. *ret_halfway: its number, where it stands half in the root; else 0. Such a one is told first. */
int txn_orphan(struct root *r, char **ret_sentence, int64_t *ret_halfway);

#endif
