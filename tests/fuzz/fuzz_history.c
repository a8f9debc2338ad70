/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* dnf 4's history, all of it, or statements on one: read, and a rollback noted in it. */

#include "history/history.h"
#include "rollback.h"

static struct fuzz_base base = {
	.sql = "CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT NOT NULL);"
	       "CREATE TABLE trans(id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER NOT NULL, "
	       "dt_end INTEGER, rpmdb_version_begin TEXT, rpmdb_version_end TEXT, releasever TEXT NOT NULL, "
	       "user_id INTEGER NOT NULL, cmdline TEXT, state INTEGER NOT NULL, comment TEXT DEFAULT '');"
	       "CREATE TABLE repo(id INTEGER PRIMARY KEY, repoid TEXT NOT NULL);"
	       "CREATE TABLE item(id INTEGER PRIMARY KEY, item_type INTEGER NOT NULL);"
	       "CREATE TABLE rpm(item_id INTEGER UNIQUE NOT NULL, name TEXT NOT NULL, "
	       "epoch INTEGER NOT NULL, version TEXT NOT NULL, release TEXT NOT NULL, arch TEXT NOT NULL);"
	       "CREATE TABLE trans_item(id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER, "
	       "item_id INTEGER, repo_id INTEGER NOT NULL, action INTEGER NOT NULL, "
	       "reason INTEGER NOT NULL, state INTEGER NOT NULL);"
	       "CREATE TABLE item_replaced_by(trans_item_id INTEGER, by_trans_item_id INTEGER);"
	       "INSERT INTO config VALUES('version', '1.2');"
	       "INSERT INTO repo VALUES(1, 'base'), (2, '@System');"
	       "INSERT INTO item VALUES(1, 1), (2, 1);"
	       "INSERT INTO rpm VALUES(1, 'plain', 0, '1', '1', 'noarch'), (2, 'plain', 0, '2', '1', 'noarch');"
	       "INSERT INTO trans VALUES(1, 100, 101, '', '', '9', 0, 'install plain', 1, ''),"
	       "(2, 200, 201, '', '', '9', 1000, 'upgrade', 1, '');"
	       "INSERT INTO trans_item VALUES(1, 1, 1, 1, 1, 2, 1), (2, 2, 2, 1, 6, 2, 1), (3, 2, 1, 2, 7, 2, 1);",
};

FUZZ_TARGET(history)
{
	cleanup_buf struct buf file = {0};
	struct history h = {0};
	struct pkgset none = {0};
	const struct history_entry *e;

	struct root *r;

	fuzz_sqlite(&base, data, n, &file);
	r = fuzz_put("var/lib/dnf/history.sqlite", file.s, file.n);
	history_read(r, &none, NULL, &h);
	array_foreach(e, &h.entries) {
		FUZZ_CHECK(e->command && e->user && e->comment);
		FUZZ_CHECK(history_name_is_valid(e->name) && history_find(&h, e->name));
		(void)history_entry_has_changes(e);
	}
	(void)history_last(&h);
	history_release(&h);
	rollback_note(r);
}
