/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_SOURCE_H
#define PUTBACK_SOURCE_SOURCE_H
/*
 * Where package content comes from. Each kind is one file with a const ops table, listed in
 * source.c; the list keeps the user's order.
 */
#include "base/error.h"
#include "base/root.h"
#include "core/event.h"
#include "core/pkg.h"
#include "source/cache.h"

/* A package that a source has. Its pkg has no file list (HDR_IDENTITY). */
struct candidate {
	struct pkg *pkg;      /* owned by the source */
	uint32_t source;      /* index in the list */
	const char *location; /* for messages and for source_open_package() */
};

struct source;
struct source_ops {
	const char *kind;
	/* 1: the spec is mine; 0: not mine; opens nothing */
	int (*is_mine)(const char *spec);
	/* reads what is there; calls source_add() per package and source_remark() for what is
	   unreadable (a damaged file in a folder is a remark, not an error) */
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
	void (*release)(
		struct source *s); /* frees s->data; NULL: there is nothing to free */
};
/* The kinds, in the order in which a spec is offered to them (source.c). */
extern const struct source_ops cache_ops, folder_ops, rpmfile_ops;

struct source {
	const struct source_ops *ops;
	char *spec;	   /* as given: "cache", "/srv/rpms" */
	struct root *root; /* borrowed; for those inside the root */
	void *data;	   /* of the kind */
	ARRAY(struct candidate) found;
	struct strlist
		looked_at; /* folders and files gone through, for "missing, looked at ..." */
	struct strlist remarks; /* files that were no use, with the reason */
	bool indexed;
	uint32_t index; /* in the list */
};

struct sources {
	struct source **v;
	uint32_t n, cap;
	/* all candidates by name, arch, epoch, version, release, then order of sources */
	ARRAY(const struct candidate *) sorted;
};

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
/* All packages of a name (arch NULL: any). */
uint32_t sources_find_name(const struct sources *l, const char *name, const char *arch,
			   const struct candidate ***ret);
/* Read-only descriptor of the package file, opened without following a last symlink of the root. */
_must_check_ int sources_open_package(const struct sources *l, uint32_t source,
				      const char *location, struct error *err);

/* Whether it has headers only, and the files one by one. */
bool sources_lend(const struct sources *l, uint32_t source);
/* Read-only descriptor of a regular file of a package of such a source. */
_must_check_ int sources_open_file(const struct sources *l, uint32_t source,
				   const struct pkg *p, uint32_t file, struct error *err);

/* The package with its file list; ERR_FAILED should it be another one than when it was indexed. */
_must_check_ int sources_load(const struct sources *l, const struct candidate *c,
			      struct pkg **ret, struct error *err);

/* for the kinds */
void source_add(struct source *s, struct pkg *take, const char *location);
void source_remark(struct source *s, const char *fmt, ...) _printf_(2, 3);
/*
 * Reads one package's identity from fd and adds it. What is no regular file, no package, or a
 * source package becomes a remark.
 */
void source_add_file(struct source *s, int fd, const char *location);
bool source_has_rpm_suffix(const char *name); /* "x.rpm" */

#endif
