/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_STORE_H
#define PUTBACK_SOURCE_STORE_H
/*
 * Where downloads lie: a folder of files, each under its own name once it is whole, and as NAME.part
 * before that. What lies there from an earlier run is of use again after its digest was checked.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/digest.h"
#include "base/error.h"

struct store_place {
	int dir;
	struct scratch *scratch; /* removed with the store; NULL: it is kept */
};
struct store {
	char *path; /* for messages */
	int dir;
	struct scratch *scratch; /* as of a place */
	/* of this run only: where more had to be downloaded than there was room for, the last is the newest */
	ARRAY(struct store_place) earlier;
};

/* The user's folder, made where it is missing. ERR_LOCKED: another putback is at it. */
_must_check_ int store_open(const char *path, struct store **ret, struct error *err);
/* In a folder that somebody else opened; dir is dup'ed. */
_must_check_ int store_at(int dir, const char *path, struct store **ret,
			  struct error *err);
/* For this run only: on a disk where there is one with room, else in memory, but never much of that.
 * ERR_REFUSED: neither has any. */
_must_check_ int store_temporary(struct store **ret, struct error *err);
void store_free(struct store *s);

/* The file to download into, with what an earlier run left: an fd for reading and writing. */
_must_check_ int store_begin(struct store *s, const char *name, struct error *err);
/* It is whole. */
_must_check_ int store_keep(struct store *s, const char *name, struct error *err);
/* Read-only: the whole file or, with part, else what there is of it; -1 with errno: there is nothing. */
int store_look(struct store *s, const char *name, bool part, bool *ret_whole);
/* Bytes that whoever writes there may still use; UINT64_MAX: nobody can tell. */
uint64_t store_room(const struct store *s);
/* Whether that much more leaves room to breathe. */
bool store_has_room(const struct store *s, uint64_t bytes);
/* Before that much is downloaded: one of this run only goes on in another place where it does not fit; else
 * ERR_REFUSED. */
_must_check_ int store_make_room(struct store *s, uint64_t bytes, struct error *err);
/* -1: of what went wrong while writing there err says where, should the room have run out. */
int store_err(const struct store *s, struct error *err);
/* Removes all that lies there; keep_parts: what was begun stays, for the next time. */
void store_empty(struct store *s, bool keep_parts);
void store_drop(struct store *s, const char *name);

/* "0123456789abcdef-NAME" of a digest, with what could not be in a file's name left out; the caller
 * frees. */
char *store_name(const struct digest *d, const char *name);
/* The same, of text in the place of a digest. */
char *store_name_of_text(const char *text, const char *name);

#endif
