/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_DEPOT_H
#define PUTBACK_SOURCE_DEPOT_H
/*
 * The folder of the host where putback keeps what the next run can use: indices of sources, and what
 * is downloaded or taken out of an image. --cache DIR names it; else it is putback in
 * $XDG_CACHE_HOME, in $HOME/.cache, or /var/cache/putback where there is neither. Unless it was named it
 * is never one that lies in the root, and never gets anything big: a rescue system's home is memory.
 *
 * Whatever lies in it may be deleted at any time, is believed only as far as a file of our own user
 * that nobody else can write is, and decides nothing about trust.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/root.h"

struct depot {
	char *path;
	bool named; /* by --cache: may take what is big */
};

/*
 * Where it is, for who is to be confined to it; made where it is missing. root: its path, or NULL. As
 * depot_open() otherwise; the caller frees *ret.
 */
_must_check_ int depot_place(const char *given, const char *root, char **ret,
			     struct error *err);
/*
 * given: of --cache, or NULL; r: NULL for none. A given one that cannot be made or written is ERR_USAGE.
 * Without one, *ret is NULL where no place is fit.
 */
_must_check_ int depot_open(const char *given, const struct root *r, struct depot **ret,
			    struct error *err);
void depot_free(struct depot *d); /* NULL does nothing */

/* "DEPOT/name"; the caller frees */
char *depot_path(const struct depot *d, const char *name);
/* Whether bytes more would leave room to breathe, on disk or, for a file system in memory, there. */
bool depot_has_room(const struct depot *d, uint64_t bytes);
/* A file of it, for reading: only a regular one that is ours and that nobody else may write; or -1. */
int depot_open_file(const struct depot *d, const char *name);
/*
 * A file without a name for that many bytes of what: in a depot that was named; else in memory, a small part of
 * what there is of that; else in $TMPDIR or /var/tmp where these are on a disk. d may be NULL.
 * ERR_REFUSED where none of them has room.
 */
_must_check_ int depot_temporary(const struct depot *d, uint64_t bytes, const char *what,
				 struct error *err);
/* Keeps the n newest files whose names end in suffix, and removes the others. */
void depot_prune(const struct depot *d, const char *suffix, uint32_t n);

#endif
