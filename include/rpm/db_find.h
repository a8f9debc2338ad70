/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_FIND_H
#define PUTBACK_RPM_DB_FIND_H
/* Where the root keeps its rpmdb. Several files may look like one: a query by an rpm that lacks the
 * right backend leaves an empty database of another kind beside it. */
#include "base/error.h"
#include "base/root.h"

enum db_backend { DB_SQLITE, DB_BDB, DB_NDB };
const char *db_backend_name(enum db_backend b); /* "sqlite", "bdb", "ndb" */
const char *db_backend_file(enum db_backend b); /* "rpmdb.sqlite", "Packages", "Packages.db" */

struct db_place {
	char *found_at;	  /* "usr/lib/sysimage/rpm", maybe a link to dir */
	char *dir;	  /* canonical path of the directory in the root */
	const char *file; /* "rpmdb.sqlite"; static */
	enum db_backend backend;
};
struct db_places {
	struct db_place *v;
	uint32_t n, cap;
};

/* All there are, the likeliest first. None is ERR_FAILED and says where it was looked for. */
_must_check_ int db_find(struct root *r, struct db_places *ret, struct error *err);
void db_find_release(struct db_places *p);

/* The files that may hold an rpmdb's headers in a folder, in the order of db_find(). */
struct db_kind {
	const char *file;
	enum db_backend backend;
};
extern const struct db_kind db_find_kinds[3];

/*
 * Whether a file of an rpmdb's folder is part of a database, of whatever kind; fd is open on it. What passes is
 * there for those who have it open: Berkeley DB's environment.
 */
enum db_part { DB_PART_NONE, DB_PART_PASSING, DB_PART_LASTING };
enum db_part db_find_is_part(const char *name, int fd);

/* The folders of a root, canonical, that distributions have their rpmdb in. */
extern const char *const db_find_folders[3];

#endif
