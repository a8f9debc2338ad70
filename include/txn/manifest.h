/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_MANIFEST_H
#define PUTBACK_TXN_MANIFEST_H
/*
 * The manifest: `.putback/7/manifest` in each area of transaction 7. What the slots beside it hold and
 * where that belongs, so that it can be put back where the journal is gone (txn/salvage.h). Lines
 * of text, so that one bad block costs no more than the lines on it, and that a rescuer can read it.
 *
 *	putback manifest 1
 *	SUM transaction ID BEGUN TITLE
 *	SUM area N ID TOP              each area of the transaction
 *	SUM here N INO BTIME           which of them this is, and the identity of its file `area`
 *	SUM rpmdb DIGEST DIR           of before the transaction
 *	SUM rpmdb-new DIGEST           what it brings
 *	SUM op N KIND REASON DB OLD NEW PATH [PATH2]      each task of this area
 *	SUM dir SIDES AFTER BEFORE INO BTIME PATH         each mtime that a directory gets back
 *	SUM pin MARKS STAYS INO BTIME PATH                each mark of chattr(1), `i`, `a` or `ia`
 *	SUM end LINES
 *
 * OLD and NEW: INO,BTIME,MODE,UID,GID,MTIME,SIZE,CAPS with the mode octal and capabilities in hex; `-`
 * where there is no object. Paths have a slash in front. Bytes of a word that are no printable ASCII,
 * blanks and % are written %XX; a lone % is the empty word. SUM: FNV-1a of the line behind it, 8 hex digits.
 *
 * Invariants: it is complete and durable before READY, and never written again; who finds a directory
 * of a transaction without a manifest, or one without its end, knows that this transaction has not
 * moved an original into it. It goes with the directory, by forget, and before anything else in any of them: what is
 * half removed belongs nowhere any more.
 *
 * A manifest found in a root is input like any other: what passes can only act beneath the root.
 */
#include "txn/run.h"

#define MANIFEST_FILE	"manifest"
#define MANIFEST_FORMAT 1

/* Into each area of the run, whose tasks, stamps and pins are complete. */
_must_check_ int manifest_write(struct run *t, const char *title, struct error *err);
/* Durable when it returns. No directory or none in it is no error. */
_must_check_ int manifest_remove(struct area *a, int64_t id, struct error *err);

/* What is in one beside tasks, stamps and areas. */
struct manifest {
	int64_t begun;
	char *title;
	bool copied; /* its area was copied: inode numbers are not those that it knows */
	bool complete;	  /* it has its end, and each line */
	uint32_t damaged; /* lines that are not as they were written */
};
void manifest_release(struct manifest *m);

/*
 * Reads that of the area a, whose directory of t->id is open, and adds what it says to t: areas (of
 * which the one that it speaks of becomes a, the rest have no descriptors), tasks, stamps, pins, db_dir.
 * 1: *ret is written, and the area moved into t; 0: there is none; -1: it is not to be believed, from a newer version,
 * or of another transaction than what t holds already; t is then as it was.
 */
_must_check_ int manifest_read(struct area *a, struct run *t, struct manifest *ret,
			       struct error *err);

/* A line's sum. */
uint32_t manifest_sum(const char *line, size_t n);

#endif
