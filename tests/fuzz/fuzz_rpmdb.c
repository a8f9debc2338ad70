/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The root's rpmdb, sqlite: all of it, or statements on one. */

#include "fuzz.h"
#include "rpm/db.h"

/* Of a package's indices those that a look at it needs: none. */
static struct fuzz_base base = {
	.sql = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);"
	       "CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL, "
	       "FOREIGN KEY (hnum) REFERENCES 'Packages'(hnum));"
	       "CREATE INDEX 'Name_key_idx' ON 'Name'(key ASC);",
};

FUZZ_TARGET(rpmdb)
{
	cleanup_buf struct buf file = {0};
	struct pkgset set = {0};
	struct db *db = NULL;
	struct root *r;

	fuzz_sqlite(&base, data, n, &file);
	r = fuzz_put("usr/lib/sysimage/rpm/rpmdb.sqlite", file.s, file.n);
	if (db_open(r, &db, NULL) < 0)
		return;
	if (db_load(db, &set, NULL, NULL) == 0) {
		FUZZ_CHECK(set.n == db->count);
		pkgset_release(&set);
	}
	db_free(db);
}
