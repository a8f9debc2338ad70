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
#include "source/source.h"

struct selection {
	bool undo;		 /* --undo */
	bool undo_last;
	int64_t undo_id;
	struct strlist packages; /* names and NEVRAs as given */
};


struct outcome {
	struct changes changes;
	struct strlist missing;	  /* NEVRAs that no source has */
	struct strlist looked_at; /* every place looked at */
	struct problems problems; /* e.g. the entry's package has changed since */
};

/*
 * Entry to undo is found in history; packages that came go, packages that went come back; what
 * changed since is told as a problem of severity SEV_NOTE. Named packages: without a version, the
 * newest one older than what is installed that the sources have; with one, exactly that.
 * ERR_USAGE: unknown entry. ERR_UNAVAILABLE: a named package that is neither installed nor to be
 * had. Missing packages of an entry are no error here: outcome.missing holds them all.
 *
 * Where several candidates share a NEVRA, the one whose header digest the history or rpmdb knows is
 * preferred, then one with the installed package's vendor, then the order of the sources.
 */
_must_check_ int select_resolve(const struct selection *sel, const struct pkgset *installed,
				const struct history *history, struct sources *sources,
				struct outcome *ret, struct error *err);
void outcome_release(struct outcome *o);
void selection_release(struct selection *s);

/* rpm's comparison of epoch:version-release (rpmvercmp): -1, 0, 1 */
int select_evr_cmp(const struct nevra *a, const struct nevra *b);

#endif
