/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_SELECT_H
#define PUTBACK_SELECT_SELECT_H
/*
 * From what the user asks for to the changes: a selection names steps (this package goes, that
 * one comes), the resolver finds every package that comes in the sources.
 */
#include "core/change.h"
#include "core/plan.h"
#include "history/history.h"
#include "select/cutoff.h"
#include "select/wanted.h"
#include "source/sources.h"

struct selection {
	/* --undo: an entry by name, or "last"; the other end of a run of them, or NULL. NULL: none */
	char *undo, *undo_to;
	char *back_to;	       /* --back-to: an entry by name; NULL: none */
	bool back_to_date;     /* --back-to: a time instead */
	int64_t back_to_time;  /* seconds since the epoch */
	bool interrupted;      /* --interrupted: an update that was cut off */
	bool forward;	       /* --forward: to its end, not back to before it */
	char *like, *manifest; /* --like, --manifest: a folder, a file; NULL: none */
	bool exact;	       /* what that list does not have goes */
	struct strlist
		packages; /* names, NEVRAs and patterns as given; beside --path: none */
	struct strlist
		paths; /* --path: of what comes of the above, those that own them */
	struct strlist
		update_from; /* --update-from: sources, of which --from has each, too */
	struct strlist with, without, exclude; /* --with, --without, --exclude */
	struct strlist only_paths; /* --only-path: files of the packages, nothing else */
};
/* Whether it goes by the history: --undo or --back-to. */
bool selection_is_undo(const struct selection *s);

/* What a selection is about. */
struct select_world {
	const struct pkgset *installed; /* sorted */
	const struct history *history;
	const struct sources *sources;	 /* indexed */
	struct cutoff *cutoff;		 /* what --interrupted found; else NULL */
	const struct wanted *wanted;	 /* what --like or --manifest says; else NULL */
	const struct strlist *protected; /* names, see select/guard.h; NULL: none */
	const struct strlist *exclude;	 /* patterns, those of --exclude; NULL: none */
	bool files_only; /* --only-path: what goes without a successor brings no file */
	const struct strlist
		*paths; /* all ways to write those of --path; see select/owned.h */
	const char *
		stray; /* of --path or --only-path, one that no installed package owns; NULL */
};

struct outcome {
	struct changes changes;
	struct strlist missing; /* NEVRAs, or "a version of foo.noarch older than 2-1" */
	ARRAY(struct step_miss) missed; /* the same, in no order; strings in mem */
	/* after a failure: all that is wanted, whatever the sources have of it; and what nobody knows */
	ARRAY(struct step_miss) wanted;
	struct strlist unknown;
	struct arena mem;
	struct strlist looked_at; /* every place looked at */
	struct problems problems; /* e.g. the entry's package has changed since */
	char *title;		  /* "undo of entry 7", "bash, zlib" */
	char *narrowed; /* the end of it: ", only owners of /etc/hosts"; or "" */
	/* those taken back, or finished, in the history; n_entries 0: none */
	const struct history_entry *entries;
	uint32_t n_entries;
};

/*
 * Entries to undo are found in history (see select/span.h); packages that came go, packages that went
 * come back (see select/undo.h); what changed since is told as a problem of severity SEV_NOTE.
 * Named packages: without a version, the newest one older than what is installed that the sources have; with one,
 * exactly that (see select/named.h). Lists: select/wanted.h. Then --with and --exclude
 * (select/adjust.h), and --path (select/owned.h), which alone stands for the names of its owners.
 * --interrupted: select/cutoff.h; where nothing was cut off there are no changes, and a note says so.
 * ERR_USAGE: unknown entry, a path that nobody owns, or a selection that contradicts itself.
 * ERR_UNAVAILABLE: named packages that are neither installed nor to be had. Otherwise missing packages
 * are no error here: outcome.missing holds them all, and changes lacks them. After a failure *ret has wanted
 * and unknown, as far as they were found out, and nothing else.
 *
 * 1, and no outcome: packages that were chosen turned out to be of no use, which is noted (source/bad.h). The
 * next call chooses others; it ends, for each has news. What is bad already and chosen nevertheless, in want of
 * any other, is an error where it cannot even be read; that nobody vouches for it is for who judges to say.
 *
 * Where several candidates share a NEVRA, the one whose header digest the history or rpmdb knows is
 * preferred, then one with the installed package's vendor, then the order of the sources.
 */
_must_check_ int select_resolve(const struct selection *sel,
				const struct select_world *world, struct outcome *ret,
				struct error *err);
/* Further steps, those of the closure: they become changes as well. 1: as above, and the outcome is of no use
 * any more, either. */
_must_check_ int select_add(const struct select_world *world, struct steps *steps,
			    struct outcome *o, struct error *err);
void outcome_release(struct outcome *o);
void selection_release(struct selection *s);

#endif
