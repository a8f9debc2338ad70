/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_REPOSITORY_H
#define PUTBACK_SOURCE_REPOSITORY_H
/*
 * Repositories with repodata/: over http and https, or as file:///DIR of this host, or of the root where its
 * own configuration says so.
 *
 *	repomd.xml	from the first mirror that gives a proper one; its digest by the metalink; its
 *			signature repomd.xml.asc, where it has one and a key was given
 *	primary		by the digest that repomd.xml has of it, read by libsolvext into the catalog
 *	packages	by the digest that primary has of them: for a plan the bytes before the payload
 *			(primary tells where it begins), for a run the rest
 *
 * Sources: createrepo_c; dnf.conf(5) for what a .repo file says.
 */
#include "base/strmap.h"
#include "source/fetch.h"
#include "source/repomd.h"
#include "source/source.h"

struct store;

/* A package that somebody asked for. */
struct repository_package {
	char *location;
	char *name;	      /* in the store */
	struct strlist bases; /* of its own; else the repository's */
	struct digest digest;
	uint64_t size;	  /* FETCH_SIZE_UNKNOWN */
	uint64_t headers; /* bytes before its payload; 0: not known */
	bool whole, begun;
	struct store *store; /* where it lies */
};

struct repository {
	char *name;   /* for messages */
	char *folder; /* on this host; NULL: it is downloaded */
	struct root *root; /* borrowed: the folder is a path of it; NULL: of this host */
	struct strlist bases;
	char *mirrors; /* URL of a metalink or a list, or NULL */
	struct fetch_auth auth;
	struct scratch *secrets; /* files of auth that were copied out of the root */
	bool must_be_signed;	      /* repo_gpgcheck */
	ARRAY(struct digest) digests; /* that repomd.xml may have, by the metalink */
	struct strmap by_location;    /* -> solvable */
	struct arena mem;	      /* its keys */
	ARRAY(struct repository_package) packages;
	struct strmap by_package; /* location -> index of packages */
};

struct repository *repository_new(const char *name);
void repository_free(struct repository *r);
/* "file:///a%20b": "/a b"; the caller frees */
char *repository_folder_of_url(const char *url);

/* Reads repomd.xml and primary into the source's Repo. -1: none of it is in there. */
_must_check_ int repository_read(struct source *s, struct repository *r,
				 const struct observer *o, struct error *err);

/* For one that is a folder: a regular file of it, opened for reading; of one in the root no link leads out of
 * that. */
int repository_local_open(const struct repository *r, const char *path,
			  struct error *err);
bool repository_local_has(const struct repository *r, const char *path);
char *repository_local_path(const struct repository *r,
			    const char *path); /* for messages; the caller frees */

/* Downloads parts of its packages. */
_must_check_ int repository_fetch(struct source *s, const char *const *locations,
				  uint32_t n, enum source_part part,
				  const struct observer *o, struct error *err);
int repository_open_package(struct source *s, const char *location, struct error *err);
bool repository_has_headers_only(struct source *s, const char *location);
bool repository_is_to_fetch(struct source *s, const char *location, uint64_t *ret_bytes);

#endif
