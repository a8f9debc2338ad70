/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TESTS_FUZZ_DNF5_H
#define PUTBACK_TESTS_FUZZ_DNF5_H
/* A history of dnf 5's, and where it and the state beside it lie. */
#define DNF5_FOLDER "usr/lib/sysimage/libdnf5/"
#define DNF5_PLACE  DNF5_FOLDER "transaction_history.sqlite"

static const char dnf5_sql[] =
	"CREATE TABLE config(key TEXT, value TEXT);"
	"CREATE TABLE trans_state(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans(id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin, dt_end, "
	"rpmdb_version_begin, rpmdb_version_end, releasever, user_id, description, comment, state_id);"
	"CREATE TABLE repo(id INTEGER PRIMARY KEY, repoid TEXT);"
	"CREATE TABLE pkg_name(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE arch(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE item(id INTEGER PRIMARY KEY);"
	"CREATE TABLE trans_item_action(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item_reason(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item_state(id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item(id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id, item_id, repo_id, "
	"action_id, reason_id, state_id);"
	"CREATE TABLE rpm(item_id INTEGER, name_id, epoch, version, release, arch_id);"
	"INSERT INTO config VALUES('version', '1.1');"
	"INSERT INTO trans_state VALUES(1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_state VALUES(1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_action VALUES(1, 'Install'), (2, 'Upgrade'), (3, 'Downgrade'), "
	"(4, 'Reinstall'), (5, 'Remove'), (6, 'Replaced'), (7, 'Reason Change');"
	"INSERT INTO trans_item_reason VALUES(0, 'None'), (1, 'Dependency'), (2, 'User'), (5, 'Group');"
	"INSERT INTO repo VALUES(1, 'fedora'), (2, '@System');"
	"INSERT INTO pkg_name VALUES(1, 'plain'), (2, 'other');"
	"INSERT INTO arch VALUES(1, 'noarch');"
	"INSERT INTO item VALUES(1), (2), (3);"
	"INSERT INTO rpm VALUES(1, 1, 0, '1', '1', 1), (2, 1, 0, '2', '1', 1), (3, 2, 0, '1', '1', 1);"
	"INSERT INTO trans VALUES(1, 100, 110, '', '', '42', 0, 'dnf5 install', '', 2), "
	"(2, 200, 210, '', '', '42', 0, 'dnf5 upgrade', '', 2);"
	"INSERT INTO trans_item VALUES(1, 1, 1, 1, 1, 1, 2), (2, 1, 3, 1, 1, 2, 2), "
	"(3, 2, 2, 1, 2, 1, 2), (4, 2, 1, 2, 6, 1, 2);";

#endif
