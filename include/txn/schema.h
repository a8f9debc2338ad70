/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_SCHEMA_H
#define PUTBACK_TXN_SCHEMA_H
/* The journal's tables. */
#include <stdint.h>

#include "base/error.h"

struct sqlite3;
_must_check_ int schema_make(struct sqlite3 *db, struct error *err);
/* Whether the database has the tables of that version to the letter, nothing else, and is sound. What it lacks of
 * today's it has then. */
_must_check_ int schema_check(struct sqlite3 *db, int64_t version, struct error *err);

#endif
