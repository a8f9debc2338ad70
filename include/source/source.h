/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_SOURCE_H
#define PUTBACK_SOURCE_SOURCE_H
/*
 * A place that package content comes from. Each kind is one file with a const ops table, listed in
 * sources.c. What a source has goes into the catalog that all sources of a list share
 * (source/catalog.h), and is looked up there (source/sources.h).
 */
#include "base/error.h"
#include "base/root.h"
#include "core/event.h"
#include "core/pkg.h"
#include "source/bad.h"
#include "source/cache.h"
#include "source/catalog.h"

/* A package that a source has. Its pkg is what catalog_pkg() knows: who it is, who built and signed it;
 * sources_load() has the rest. */
struct candidate {
	struct pkg *pkg;
	uint32_t source; /* index in the list */
	int solvable;	 /* libsolv's Id in the list's catalog */
	char *location;	 /* for messages and for sources_open_package() */
};
struct candidates;
struct depot;
struct learned;

/* What a source has to be downloaded of a package. */
enum source_part {
	PART_HEADERS, /* enough for a plan: what stands before the payload, or more */
	PART_ALL
};

struct source;
struct koji_wanted;
struct source_ops {
	const char *kind;
	/* 1: the spec is mine; 0: not mine; opens nothing */
	int (*is_mine)(const char *spec);
	/* reads what is there: calls source_add_file(), source_add_head() or source_add() per package,
	   or has libsolvext fill s->repo; and source_remark() for what is unreadable (a damaged file in
	   a folder is a remark, not an error) */
	int (*index)(struct source *s, const struct observer *o, struct error *err);
	/* a read-only descriptor of the package; any thread may ask */
	int (*open_package)(struct source *s, const char *location, struct error *err);
	/* a source that lends files: open_package gives the headers only (hdr_write_package()), and
	   this a read-only descriptor of the regular file number file of the package; NULL: the
	   content is in what open_package gives */
	int (*open_file)(struct source *s, const struct pkg *p, uint32_t file,
			 struct error *err);
	/* the package with its file list; NULL: out of the header of what open_package gives */
	int (*load)(struct source *s, const char *location, struct pkg **ret,
		    struct error *err);
	/* an archive that has no list: adds those of the wanted packages that it has */
	int (*look_for)(struct source *s, const struct koji_wanted *v, uint32_t n,
			struct error *err);
	/* makes parts of packages ready for open_package, all at once; NULL: they are. What is not to be
	   had is noted as bad, and the others come all the same; -1 then, too */
	int (*fetch)(struct source *s, const char *const *locations, uint32_t n,
		     enum source_part part, const struct observer *o, struct error *err);
	/* whether open_package gives the headers only, until all is fetched; NULL: never */
	bool (*has_headers_only)(struct source *s, const char *location);
	/* whether some of it would still have to be downloaded, and how many bytes of it
	   (FETCH_SIZE_UNKNOWN); NULL: never */
	bool (*is_to_fetch)(struct source *s, const char *location, uint64_t *ret_bytes);
	void (*release)(
		struct source *s); /* frees s->data; NULL: there is nothing to free */
};
/* The kinds, in the order in which a spec is offered to them (source.c). */
extern const struct source_ops cache_ops, donor_ops, folder_ops, iso_ops, kit_ops,
	koji_ops, repos_ops, repository_ops, rpmfile_ops;

/* The root that a spec of the kind donor names; NULL: it is of another kind. */
const char *donor_root(const char *spec);

struct source_env;
struct source {
	const struct source_ops *ops;
	const struct source_env *env;  /* the list's; NULL: nothing is downloaded */
	char *spec;		       /* as given: "cache", "/srv/rpms" */
	char *shown;		       /* the same, without a password */
	struct root *root;	       /* borrowed; for those inside the root */
	void *data;		       /* of the kind */
	struct catalog *catalog;       /* the list's, with all sources in it */
	struct s_Repo *repo;	       /* what this one has */
	struct candidates *candidates; /* the list's */
	ARRAY(const struct candidate *) found; /* what source_add() was given */
	struct strlist
		looked_at; /* folders and files gone through, for "missing, looked at ..." */
	struct strlist remarks; /* files that were no use, with the reason */
	struct strlist hints;	/* for who misses a package: where it might be besides */
	ARRAY(uint32_t) asides; /* those of them that say nothing against it; rising */
	struct bads bad;	/* packages of it that are of no use after all */
	const struct depot
		*depot; /* borrowed; NULL: nothing is kept from one run to the next */
	struct learned *learned; /* while it is indexed */
	bool indexed;
	uint32_t index; /* in the list */
};

/* for the kinds */
/* One package, by its header (HEAD_DEPS): with all that the solver wants to know. Its solvable. */
int source_add_head(struct source *s, const struct head *h, const char *location);
/* One package of which no header is at hand; nobody will know what it needs. */
void source_add(struct source *s, struct pkg *take, const char *location);
void source_remark(struct source *s, const char *fmt, ...) _printf_(2, 3);
/* A remark on what is as it should be, and may yet explain why a package is missing. */
void source_aside(struct source *s, const char *fmt, ...) _printf_(2, 3);
/* Notes a download that failed, for want of a server that has it, as bad. */
struct fetch;
void source_not_had(struct source *s, const char *location, const struct fetch *f);
/*
 * Reads one package's header from fd and adds it; between learned_begin() and learned_end() only where
 * an earlier run did not. What is no regular file, no package, or a
 * source package becomes a remark.
 */
void source_add_file(struct source *s, int fd, const char *location);
bool source_has_rpm_suffix(const char *name); /* "x.rpm" */

#endif
