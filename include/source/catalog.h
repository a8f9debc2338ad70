/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_CATALOG_H
#define PUTBACK_SOURCE_CATALOG_H
/*
 * The index over all sources: a pool of libsolv with one Repo per source, and one for what is
 * installed. A package is a Solvable; its number (libsolv's Id) is how the rest of the program
 * speaks of it, and sources.h makes a candidate of it when somebody asks.
 *
 *	a source indexes	catalog_add_head(), or libsolvext fills its Repo; catalog_sort()
 *	who has it?		catalog_find(): numbers, in the order of the sources
 *	what does it need?	catalog_add_installed(), catalog_prepare(), then libsolv's solver on
 *				catalog.pool
 *
 * What a Solvable has of its package: name, epoch:version-release, arch, vendor, all eight kinds of
 * dependencies with rich ones, the complete file list where it came from a header (of a repository:
 * what its primary has), build time, installed size, and what the functions below tell. Nothing in
 * it is verified: before a package is used, its own header is read again and judged.
 *
 * Not for threads. An Id holds as long as the catalog does.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/error.h"
#include "core/pkg.h"
#include "rpm/head.h"

struct s_Pool;
struct s_Repo;

struct catalog {
	struct s_Pool *pool;
	struct s_Repo *installed; /* NULL before catalog_add_installed() */
	/* solvables of the sources by name's Id, then arch, EVR, order of sources, location */
	ARRAY(int) sorted;
	struct {
		int header, location, keyid, stream, file,
			offset; /* Ids of our own attributes' names */
	} key;
};

struct catalog *catalog_new(void);
void catalog_free(struct catalog *c);

/* A new Repo. Those of sources are made in the order of the sources. */
struct s_Repo *catalog_add_repo(struct catalog *c, const char *name);

/* A package of a header, with dependencies and files: HEAD_DEPS. Its Id. */
int catalog_add_head(struct catalog *c, struct s_Repo *repo, const struct head *h);
/* A package of which no more than p is known: it needs nothing and provides itself. */
int catalog_add_pkg(struct catalog *c, struct s_Repo *repo, const struct pkg *p);
void catalog_set_location(struct catalog *c, int id, const char *location);
/* The identity of the file that it was read from: see source/learned.h. */
void catalog_set_file(struct catalog *c, int id, const char *identity);
/* Where it lies in a bigger file; offset -1: not in one piece. */
void catalog_set_range(struct catalog *c, int id, int64_t offset, uint64_t size);
void catalog_range(const struct catalog *c, int id, int64_t *ret_offset,
		   uint64_t *ret_size);
/* All packages of a Repo, in no order, ready to be asked about; *ret is the caller's to free. */
uint32_t catalog_list(const struct catalog *c, struct s_Repo *repo, const int **ret);

/* Once a Repo is filled or changed, before anything is looked up in it. */
void catalog_sort(struct catalog *c);
/* Takes out of a Repo what could be no package by its name, version or release (a repository may say
 * anything), so that neither a user nor the solver comes upon it. How many there were. */
uint32_t catalog_drop_unfit(struct catalog *c, struct s_Repo *repo);

/*
 * All of the sources' packages of a name, of an arch, of an EVR (NULL: any; an EVR goes with an arch).
 * Returns how many; *ret points at the first of them: by arch, the EVRs of an arch in no order of
 * newer and older, those of one EVR by order of sources. Source packages are never found.
 */
uint32_t catalog_find(const struct catalog *c, const char *name, const char *arch,
		      const struct nevra *evr, const int **ret);

/* A package out of what the catalog knows: id, nevra, vendor, keyid, stream, hdrdigest, buildtime, size. */
struct pkg *catalog_pkg(const struct catalog *c, int id);
/* As given, or a repository's path; in libsolv's temporary space: copy it. NULL: none. */
const char *catalog_location(const struct catalog *c, int id);

/* What a package says that it obsoletes; see hdr_each_dep(). */
void catalog_each_obsoleted(const struct catalog *c, int id, hdr_dep_fn fn, void *ctx);

/*
 * The installed packages as Repo c->installed, which is the pool's installed one, and the root's
 * architecture as the pool's (that of most packages; libsolv knows what else such a machine runs).
 * Of each, the number of its record in the rpmdb is the solvable's rpmdbid.
 */
struct db;
_must_check_ int catalog_add_installed(struct catalog *c, const struct db *db,
				       const struct pkgset *installed, struct error *err);
/* The record's number of an installed solvable; 0: it is a source's. */
uint32_t catalog_instance(const struct catalog *c, int id);
/* The solvable of an installed package; 0: there is none, as before catalog_add_installed(). */
int catalog_installed_id(const struct catalog *c, const struct pkg *p);

/* Makes the pool ready for the solver, and again after a change: what provides what, paths too. */
void catalog_prepare(struct catalog *c);

#endif
