/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_SOURCES_H
#define PUTBACK_SOURCE_SOURCES_H
/*
 * The list of sources, in the user's order, and what they have: one index over all of them, which
 * is a catalog (source/catalog.h), and its packages as candidates.
 *
 *	sources_add() ... sources_index()	then ask: sources_find(), sources_find_name()
 *	sources_candidate()			from libsolv's Id to the candidate; back: c->solvable
 */
#include "source/source.h"

struct sources {
	struct source **v;
	uint32_t n, cap;
	struct catalog *catalog;       /* NULL before the first is added */
	struct candidates *candidates; /* those that somebody asked for */
	struct depot *depot;	       /* NULL: nothing is kept */
	const struct source_env
		*env;	     /* borrowed; set before the first is added; may be NULL */
	struct asked *asked; /* for what archives were asked already */
};

/*
 * Before any is added: where to keep what the next run can use. cache: of --cache, NULL for the place that
 * source/depot.h names. Not called, nothing is kept.
 */
_must_check_ int sources_keep(struct sources *l, const char *cache, const struct root *r,
			      struct error *err);

/* Adds one by its spec; a spec that names nothing that exists is ERR_USAGE. r: borrowed. */
_must_check_ int sources_add(struct sources *l, const char *spec, struct root *r,
			     struct error *err);
/* Adds one of a given kind; nothing is looked at. */
struct source *sources_add_kind(struct sources *l, const struct source_ops *ops,
				const char *spec, struct root *r);
/* Reads all that were not read yet. Before it, and before adding another, nothing is found. */
_must_check_ int sources_index(struct sources *l, const struct observer *o,
			       struct error *err);
void sources_release(struct sources *l);

/* All that have this NEVRA, in order of sources. The caller frees the array, not what it points at. */
uint32_t sources_find(const struct sources *l, const struct nevra *id,
		      const struct candidate ***ret);
/* All packages of a name (arch NULL: any), by arch; versions in no order of newer and older. */
uint32_t sources_find_name(const struct sources *l, const char *name, const char *arch,
			   const struct candidate ***ret);
/* The candidate that a solvable of the catalog stands for; NULL: it is an installed package. */
const struct candidate *sources_candidate(const struct sources *l, int solvable);
/* How many packages all sources have. */
uint32_t sources_count(const struct sources *l);

/* Read-only descriptor of the package file, opened without following a last symlink of the root. */
_must_check_ int sources_open_package(const struct sources *l, uint32_t source,
				      const char *location, struct error *err);

/* Whether it has headers only, and the files one by one. */
bool sources_lend(const struct sources *l, uint32_t source);
/* Read-only descriptor of a regular file of a package of such a source. */
_must_check_ int sources_open_file(const struct sources *l, uint32_t source,
				   const struct pkg *p, uint32_t file, struct error *err);

/* Looks for these in the archives that have no list (source/koji.h); what they have can be found then. What
 * was looked for before is not looked for again. */
_must_check_ int sources_look_for(const struct sources *l, const struct koji_wanted *v,
				  uint32_t n, struct error *err);
/* Whether there is such an archive. */
bool sources_look(const struct sources *l);
/*
 * Downloads what is needed of packages, all at once: before they are loaded one by one (PART_HEADERS),
 * and before their payload is read (PART_ALL). What is not to be had is ERR_UNAVAILABLE with each URL and
 * reason, and is bad from then on; the others are there nevertheless. Where nothing has to be downloaded it
 * does nothing.
 */
struct wanted_package {
	uint32_t source;
	const char *location; /* borrowed */
};
_must_check_ int sources_fetch(const struct sources *l, const struct wanted_package *v,
			       uint32_t n, enum source_part part, struct error *err);
/* Adds every place that was looked at, and what else who misses a package will want to know of. */
void sources_say_where(const struct sources *l, struct strlist *ret);
/* Whether packages of this source are downloaded. */
bool sources_download(const struct sources *l, uint32_t source);
/* Whether sources_open_package() gives the headers only up to now. */
bool sources_have_headers_only(const struct sources *l, uint32_t source,
			       const char *location);
/* Whether PART_ALL of it would download anything, and how much; FETCH_SIZE_UNKNOWN: nobody can tell. */
bool sources_is_to_fetch(const struct sources *l, uint32_t source, const char *location,
			 uint64_t *ret_bytes);

/*
 * What turned out to be of no use (source/bad.h). Such a package is found like any other, so that it can be
 * told why it is not taken; who chooses takes it where there is nothing else.
 */
const struct bad *sources_bad(const struct sources *l, const struct candidate *c);
const struct bad *sources_bad_at(const struct sources *l, uint32_t source,
				 const char *location);
/* Whether any package of this NEVRA is of use as far as that is known. */
bool sources_have_good(const struct sources *l, const struct nevra *id);
/* Whether it is news. */
bool sources_condemn(const struct sources *l, uint32_t source, const char *location,
		     enum error_kind kind, const char *why);
/* How many there are: it grows, or there was no news. */
uint32_t sources_count_bad(const struct sources *l);

/* The package with its file list; ERR_FAILED should it be another one than when it was indexed. */
_must_check_ int sources_load(const struct sources *l, const struct candidate *c,
			      struct pkg **ret, struct error *err);

#endif
