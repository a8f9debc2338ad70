/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_LEARNED_H
#define PUTBACK_SOURCE_LEARNED_H
/*
 * What an earlier run read of a source, so that this one need not read it again: the source's Repo,
 * written as libsolv writes it, in the depot. Each package in it has the identity of the file that it
 * was read from (size, mtime, ctime, inode number), and counts only while that is the same.
 *
 *	learned_begin()		what was learned is in the Repo, and counts for nothing yet
 *	learned_has()		per file: the package is there, and its file the same
 *	learned_end()		what was not asked for goes; the rest is kept for the next run
 *
 * It spares reading, never checking: before a package is used its header is read from its own file,
 * compared with what was learned, and judged. A file that does not end in the digest of all before
 * is passed over, so that libsolv sees what it wrote itself.
 */
#include <stdbool.h>
#include <sys/stat.h>

struct learned;
struct source;

/* name: tells sources apart, as no two of a kind have the same. Without a depot nothing is learned. */
void learned_begin(struct source *s, const char *name);
bool learned_has(struct source *s, const char *location, const char *identity);
/* As learned_has(), for all there is: true if something is there and all of it has that identity. */
bool learned_has_all(struct source *s, const char *identity);
/* Notes what a package that was just added was read from; NULL: that cannot be told. */
void learned_note(struct source *s, int solvable, const char *identity);
/* -1: indexing failed, and what was read is not kept; 0: it is */
void learned_end(struct source *s, int rc);
void learned_free(struct learned *l); /* NULL does nothing */

/*
 * The identity of a file; the caller frees. NULL where it changed so lately that it may change
 * again without a trace, the clock of a file system being coarse.
 */
char *learned_identity(const struct stat *st);

#endif
