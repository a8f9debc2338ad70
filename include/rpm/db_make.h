/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DB_MAKE_H
#define PUTBACK_RPM_DB_MAKE_H
/*
 * Records into a database of rpm, through librpm, with all its indices. For use in a child process
 * (rpm/child.h): it sets librpm's global macros.
 */
#include <stdbool.h>
#include <stdint.h>

#include <rpm/rpmtypes.h>

#include "base/error.h"
#include "rpm/db_find.h"

struct db_make;

/*
 * Opens the database in folder for writing, or begins a new one. All that is added until
 * db_make_finish() is one transaction of the database. librpm's lock file is made in lock_folder.
 */
_must_check_ int db_make_begin(const char *folder, const char *lock_folder,
			       enum db_backend backend, struct db_make **ret,
			       struct error *err);
/* *ret_instance: its number in the database. */
_must_check_ int db_make_add(struct db_make *m, Header h, const char *what,
			     uint32_t *ret_instance, struct error *err);
/* Closes it. Frees m in every case. */
_must_check_ int db_make_finish(struct db_make *m, struct error *err);

/*
 * Whether librpm of this host writes that backend: tried once, in a child. When even that cannot be
 * found out, false, and *ret_why (or NULL) is the reason, which the caller frees; else it is left
 * alone.
 */
bool db_make_is_possible(enum db_backend backend, char **ret_why);

#endif
