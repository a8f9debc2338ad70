/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_RECORDSQL_H
#define PUTBACK_HISTORY_RECORDSQL_H
/* Statements on the copy of a history. types: one letter per value, i (int64_t) or s (text). */
#include "history/histdb.h"

_must_check_ int recordsql_do(struct histdb *db, struct error *err, const char *sql,
			      const char *types, ...);
/* The first column of the first row: 1 and *ret, 0: no row, or NULL; -1: error. */
_must_check_ int recordsql_ask(struct histdb *db, int64_t *ret, struct error *err,
			       const char *sql, const char *types, ...);

#endif
