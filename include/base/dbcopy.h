/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_DBCOPY_H
#define PUTBACK_BASE_DBCOPY_H
/*
 * A private copy of a SQLite database of the root. It is the copy that SQLite gets to see, so
 * nothing in the root changes, and a -wal or a hot -journal counts: without the former the newest
 * rows are lost in silence, without the latter the file may be malformed. The -shm stays
 * behind; SQLite makes it anew.
 *
 * A -journal that names a super-journal is refused: SQLite would look for that name on the host,
 * and delete the file it finds (https://www.sqlite.org/fileformat2.html, "The Rollback Journal").
 */
#include "base/root.h"
#include "base/scratch.h"

/*
 * path: canonical. 1: ret holds a folder with the database under its own name; 0: there is no such
 * file; -1: it could not be copied (not a regular file, more than 4 GiB, read error).
 */
_must_check_ int dbcopy_sqlite(struct root *r, const char *path, struct scratch **ret,
			       struct error *err);

/* Whether a rollback journal (fd, read from any offset) ends in the name of a super-journal. */
bool dbcopy_names_super_journal(int fd);

#endif
