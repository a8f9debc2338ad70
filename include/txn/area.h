/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_AREA_H
#define PUTBACK_TXN_AREA_H
/*
 * An area: the directory `.putback` at the top of one file system (mount or subvolume) of the root.
 *
 *	.putback/area            format and the area's own random id
 *	.putback/journal.sqlite  in the area at the top of the root only
 *	.putback/7/123           slot of op 123 of transaction 7: the staged object before, the
 *	                         original after
 *	.putback/7/123.old       the original between the steps of an exchange in three renames
 *	.putback/7/123.kept      what a forced undo found in the way
 *
 * It must be a real directory, root's, 0700: whatever else is there was planted (where a file system keeps
 * neither owners nor modes, it has those that it was mounted with). The top's mtime is
 * what it was before `.putback` came, and again what it was before `.putback` went.
 */
#include "base/root.h"
#include "core/fact.h"

#define AREA_DIR       ".putback"
#define AREA_ID_LENGTH 32
#define AREA_FORMAT    1
#define JOURNAL_FILE   "journal.sqlite"

struct area {
	char *top;		     /* canonical path of the directory that holds it */
	char id[AREA_ID_LENGTH + 1]; /* hex; "" where the file `area` is not there */
	struct identity self; /* of the file `area`: a copy of an area has another one */
	uint64_t mnt_id, dev; /* of the file system; mnt_id 0: not known */
	int fd;		      /* of the directory, good for syncfs; -1 */
	int slots;	      /* of a transaction's directory in it; -1 */
	bool no_exchange;     /* the file system cannot exchange two names in one step */
	bool plain;	      /* it keeps neither owners nor modes (vfat) */
	bool logged; /* what is durable may not be in its place yet: txn/freeze.h */
	bool folds;  /* names that differ in case only are one */
	bool weak; /* inode numbers do not last there: an object is known by its content */
};
struct areas {
	struct area *v;
	uint32_t n, cap;
};
void area_release(struct area *a);
void areas_release(struct areas *l);

/*
 * Opens the area at the canonical path top, or looks at the file system where there is none: 1: it is
 * there, 0: it is not (ret then holds all but fd and id), -1: planted, damaged (sys EBADMSG), of a newer version.
 */
_must_check_ int area_open(struct root *r, const char *top, struct area *ret,
			   struct error *err);
/* The same for who goes by manifests alone: where the file `area` tells nothing, the area has no id, and *ret_damaged. */
_must_check_ int area_open_unnamed(struct root *r, const char *top, struct area *ret,
				   bool *ret_damaged, struct error *err);
/* Makes the area that area_open() did not find, or found without its file, with the id that it has by now
 * (txn/area_id.h). */
_must_check_ int area_make(struct root *r, struct area *a, struct error *err);
/* 32 random hex digits and a NUL */
void area_random_id(char *ret);
/* Removes the file that tells nothing: a next transaction makes it anew (txn/area_id.h). */
_must_check_ int area_remove_id(struct area *a, struct error *err);
/* Removes it if nothing but its own file is left in it; 1 then, else 0. Beside the journal of
 * transactions that are all forgotten, the file goes and the directory stays. */
_must_check_ int area_remove(struct root *r, struct area *a, struct error *err);
/* Finishes what a crash left of making or removing `.putback`, the top's mtime, and of freezing. */
void area_settle(struct root *r, const char *top);

/* The transaction's directory: made new, opened (1: there, 0: not), removed with all that is in it. */
_must_check_ int area_make_slots(struct area *a, int64_t id, struct error *err);
_must_check_ int area_open_slots(struct area *a, int64_t id, struct error *err);
_must_check_ int area_remove_slots(struct area *a, int64_t id, struct error *err);
/* The transactions that the area has a directory of, in no order; and the highest of them, 0: none. */
struct ids {
	int64_t *v;
	uint32_t n, cap;
};
_must_check_ int area_list_slots(const struct area *a, struct ids *ret,
				 struct error *err);
_must_check_ int area_last_slots(const struct area *a, int64_t *ret, struct error *err);
/* A number, as a transaction's directory has for its name. */
bool area_is_slots_name(const char *name);
#define TXN_ID_MAX 999999999999999 /* of 15 digits, as such a name has at most */
/* The highest in the areas of all file systems that are mounted at or beneath the root. One that is not to be trusted
 * does not count. */
_must_check_ int areas_last_slots(struct root *r, int64_t *ret, struct error *err);

/* Index of the area of the file system that holds (or will hold) the canonical path; it is added
 * where it is new, not opened. dir: path is a directory that is there, and its own inside counts.
 * ERR_REFUSED: the directory at its top is the top of another one, too, mounted twice. */
_must_check_ int areas_of(struct root *r, struct areas *l, const char *path, bool inside,
			  uint32_t *ret, struct error *err);
/* "the file system at '/boot'", "the root's file system"; static text of eight in turn */
const char *area_name(const struct area *a);

#endif
