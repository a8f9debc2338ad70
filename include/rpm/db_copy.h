/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_COPY_H
#define PUTBACK_RPM_DB_COPY_H
/*
 * A private copy of the root's rpmdb, consistent and without a trace in the root: under a shared
 * lock on .rpm.lock, which is opened for reading and never made, and taken again when the files
 * changed meanwhile (an rpm that could not lock, because the file was not there, does that).
 */
#include "base/digest.h"
#include "base/scratch.h"
#include "rpm/db_find.h"

/* ERR_LOCKED when rpm holds the lock for more than 2 s, or when the files do not hold still. The
 * copy goes into a scratch folder, under its own name, with its -wal and -journal where they are. */
_must_check_ int db_copy(struct root *r, const struct db_place *from,
			 struct scratch **ret, uint64_t *ret_bytes,
			 struct digest *ret_digest, struct error *err);

/* SHA-256 over the databases of a directory: each of db_find_kinds, then the -wal of the first. What
 * is absent or empty does not count. */
_must_check_ int db_copy_digest(struct root *r, const char *dir, struct digest *ret,
				struct error *err);

/* The same of what it will be once the files of a folder of the host lie there, in place of its own of these names; whole:
 * in place of all. */
_must_check_ int db_copy_digest_over(struct root *r, const char *dir, const char *made,
				     bool whole, struct digest *ret, struct error *err);

/* A copy of the database that this host itself has in a folder (absolute path). 1: *ret holds it; 0: there
 * is none. No lock is taken: a copy that is torn cannot be read, and only keys are looked for. */
_must_check_ int db_copy_host(const char *folder, const struct db_kind *kind,
			      struct scratch **ret, struct error *err);

#endif
