/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_MANIFEST_LINE_H
#define PUTBACK_TXN_MANIFEST_LINE_H
/* The lines of a manifest, behind its first: their grammar is in txn/manifest.h. */
#include "txn/manifest.h"

/* What one manifest says, before it is joined with what the others said. */
struct manifest_lines {
	struct manifest m;
	int64_t id; /* the transaction that it must be of */
	struct areas areas;
	uint32_t here; /* which of them it speaks of; NO_INDEX: it does not say */
	struct identity self;
	char *db_dir;
	struct digest db_old, db_new;
	struct arena *mem; /* for strings of tasks, stamps and pins; borrowed */
	ARRAY(struct task) tasks;
	struct stamps stamps;
	struct pins pins;
	uint32_t lines; /* read so far, which the last one must know */
	bool ended;
};
void manifest_lines_release(struct manifest_lines *l);

/* Adds what a line of n bytes says, and spoils it. -1: it is not as it was written, and says nothing. */
_must_check_ int manifest_line_read(struct manifest_lines *l, char *line, size_t n);

#endif
