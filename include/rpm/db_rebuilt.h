/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_REBUILT_H
#define PUTBACK_RPM_DB_REBUILT_H
/*
 * What the root's own rpm made of the records that db_rewrite() put down for it (db_is_for_root()). A stranger's
 * program wrote it: it is looked at as a database of a stranger, and compared record by record.
 */
#include "rpm/db.h"

/*
 * Whether the database in the folder made holds the packages of the records, each as they have it: header,
 * install time, transaction, colour, states of files. ERR_FAILED says what is different.
 */
_must_check_ int db_rebuilt_check(const char *records, const char *made,
				  struct error *err);
/* Whether the database of the root has those packages by now, whoever saw to that: by name, version, release and
 * architecture. 1: it has; 0: it has not. */
_must_check_ int db_rebuilt_is_there(const char *records, const struct db *db,
				     struct error *err);

#endif
