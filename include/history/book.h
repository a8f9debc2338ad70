/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_BOOK_H
#define PUTBACK_HISTORY_BOOK_H
/*
 * From the lines of a text log to entries. An entry begins where the log says that a program began,
 * or, where it says no such thing, after a silence; one without packages is none. Its number is the
 * second in which it began, as the log has it.
 */
#include "history/history.h"

struct book {
	struct history *h;
	const struct history_ops *ops;
	int64_t silence;      /* seconds that end an entry; 0: none do */
	/* whether a program that began last, and of which no package is told, is an entry without an end */
	bool (*keeps_last)(const struct history_entry *e);
	bool open;	      /* the last entry of h takes items */
	ARRAY(int64_t) times; /* of each item, in order: by entry, then by item */
};
#define cleanup_book __attribute__((cleanup(book_release)))
void book_release(struct book *b);

/* A program began. command, user: "" or in h's arena. */
void book_begin(struct book *b, int64_t time, const char *command, const char *user);
/* Something happened to a package; text: a whole NEVRA, arch included. What is none is passed over:
   NULL then. */
struct history_item *book_add(struct book *b, int64_t time, enum item_action action,
			      const char *text);
/* The entry that takes items; NULL: none has begun. */
struct history_entry *book_entry(struct book *b);
/* No more lines. */
void book_end(struct book *b);
/*
 * Times were local ones of the root: what the rpmdb says of packages that came is what tells by how
 * much they are off (a multiple of 15 minutes). After book_end().
 */
void book_shift(struct book *b, const struct pkgset *installed);

#endif
