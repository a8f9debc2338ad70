/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_CUTOFF_H
#define PUTBACK_SELECT_CUTOFF_H
/*
 * An update that was cut off half-way: by a power cut, a signal, the lack of memory. What is left of it:
 *
 *	pairs	packages that are in the rpmdb twice: rpm adds the record of what comes once its files are
 *		there, and takes out that of what goes at the very end
 *	entry	of the history, without an end. dnf and zypper wrote down beforehand what was to be;
 *		of rpm alone there is but the INSTALLTID that what came has in common
 *	halves	a package whose files were being exchanged, with no record of it
 *	litter	files under names of rpm's own (disk/litter.h)
 *	log	of the rpmdb, which rpm writes back when it ends, and which still holds what came last
 *
 * cutoff_find() works with what is recorded; halves are the disk's, and whoever looks at that adds them.
 * The result is told as an entry of a history, `update`: what came or was to come, what went or was to
 * go, as far as anybody knows. Going back is its undo (select/undo.h), going on is doing it.
 */
#include "history/history.h"
#include "select/step.h"

struct cutoff_pair {
	struct pkg *old, *new; /* installed, borrowed */
};

/* A package whose files are not what its record says. */
enum cutoff_how {
	HALF_REPLACED, /* by the files of coming */
	HALF_UNKNOWN,  /* by those of a version that no source has */
	HALF_COVERED,  /* some by files of another package, which came */
	HALF_REMOVED,  /* the entry says that it goes, or what came obsoletes it */
	HALF_GONE, /* all its files are gone as if it was removed, and nothing says so */
	HALF_LOST, /* the last ones are */
	HALF_ROOM  /* a scriptlet of what was to come took a directory out of its way */
};
struct cutoff_half {
	struct pkg *p; /* installed, borrowed */
	enum cutoff_how how;
	const struct pkg *coming; /* of debris, HALF_REPLACED only */
};

struct cutoff {
	struct arena mem;
	bool found; /* there is something to put in order */
	bool is_removal; /* of one package alone, of which nothing tells but its files: halves has it */
	bool is_silent; /* no record, and no litter that says when: nothing tells of it but files, which halves has */
	ARRAY(struct cutoff_pair) pairs;
	const struct history_entry
		*entry; /* the one without an end, borrowed; NULL: none */
	bool listed;	/* it says what was to be, not only what was done */
	bool is_last;	/* nothing came to the root since */
	int64_t tid;	/* of rpm's transaction; 0: not known */
	int64_t begin;	/* seconds; 0: not known */
	ARRAY(const struct pkg *)
	obsoleted; /* by what came, if rpm alone recorded it; borrowed */
	/* which are no more, but were there by other records; they are its own */
	struct pkgset lost;
	/* what rpm was given, where the user says it: those that had not come. Borrowed of the sources */
	ARRAY(const struct pkg *) asked;
	bool is_asked;
	struct history_entry update;
	bool downward;			     /* older versions were coming */
	uint32_t came, to_come, gone, to_go; /* of its items: done, in all */
	/* by what is recorded it stands between its beginning and its end; else all was done of it, or
	 * nothing, and what is not recorded may be half-done */
	bool stands_halfway;
	/* what the disk says */
	ARRAY(struct cutoff_half) halves;
	ARRAY(struct pkg *)
	damaged;	       /* of it, installed, and not whole on the disk; borrowed */
	struct pkgset debris;  /* versions in no rpmdb of which there are files */
	bool unpacking;	       /* rpm had not begun to remove anything */
	struct strlist litter; /* canonical paths */
};

/*
 * installed: sorted. before: what was installed when the rpmdb's log was last written back
 * (db_load_before()); NULL: there is no such log. tids: transactions that left litter, up to a 0. Strings
 * of ret are borrowed of history and the sets.
 */
void cutoff_find(const struct pkgset *installed, const struct pkgset *before,
		 const struct history *history, const int64_t *tids, struct cutoff *ret);
/*
 * What rpm was given: all packages of the sources with these specs, as `rpm -U DIR/\*.rpm` takes them. What they
 * obsolete is added to obsoleted. ERR_USAGE: a package manager wrote down what was to be, so there is nothing
 * to say; ERR_UNAVAILABLE: no package is there.
 */
_must_check_ int cutoff_ask(struct cutoff *c, const struct sources *sources,
			    const struct strlist *specs, const struct pkgset *installed,
			    struct problems *problems, struct error *err);
/* Once halves and obsoleted are known: makes `update`. */
void cutoff_tell(const struct pkgset *installed, const struct pkgset *before,
		 struct cutoff *c);
void cutoff_release(struct cutoff *c);

/* Whether two records are of one package: of one name, and of one arch or one of them noarch. */
bool cutoff_is_same(const struct nevra *a, const struct nevra *b);
/* Whether it is one of a pair. */
bool cutoff_has_twice(const struct cutoff *c, const struct pkg *p);
/* The other one of a pair whose new one this is; NULL: it is no such. */
const struct pkg *cutoff_old_of(const struct cutoff *c, const struct pkg *new);
/* For messages: "entry 7", "rpm's transaction 1700000000", "an update". In mem of c. */
const char *cutoff_label(struct cutoff *c);

/* Back to the state before it. */
void cutoff_back(struct cutoff *c, const struct pkgset *installed,
		 const struct history *history, const struct sources *sources,
		 struct steps *steps, struct problems *problems);
/* On to the state that it was heading for. */
void cutoff_forward(struct cutoff *c, const struct pkgset *installed, struct steps *steps,
		    struct problems *problems);
/* Whether a change was made for the latter: by its reason, which the journal keeps. */
bool cutoff_is_end(const char *reason);

#endif
