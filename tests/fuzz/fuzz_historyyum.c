/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* yum's history, all of it, or statements on one. */

#include "fuzz.h"
#include "history/history.h"

static struct fuzz_base base = {
	.sql = "CREATE TABLE trans_beg(tid INTEGER PRIMARY KEY, timestamp, rpmdb_version, loginuid);"
	       "CREATE TABLE trans_end(tid INTEGER PRIMARY KEY, timestamp, rpmdb_version, return_code);"
	       "CREATE TABLE trans_data_pkgs(tid, pkgtupid, done DEFAULT FALSE, state);"
	       "CREATE TABLE pkgtups(pkgtupid INTEGER PRIMARY KEY, name, arch, epoch, version, release, "
	       "checksum);"
	       "CREATE TABLE trans_cmdline(tid, cmdline);"
	       "CREATE TABLE pkg_yumdb(pkgtupid, yumdb_key, yumdb_val);"
	       "INSERT INTO pkg_yumdb VALUES(2, 'from_repo', 'updates'), (2, 'reason', 'user');"
	       "INSERT INTO pkgtups VALUES(1, 'plain', 'noarch', '0', '1', '1', 'sha256:x'), "
	       "(2, 'plain', 'noarch', '0', '2', '1', NULL), (3, 'other', 'noarch', '32', '9', '1', NULL);"
	       "INSERT INTO trans_beg VALUES(1, 1000, '', 0), (2, 2000, '', 4294967295), "
	       "(3, 3000, '', 500), (4, 4000, '', NULL);"
	       "INSERT INTO trans_end VALUES(1, 1010, '', 0), (2, 2010, '', 1), (4, 4010, '', 0);"
	       "INSERT INTO trans_cmdline VALUES(1, 'install plain'), (2, 'update');"
	       "INSERT INTO trans_data_pkgs VALUES(1, 1, 'TRUE', 'Install'), (1, 3, 'TRUE', 'Dep-Install'), "
	       "(2, 2, 'TRUE', 'Update'), (2, 1, 'FALSE', 'Updated'), (3, 3, 'FALSE', 'Erase'), "
	       "(4, 2, 'TRUE', 'Reinstall'), (4, 2, 'TRUE', 'Erase');",
};

FUZZ_TARGET(historyyum)
{
	cleanup_buf struct buf file = {0};
	struct history h = {0};
	struct pkgset none = {0};
	const struct history_entry *e;

	fuzz_sqlite(&base, data, n, &file);
	/* of two files the last is the one that goes on */
	fuzz_put("var/lib/yum/history/history-2015-01-01.sqlite", file.s, file.n);
	history_read(
		fuzz_put("var/lib/yum/history/history-2016-07-25.sqlite", file.s, file.n),
		&none, NULL, &h);
	array_foreach(e, &h.entries) {
		FUZZ_CHECK(e->command && e->user && e->comment);
		FUZZ_CHECK(history_name_is_valid(e->name) && history_find(&h, e->name));
		(void)history_entry_has_changes(e);
	}
	(void)history_last(&h);
	history_release(&h);
}
