/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_H
#define PUTBACK_RPM_DB_H
/*
 * The root's rpmdb, read from a private copy. The root is not changed by a byte: the database file
 * is copied with its -wal and its -journal, under the root's .rpm.lock where there is one (a
 * shared fcntl lock on a descriptor opened for reading), into a scratch folder of the host, and
 * only the copy is ever opened. Looked for at usr/lib/sysimage/rpm, var/lib/rpm, usr/share/rpm of the
 * root (rpm's %_dbpath of the distributions); the host's macros do not count.
 *
 * A database that cannot be read is an error that names it and says why (truncated, garbage, Berkeley DB
 * where the librpm at hand lacks it); it is never taken for an empty one.
 */
#include "base/digest.h"
#include "base/root.h"
#include "base/scratch.h"
#include "core/change.h"
#include "core/event.h"
#include "core/plan.h"
#include "rpm/db_find.h"
#include "rpm/db_rows.h"
#include "rpm/reader.h"

struct db {
	char *dir;	  /* canonical path of the resolved directory in the root */
	char *found_at;	  /* as found: "usr/lib/sysimage/rpm", maybe a link to dir */
	const char *file; /* "rpmdb.sqlite", "Packages", "Packages.db" */
	enum db_backend backend;
	bool writable;		 /* the librpm at hand knows and writes this backend */
	char *unknown;		 /* why that could not be found out, or NULL */
	uint32_t count;		 /* headers, pseudo packages included */
	uint64_t bytes;		 /* size of the files copied */
	struct digest digest;	 /* of the database's logical files, see db_digest() */
	struct scratch *scratch; /* holds the private copy */
};

/*
 * The librpm at hand does not write it, as none of today writes Berkeley DB, few write ndb, and SUSE's no sqlite, but the
 * root's own rpm can rebuild it from what db_rewrite() puts down.
 */
static inline bool db_is_for_root(const struct db *db)
{
	return !db->writable && !db->unknown;
}

/* Finds, copies, opens, checks. ERR_LOCKED when rpm holds it (waits up to 2 s); whoever holds
 * rpm's lock for writing himself must have opened before. */
_must_check_ int db_open(struct root *r, struct db **ret, struct error *err);
void db_free(struct db *db);
/* That all of the private copy can be had, as db_open() does it; sets count. */
_must_check_ int db_check_copy(struct db *db, struct error *err);
/* All installed packages with file lists, sorted by nevra_cmp. Damaged headers are an error. */
_must_check_ int db_load(struct db *db, struct pkgset *ret, const struct observer *o,
			 struct error *err);
/*
 * The packages as they were when the log of the database was last written back: without its -wal, the main
 * file is the database of that time. rpm does that when it ends, so behind one that was killed this is what
 * was installed before it began, or, had it done very much, at some moment of it. 1: *ret, sorted; 0: there
 * is no log with anything in it, or what is without it is no whole database.
 */
int db_load_before(struct root *r, const struct db *db, struct pkgset *ret);
/* Of the installed packages those that the installed package `by` obsoletes, which rpm removes with its
 * installation (lib/depends.c: addObsoleteErasures()). fn is called with each. */
_must_check_ int db_obsoletes(const struct db *db, const struct pkg *by,
			      const struct pkgset *installed,
			      void (*fn)(void *ctx, struct pkg *p), void *ctx,
			      struct error *err);
/* Sets pkg.beside of the installed packages that are called like one of the names, patterns as fnmatch(3) has them, or
 * provide it, as dnf's installonlypkgs has it. */
_must_check_ int db_beside(const struct db *db, const struct strlist *names,
			   struct pkgset *installed, struct error *err);
/* Of each record, and of one, what its header says: see reader_rows(), reader_row(). */
_must_check_ int db_heads(const struct db *db, unsigned parts, reader_fn fn, void *ctx,
			  struct error *err);
_must_check_ int db_head(const struct db *db, uint32_t instance, unsigned parts, int copy,
			 const char *what, struct head *ret, struct error *err);
/* Each record, unparsed; for a child that has them parsed (rpm/reader.h). */
_must_check_ int db_each(const struct db *db, db_row_fn fn, void *ctx, struct error *err);
/* The one of that number. */
_must_check_ int db_one(const struct db *db, uint32_t instance, db_row_fn fn, void *ctx,
			struct error *err);
/*
 * SHA-256 over the database of a directory of the root: main file, then -wal unless empty or
 * absent; -shm does not count. Tells whether packages came or went (queries alone do not count).
 */
_must_check_ int db_digest(struct root *r, const char *dir, struct digest *ret,
			   struct error *err);
/* As it will be with a new database's files from the folder made in place of those of the same kind, or (whole) of
 * all. */
_must_check_ int db_digest_with(struct root *r, const char *dir, const char *made,
				bool whole, struct digest *ret, struct error *err);

/*
 * rpmdbCookie() of a database in a folder of the host, by which package managers tell whether
 * packages came or went since; "" where librpm gives none. In a child process. The caller frees.
 */
_must_check_ int db_cookie(const char *folder, enum db_backend backend, char **ret,
			   struct error *err);

/* Gives a descriptor of the package of a change; the caller closes it. May be called in a child. */
typedef int (*db_open_pkg_fn)(void *ctx, uint32_t change, struct error *err);

/*
 * Would the dependencies hold? librpm's check of the installed set with the changes. Breaks that
 * the changes add become PROBLEM_DEPENDENCY (SEV_REFUSE), those that were there before
 * PROBLEM_DEPENDENCY_OLD (SEV_NOTE). Before means: the package that stays, or the version that is
 * replaced, had the same dependency unsatisfied. A feature of librpm that a package
 * needs and this host's librpm lacks (rpmlib(...)) is always SEV_REFUSE.
 */
_must_check_ int db_check_deps(struct db *db, const struct changes *changes,
			       db_open_pkg_fn open_pkg, void *ctx, struct problems *ret,
			       struct error *err);

/* The order in which rpm would do the changes (rpmtsOrder()): each package that comes, each that goes. */
struct change_order {
	struct change_step {
		uint32_t change;
		bool comes;
	} * v;
	uint32_t n, cap;
};
_must_check_ int db_check_order(struct db *db, const struct changes *changes,
				db_open_pkg_fn open_pkg, void *ctx,
				struct change_order *ret, struct error *err);

/*
 * Builds the database after the changes in a scratch folder, in a child process: the records that
 * go are taken out, librpm adds those that come, indices and all, with the plan's install states;
 * states of packages that stay are corrected; no transaction of librpm runs, so no script, trigger or plugin
 * can, and no path of the host is looked at. Then the result is compared with the wanted
 * set, and the log written back, so that the main file alone is whole.
 *
 * ret->path holds the complete content of the new database directory's database files (sqlite: one;
 * ndb: Packages.db and Index.db), with mode 0600: owner and mode are the caller's to set. Where
 * db_is_for_root(), it is the records alone (rpm/db_bdb.h), for db_rebuilt.h. ERR_FAILED where it
 * could not be found out who is to write it.
 */
_must_check_ int db_rewrite(struct db *db, const struct plan *plan,
			    db_open_pkg_fn open_pkg, void *ctx, struct scratch **ret,
			    struct error *err);
/* The same in two halves, for work meanwhile. All arguments must outlive the job. */
struct db_rewrite;
_must_check_ int db_rewrite_start(struct db *db, const struct plan *plan,
				  db_open_pkg_fn open_pkg, void *ctx,
				  struct db_rewrite **ret, struct error *err);
/* Waits; frees the job in every case. */
_must_check_ int db_rewrite_finish(struct db_rewrite *job, struct scratch **ret,
				   struct error *err);
void db_rewrite_free(struct db_rewrite *job); /* gives it up; NULL does nothing */

#endif
