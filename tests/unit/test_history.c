/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "scene.h"

#include "base/dbcopy.h"
#include "base/file.h"
#include "history/history.h"

#define DB "var/lib/dnf/history.sqlite"

/* The columns of dnf's history that are read, and some of those that are not. */
static const char schema[] =
	"CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
	"CREATE TABLE trans (id INTEGER PRIMARY KEY, dt_begin INTEGER, dt_end INTEGER,"
	"  releasever TEXT, user_id INTEGER, cmdline TEXT, state INTEGER, comment TEXT);"
	"CREATE TABLE repo (id INTEGER PRIMARY KEY, repoid TEXT);"
	"CREATE TABLE item (id INTEGER PRIMARY KEY, item_type INTEGER);"
	"CREATE TABLE rpm (item_id INTEGER UNIQUE, name TEXT, epoch INTEGER, version TEXT,"
	"  release TEXT, arch TEXT);"
	"CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER,"
	"  repo_id INTEGER, action INTEGER, reason INTEGER, state INTEGER);"
	"INSERT INTO config VALUES ('version', '1.2');"
	"INSERT INTO repo VALUES (1, 'base'), (2, 'updates');"
	"INSERT INTO item VALUES (1, 0), (2, 0), (3, 0), (4, 1);"
	"INSERT INTO rpm VALUES (1, 'a', 0, '1', '1.fc9', 'x86_64'),"
	"  (2, 'a', 0, '2', '1.fc9', 'x86_64'), (3, 'b', 32, '9.11', '3', 'noarch');";

static const char entries[] =
	"INSERT INTO trans VALUES (1, 100, 110, '9', 0, 'install a b', 1, 'first'),"
	"  (2, 200, 210, '9', 4294967295, 'upgrade', 1, NULL),"
	"  (3, 300, NULL, '9', -1, NULL, 0, ''), (4, 400, 410, '9', 1000, 'remove b', 2, ''),"
	"  (7, 500, 510, '9', 0, 'putback', 1, '');"
	"INSERT INTO trans_item VALUES (1, 1, 1, 1, 1, 2, 1), (2, 1, 3, 1, 1, 1, 1),"
	"  (3, 2, 2, 2, 6, 2, 1), (4, 2, 1, NULL, 7, 2, 1), (5, 2, 4, NULL, 1, 2, 1),"
	"  (6, 4, 3, 1, 8, 4, 2), (7, 7, 1, 1, 2, 2, 1);";

static void run(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s: %s", sql, message);
}

static sqlite3 *open_db(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
	return db;
}

static struct scene new_scene(void)
{
	struct scene s = scene_new();

	scene_dir(&s, "var");
	scene_dir(&s, "var/lib");
	scene_dir(&s, "var/lib/dnf");
	return s;
}

static void make_db(const struct scene *s, const char *more)
{
	sqlite3 *db = open_db(s, DB);

	run(db, schema);
	run(db, entries);
	run(db, more);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void read_root(const struct scene *s, const struct pkgset *installed,
		      struct history *ret)
{
	cleanup_error struct error err = ERROR_INIT;
	static const struct pkgset nothing;
	struct root *r = NULL;

	assert_int_equal(root_open(s->root, ROOT_READ, &r, &err), 0);
	history_read(r, installed ? installed : &nothing, NULL, ret);
	root_free(r);
}

static void assert_remark(const struct history *h, const char *part, const char *more)
{
	if (h->remarks.n != 1 || !strstr(h->remarks.v[0], part) ||
	    !strstr(h->remarks.v[0], more))
		fail_msg("%u remarks, the first '%s', wanted '%s' and '%s'", h->remarks.n,
			 h->remarks.n ? h->remarks.v[0] : "", part, more);
}

static void copy_file(const struct scene *s, const char *from, const char *to)
{
	cleanup_free char *source = scene_path(s, from), *target = scene_path(s, to);
	cleanup_close int in = open(source, O_RDONLY | O_CLOEXEC);
	cleanup_close int out =
		open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(file_copy(in, out), 0);
}

static void unlink_in(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(unlink(full), 0);
}

/* A history as a crash in the middle of a large transaction leaves it. */
static void make_hot(const struct scene *s)
{
	sqlite3 *db;

	scene_dir(s, "live");
	make_db(s, "");
	copy_file(s, DB, "live/h");
	db = open_db(s, "live/h");
	run(db,
	    "PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN; DELETE FROM trans;");
	for (int i = 0; i < 2000; i++)
		run(db,
		    "INSERT INTO repo (repoid) VALUES ('pushes the other pages out')");
	copy_file(s, "live/h", DB);
	copy_file(s, "live/h-journal", DB "-journal");
	sqlite3_close(db);
}

static void assert_item(const struct history_item *item, enum item_action action,
			const char *nevra, const char *repo, const char *reason)
{
	cleanup_free char *text = nevra_string(&item->id);

	assert_int_equal(item->action, action);
	assert_string_equal(text, nevra);
	assert_string_equal(item->repo, repo);
	assert_string_equal(item->reason, reason);
	assert_string_equal(item->digest, "");
}

static void entries_of_dnf_are_read(void **state)
{
	cleanup_scene struct scene s = new_scene();
	const struct history_entry *e;
	struct history h = {0};

	(void)state;
	make_db(&s, "");
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 5);
	e = &h.entries.v[0];
	assert_int_equal(e->id, 1);
	assert_int_equal(e->begin, 100);
	assert_int_equal(e->end, 110);
	assert_int_equal(e->state, ENTRY_DONE);
	assert_string_equal(e->command, "install a b");
	assert_string_equal(e->comment, "first");
	assert_string_equal(e->user, "0");
	assert_string_equal(e->origin, "dnf4");
	assert_true(e->complete);
	assert_int_equal(e->items.n, 2);
	assert_item(&e->items.v[0], ITEM_INSTALL, "a-1-1.fc9.x86_64", "base", "user");
	assert_item(&e->items.v[1], ITEM_INSTALL, "b-32:9.11-3.noarch", "base",
		    "dependency");
	e = &h.entries.v[1];
	assert_string_equal(e->user, "");
	assert_string_equal(e->comment, "");
	/* the group is no package */
	assert_int_equal(e->items.n, 2);
	assert_item(&e->items.v[0], ITEM_UPGRADE, "a-2-1.fc9.x86_64", "updates", "user");
	assert_item(&e->items.v[1], ITEM_UPGRADED, "a-1-1.fc9.x86_64", "", "user");
	e = &h.entries.v[2];
	assert_int_equal(e->state, ENTRY_UNFINISHED);
	assert_string_equal(e->command, "");
	assert_string_equal(e->user, "");
	assert_int_equal(e->end, 0);
	assert_int_equal(e->items.n, 0);
	e = &h.entries.v[3];
	assert_int_equal(e->state, ENTRY_FAILED);
	assert_true(e->items.v[0].failed);
	assert_item(&e->items.v[0], ITEM_REMOVE, "b-32:9.11-3.noarch", "base",
		    "weak-dependency");
	assert_ptr_equal(history_find(&h, "7"), &h.entries.v[4]);
	assert_ptr_equal(history_find(&h, "dnf4:7"), &h.entries.v[4]);
	assert_null(history_find(&h, "5"));
	assert_null(history_find(&h, "rpm:7"));
	/* 7 is putback's own */
	assert_int_equal(history_last(&h)->id, 4);
	history_release(&h);
}

static void a_history_of_version_1_1_has_no_comments(void **state)
{
	cleanup_scene struct scene s = new_scene();
	struct history h = {0};

	(void)state;
	make_db(&s,
		"ALTER TABLE trans RENAME COLUMN comment TO said; UPDATE config SET value = '1.1';");
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 5);
	assert_string_equal(h.entries.v[0].comment, "");
	history_release(&h);
}

/* Names, sizes, times and content of what is in the folder of the history. */
static char *state_of_folder(const struct scene *s)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	struct buf b = {0};

	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
		cleanup_free char *path = xasprintf("%s/" DB "%s", s->root, suffixes[i]);
		cleanup_close int fd = -1;
		struct digest d = {0};
		struct stat st;

		if (stat(path, &st))
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(digest_fd(fd, DIGEST_SHA256, &d), 0);
		buf_printf(&b, "%s %lld %lld.%ld %lu ", suffixes[i],
			   (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			   st.st_mtim.tv_nsec, st.st_ino);
		buf_hex(&b, d.bytes, d.len);
		buf_char(&b, '\n');
	}
	return buf_steal(&b);
}

static void the_wal_counts_and_nothing_changes(void **state)
{
	cleanup_scene struct scene s = new_scene();
	cleanup_free char *before = NULL, *after = NULL;
	struct history h = {0};
	sqlite3 *db;

	(void)state;
	scene_dir(&s, "live");
	db = open_db(&s, "live/h");
	run(db, "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;");
	run(db, schema);
	run(db, "PRAGMA wal_checkpoint(TRUNCATE);");
	run(db, entries);
	copy_file(&s, "live/h", DB);
	copy_file(&s, "live/h-wal", DB "-wal");
	sqlite3_close(db);
	before = state_of_folder(&s);
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 5);
	history_release(&h);
	after = state_of_folder(&s);
	assert_string_equal(before, after);
}

static void a_hot_journal_is_rolled_back_in_the_copy(void **state)
{
	cleanup_scene struct scene s = new_scene();
	cleanup_free char *before = NULL, *after = NULL;
	struct history h = {0};

	(void)state;
	make_hot(&s);
	before = state_of_folder(&s);
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 5);
	assert_string_equal(h.entries.v[0].command, "install a b");
	history_release(&h);
	after = state_of_folder(&s);
	assert_string_equal(before, after);
}

/* A journal can name a file for SQLite to look into, and to delete. */
static void a_journal_that_names_another_is_refused(void **state)
{
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9,
					       0x20, 0xa1, 0x63, 0xd7};
	cleanup_scene struct scene s = new_scene();
	cleanup_free char *path = scene_path(&s, DB "-journal");
	cleanup_free char *victim = xasprintf("%s/outside/victim", s.dir);
	unsigned char tail[16] = {0};
	uint32_t sum = 0, n = (uint32_t)strlen(victim);
	struct history h = {0};
	int fd;

	(void)state;
	scene_file(&s, "../outside/victim", "precious");
	make_hot(&s);
	for (uint32_t i = 0; i < n; i++)
		sum += (unsigned char)victim[i];
	for (int i = 0; i < 4; i++) {
		tail[i] = (unsigned char)(n >> (24 - 8 * i));
		tail[4 + i] = (unsigned char)(sum >> (24 - 8 * i));
	}
	memcpy(tail + 8, magic, sizeof(magic));
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "\0\0\0\1", 4), 4);
	assert_int_equal(write(fd, victim, n), n);
	assert_int_equal(write(fd, tail, sizeof(tail)), sizeof(tail));
	close(fd);
	read_root(&s, NULL, &h);
	assert_true(h.damaged);
	assert_remark(&h, DB "-journal", "");
	history_release(&h);
	assert_int_equal(access(victim, F_OK), 0);
}

static void assert_refused(const struct scene *s, const char *part)
{
	struct history h = {0};

	read_root(s, NULL, &h);
	assert_true(h.damaged);
	assert_int_equal(h.entries.n, 0);
	assert_remark(&h, DB, part);
	history_release(&h);
}

static void an_unknown_version_is_named(void **state)
{
	cleanup_scene struct scene s = new_scene();

	(void)state;
	make_db(&s, "UPDATE config SET value = '2.0';");
	assert_refused(&s, "version '2.0'");
}

static void what_is_missing_in_it_is_named(void **state)
{
	static const struct {
		const char *sql, *part;
	} cases[] = {
		{"DROP TABLE trans;", "no table 'trans'"},
		{"DROP TABLE config;", "no table 'config'"},
		{"DELETE FROM config;", "of what version"},
		{"ALTER TABLE trans_item RENAME COLUMN action TO done;", "no such column"},
		{"UPDATE trans_item SET action = 99 WHERE id = 4;",
		 "item 4 of entry 2 has an unknown action, 99"},
		/* what would run somebody else's query is no table */
		{"ALTER TABLE rpm RENAME TO r; CREATE VIEW rpm AS SELECT * FROM r;",
		 "no table 'rpm'"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_scene struct scene s = new_scene();

		make_db(&s, cases[i].sql);
		assert_refused(&s, cases[i].part);
	}
}

static void damage_is_an_error(void **state)
{
	cleanup_scene struct scene s = new_scene();
	cleanup_free char *path = scene_path(&s, DB);
	struct stat st;

	(void)state;
	scene_file(&s, DB,
		   "this is not a database, however long one looks at it ........");
	assert_refused(&s, "not a database");
	unlink(path);
	scene_file(&s, DB, "");
	assert_refused(&s, "no table");
	unlink(path);
	make_db(&s, "");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_refused(&s, "damaged");
	unlink(path);
	scene_fifo(&s, DB);
	assert_refused(&s, "cannot open");
}

static void links_stay_in_the_root(void **state)
{
	cleanup_scene struct scene s = new_scene();
	struct history h = {0};

	(void)state;
	make_db(&s, "");
	scene_dir(&s, "data");
	copy_file(&s, DB, "data/other-name.sqlite");
	copy_file(&s, DB, "../outside/history.sqlite");
	unlink_in(&s, DB);
	scene_link(&s, "/data/other-name.sqlite", DB);
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 5);
	history_release(&h);
	unlink_in(&s, DB);
	scene_link(&s, "../../../../outside/history.sqlite", DB);
	read_root(&s, NULL, &h);
	assert_int_equal(h.entries.n, 0);
	history_release(&h);
}

static void add_installed(struct pkgset *set, const char *name, int64_t tid, int64_t time)
{
	struct pkg *p = pkg_new();

	p->id = (struct nevra){arena_strdup(&p->mem, name), "1", "1", "noarch",
			       EPOCH_NONE};
	p->installtid = tid;
	p->installtime = time;
	pkgset_take(set, p);
}

static struct pkgset installed_in_groups(void)
{
	struct pkgset set = {0};

	add_installed(&set, "late", 0, 900);
	add_installed(&set, "b", 500, 501);
	add_installed(&set, "a", 500, 507);
	add_installed(&set, "gpg-pubkey", 300, 300);
	add_installed(&set, "first", 100, 101);
	pkgset_sort(&set);
	return set;
}

static void assert_groups(const struct history *h)
{
	const struct history_entry *e = h->entries.v;

	assert_int_equal(h->entries.n, 3);
	for (uint32_t i = 0; i < 3; i++) {
		static const char *const names[] = {"rpm:100", "rpm:500", "rpm:900"};

		assert_string_equal(e[i].name, names[i]);
		assert_false(e[i].complete);
		assert_int_equal(e[i].state, ENTRY_DONE);
		assert_string_equal(e[i].origin, "rpm");
	}
	assert_int_equal(e[0].items.n, 1);
	assert_string_equal(e[0].items.v[0].id.name, "first");
	assert_int_equal(e[1].items.n, 2);
	assert_item(&e[1].items.v[0], ITEM_INSTALL, "a-1-1.noarch", "", "");
	assert_item(&e[1].items.v[1], ITEM_INSTALL, "b-1-1.noarch", "", "");
	assert_int_equal(e[1].begin, 501);
	assert_int_equal(e[1].end, 507);
	assert_string_equal(e[2].items.v[0].id.name, "late");
}

static void without_a_history_rpm_tells_what_came_together(void **state)
{
	cleanup_scene struct scene s = new_scene();
	struct pkgset installed = installed_in_groups();
	struct history h = {0};

	(void)state;
	read_root(&s, &installed, &h);
	assert_groups(&h);
	assert_int_equal(h.remarks.n, 0);
	history_release(&h);
	pkgset_release(&installed);
}

static void a_history_without_entries_is_none(void **state)
{
	cleanup_scene struct scene s = new_scene();
	struct pkgset installed = installed_in_groups();
	struct history h = {0};

	(void)state;
	make_db(&s, "DELETE FROM trans;");
	read_root(&s, &installed, &h);
	assert_groups(&h);
	history_release(&h);
	pkgset_release(&installed);
}

static void who_can_do_without_gets_a_remark(void **state)
{
	cleanup_scene struct scene s = new_scene();
	struct pkgset installed = installed_in_groups();
	struct history h = {0};

	(void)state;
	/* found out only after entries were read */
	make_db(&s, "UPDATE trans_item SET action = 99 WHERE id = 4;");
	read_root(&s, &installed, &h);
	assert_groups(&h);
	assert_int_equal(h.remarks.n, 1);
	assert_non_null(strstr(h.remarks.v[0], DB));
	history_release(&h);
	pkgset_release(&installed);
}

/* --- more than there should be -------------------------------------------------------------- */

/* The other records count all the same. */
static void assert_left_out(const char *more, const char *says)
{
	cleanup_scene struct scene s = new_scene();
	struct pkgset installed = installed_in_groups();
	struct history h = {0};

	make_db(&s, more);
	read_root(&s, &installed, &h);
	assert_groups(&h);
	assert_remark(&h, DB, says);
	assert_true(h.damaged);
	history_release(&h);
	pkgset_release(&installed);
}

static void more_text_than_memory_should_hold_is_not_read(void **state)
{
	(void)state;
	assert_left_out(
		"WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 170)"
		" INSERT INTO trans SELECT i, i, i, '', 0, hex(zeroblob(500000)), 1, '' FROM n;",
		"it has over 64 MiB of text");
}

static void more_rows_than_a_lifetime_makes_are_not_read(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	struct quota q;

	(void)state;
	quota_init(&q, NULL);
	for (uint32_t i = 0; i < QUOTA_ROWS_MAX; i++)
		assert_int_equal(quota_take(&q, 0, &err), 0);
	assert_int_equal(quota_take(&q, 0, &err), -1);
	assert_non_null(strstr(err.msg, "it has over 1000000 rows"));
}

static bool says_stop(void *asked)
{
	++*(int *)asked;
	return true;
}

static void who_stops_does_not_wait(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_scene struct scene s = new_scene();
	static const struct pkgset nothing;
	struct history h = {0};
	struct root *r = NULL;
	int asked = 0;
	const struct observer o = {.ctx = &asked, .stop = says_stop};

	(void)state;
	make_db(&s, "");
	assert_int_equal(root_open(s.root, ROOT_READ, &r, &err), 0);
	history_read(r, &nothing, &o, &h);
	root_free(r);
	assert_true(asked > 0);
	assert_int_equal(h.entries.n, 0);
	assert_int_equal(h.remarks.n, 0);
	history_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_of_dnf_are_read),
		cmocka_unit_test(a_history_of_version_1_1_has_no_comments),
		cmocka_unit_test(the_wal_counts_and_nothing_changes),
		cmocka_unit_test(a_hot_journal_is_rolled_back_in_the_copy),
		cmocka_unit_test(a_journal_that_names_another_is_refused),
		cmocka_unit_test(an_unknown_version_is_named),
		cmocka_unit_test(what_is_missing_in_it_is_named),
		cmocka_unit_test(damage_is_an_error),
		cmocka_unit_test(links_stay_in_the_root),
		cmocka_unit_test(without_a_history_rpm_tells_what_came_together),
		cmocka_unit_test(a_history_without_entries_is_none),
		cmocka_unit_test(who_can_do_without_gets_a_remark),
		cmocka_unit_test(more_text_than_memory_should_hold_is_not_read),
		cmocka_unit_test(more_rows_than_a_lifetime_makes_are_not_read),
		cmocka_unit_test(who_stops_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
