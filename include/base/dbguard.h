/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_DBGUARD_H
#define PUTBACK_BASE_DBGUARD_H
/*
 * A SQLite database that a stranger may have made, opened as a private copy: nothing that its schema
 * says is run, and reading it comes to an end.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sqlite3;

struct dbguard {
	bool (*stop)(const void *ctx); /* whether the user asked to stop; may be NULL */
	const void *ctx;
	uint64_t steps; /* of SQLite's machine, by all databases that it watched */
	uint64_t most;	/* of these */
};

/* No triggers, no views, no functions in its schema, no CHECK constraints; its own tables are not
 * to be written to behind SQLite's back. Before anything is read. */
void dbguard_settle(struct sqlite3 *db);
/* From here on each statement ends with SQLITE_INTERRUPT once g says so; g outlives db. */
void dbguard_watch(struct sqlite3 *db, struct dbguard *g);
/* ERR_FAILED: why a statement was interrupted. -1 */
int dbguard_err(const struct dbguard *g, struct error *err);
/*
 * What SQLite would compute by the database's own word, for each row that is read, checked or
 * written, and for as long as that takes: virtual tables, computed columns, defaults and indices.
 * 1: *ret names one of them; 0: there is none; -1: the schema cannot be read.
 */
_must_check_ int dbguard_find_computed(struct sqlite3 *db, const struct dbguard *g,
				       char **ret, struct error *err);

#endif
