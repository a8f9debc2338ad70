/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "scene.h"

#include "base/buf.h"
#include "history/history.h"

/* What others than dnf 4 keep, and what comes of several of them: entries as lines of text. */

struct lab {
	struct scene s;
	struct pkgset installed;
	struct history h;
};

static void lab_free(struct lab *l)
{
	history_release(&l->h);
	pkgset_release(&l->installed);
	scene_free(&l->s);
}
#define cleanup_lab __attribute__((cleanup(lab_free)))

static struct lab lab_new(void)
{
	return (struct lab){.s = scene_new()};
}

static void make_folders(const struct lab *l, const char *path)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		cleanup_free char *dir = xstrndup(path, (size_t)(p - path));
		cleanup_free char *full = scene_path(&l->s, dir);

		mkdir(full, 0755);
	}
}

static void put_db(const struct lab *l, const char *path, const char *sql)
{
	cleanup_free char *full = scene_path(&l->s, path);
	char *message = NULL;
	sqlite3 *db;

	make_folders(l, path);
	assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s", message);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void put_text(const struct lab *l, const char *path, const char *text,
		     int64_t mtime)
{
	cleanup_free char *full = scene_path(&l->s, path);
	struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};

	make_folders(l, path);
	scene_file(&l->s, path, text);
	assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

static void add_installed(struct lab *l, const char *text, int64_t tid, int64_t time)
{
	struct pkg *p = pkg_new();

	assert_int_equal(nevra_parse(&p->mem, text, &p->id), 0);
	p->installtid = tid;
	p->installtime = time;
	pkgset_take(&l->installed, p);
	pkgset_sort(&l->installed);
}

/* "NAME BEGIN-END STATE [unsure]: action nevra [repo] [reason] [failed] [?], ..." a line each */
static char *read_as_text(struct lab *l)
{
	cleanup_error struct error err = ERROR_INIT;
	struct root *r = NULL;
	struct buf b = {0};

	assert_int_equal(root_open(l->s.root, ROOT_READ, &r, &err), 0);
	history_release(&l->h);
	history_read(r, &l->installed, NULL, &l->h);
	root_free(r);
	for (uint32_t i = 0; i < l->h.entries.n; i++) {
		const struct history_entry *e = &l->h.entries.v[i];

		buf_printf(&b, "%s %lld-%lld %s%s%s:", e->name, (long long)e->begin,
			   (long long)e->end, entry_state_name(e->state),
			   *e->command ? " " : "", e->command);
		for (uint32_t k = 0; k < e->items.n; k++) {
			const struct history_item *item = &e->items.v[k];
			cleanup_free char *nevra = nevra_string(&item->id);

			buf_printf(&b, "%s %s %s%s%s%s%s%s%s", k ? "," : "",
				   item_action_name(item->action), nevra,
				   *item->repo ? " " : "", item->repo,
				   *item->reason ? " " : "", item->reason,
				   item->failed ? " failed" : "",
				   item->unsure ? " ?" : "");
		}
		buf_char(&b, '\n');
	}
	for (uint32_t i = 0; i < l->h.remarks.n; i++)
		buf_printf(&b, "remark: %s\n", l->h.remarks.v[i]);
	return buf_steal(&b);
}

static void assert_history(struct lab *l, const char *wanted)
{
	cleanup_free char *got = read_as_text(l);

	assert_string_equal(got, wanted);
}

/* --- dnf 5 ---------------------------------------------------------------------------------------- */

#define DNF5 "usr/lib/sysimage/libdnf5/transaction_history.sqlite"

static const char dnf5[] =
	"CREATE TABLE config (key TEXT, value TEXT);"
	"CREATE TABLE trans_state (id INTEGER, name TEXT);"
	"CREATE TABLE trans (id INTEGER, dt_begin, dt_end, rpmdb_version_begin,"
	"  rpmdb_version_end, releasever, user_id, description, comment, state_id);"
	"CREATE TABLE repo (id INTEGER, repoid TEXT);"
	"CREATE TABLE pkg_name (id INTEGER, name TEXT); CREATE TABLE arch (id INTEGER, name TEXT);"
	"CREATE TABLE trans_item_action (id INTEGER, name TEXT);"
	"CREATE TABLE trans_item_reason (id INTEGER, name TEXT);"
	"CREATE TABLE trans_item_state (id INTEGER, name TEXT);"
	"CREATE TABLE trans_item (id INTEGER, trans_id, item_id, repo_id, action_id, reason_id,"
	"  state_id);"
	"CREATE TABLE rpm (item_id INTEGER, name_id, epoch, version, release, arch_id);"
	"INSERT INTO config VALUES ('version', '1.1');"
	"INSERT INTO trans_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_action VALUES (1, 'Install'), (2, 'Upgrade'), (3, 'Downgrade'),"
	"  (4, 'Reinstall'), (5, 'Remove'), (6, 'Replaced'), (7, 'Reason Change');"
	"INSERT INTO trans_item_reason VALUES (0, 'None'), (1, 'Dependency'), (2, 'User'),"
	"  (4, 'Weak Dependency');"
	"INSERT INTO repo VALUES (1, 'updates'), (2, '@System');"
	"INSERT INTO pkg_name VALUES (1, 'a'), (2, 'b'), (3, 'c');"
	"INSERT INTO arch VALUES (1, 'x86_64'), (2, 'noarch');"
	"INSERT INTO rpm VALUES (1, 1, 0, '1', '1', 1), (2, 1, 0, '2', '1', 1),"
	"  (3, 2, 1, '5', '1', 2), (4, 3, 0, '7', '1', 2);"
	"INSERT INTO trans VALUES (1, 1000, 1010, '', '', '42', 0, 'dnf5 install a', '', 2),"
	"  (2, 2000, 2010, '', '', '42', 4294967295, 'dnf5 upgrade', '', 2),"
	"  (3, 3000, 3010, '', '', '42', 1000, 'dnf5 remove c', '', 3),"
	"  (4, 4000, NULL, '', '', '42', 1000, 'dnf5 reinstall a', '', 1);"
	"INSERT INTO trans_item VALUES (1, 1, 1, 1, 1, 2, 2), (2, 1, 3, 1, 1, 4, 2),"
	"  (3, 2, 2, 1, 2, 2, 2), (4, 2, 1, 2, 6, 2, 2), (5, 2, 4, 1, 1, 1, 2), (6, 2, 3, 2, 6, 1, 2),"
	"  (7, 3, 4, 2, 5, 2, 3), (8, 4, 2, 1, 4, 2, 1), (9, 4, 2, 2, 6, 2, 1);";

#define DNF5_ENTRIES                                                                 \
	"1 1000-1010 done dnf5 install a: install a-1-1.x86_64 updates user,"        \
	" install b-1:5-1.noarch updates weak-dependency\n"                          \
	"2 2000-2010 done dnf5 upgrade: upgrade a-2-1.x86_64 updates user,"          \
	" upgraded a-1-1.x86_64 user, install c-7-1.noarch updates dependency,"      \
	" obsoleted b-1:5-1.noarch dependency\n"                                     \
	"3 3000-3010 failed dnf5 remove c: remove c-7-1.noarch user failed\n"        \
	"4 4000-0 unfinished dnf5 reinstall a: reinstall a-2-1.x86_64 updates user," \
	" reinstalled a-2-1.x86_64 user\n"

static void test_dnf5(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_db(&l, DNF5, dnf5);
	assert_history(&l, DNF5_ENTRIES);
	assert_string_equal(l.h.entries.v[0].user, "0");
	assert_string_equal(l.h.entries.v[1].user, "");
	assert_string_equal(history_last(&l.h)->name, "4");
}

static void test_dnf5_of_old(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_db(&l, "usr/lib/sysimage/dnf/transaction_history.sqlite", dnf5);
	assert_history(&l, DNF5_ENTRIES);
}

static void test_dnf5_damaged(void **state)
{
	static const struct {
		const char *sql, *remark;
	} cases[] = {
		{"DROP TABLE pkg_name",
		 "remark: dnf 5's history: '" DNF5
		 "': no history of this kind, or a damaged one: it has no "
		 "table 'pkg_name'\n"},
		{"UPDATE config SET value = '9'",
		 "remark: dnf 5's history '" DNF5
		 "': of version '9', which is not known here (those known: 1.0, 1.1)\n"},
		{"UPDATE trans_item_action SET name = 'Explode' WHERE id = 2",
		 "remark: dnf 5's history '" DNF5
		 "': damaged: item 3 of entry 2 has an unknown action, 'Explode'\n"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_lab struct lab l = lab_new();

		put_db(&l, DNF5, dnf5);
		put_db(&l, DNF5, cases[i].sql);
		assert_history(&l, cases[i].remark);
		assert_true(l.h.damaged);
	}
}

/* --- yum ------------------------------------------------------------------------------------------ */

#define YUM "var/lib/yum/history/history-2016-07-25.sqlite"

static const char yum[] =
	"CREATE TABLE trans_beg (tid INTEGER PRIMARY KEY, timestamp, rpmdb_version, loginuid);"
	"CREATE TABLE trans_end (tid INTEGER PRIMARY KEY, timestamp, rpmdb_version, return_code);"
	"CREATE TABLE trans_data_pkgs (tid, pkgtupid, done DEFAULT FALSE, state);"
	"CREATE TABLE pkgtups (pkgtupid INTEGER PRIMARY KEY, name, arch, epoch, version, release,"
	"  checksum);"
	"CREATE TABLE trans_cmdline (tid, cmdline);"
	"INSERT INTO pkgtups VALUES (1, 'a', 'x86_64', '0', '1', '1', 'sha256:x'),"
	"  (2, 'a', 'x86_64', '0', '2', '1', NULL), (3, 'b', 'noarch', '32', '9', '1', NULL);"
	"INSERT INTO trans_beg VALUES (1, 1000, '', 0), (2, 2000, '', 4294967295),"
	"  (3, 3000, '', 500), (4, 4000, '', NULL);"
	"INSERT INTO trans_end VALUES (1, 1010, '', 0), (2, 2010, '', 1), (4, 4010, '', 0);"
	"INSERT INTO trans_cmdline VALUES (1, 'install a'), (2, 'update');"
	"INSERT INTO trans_data_pkgs VALUES (1, 1, 'TRUE', 'Install'), (1, 3, 'TRUE', 'Dep-Install'),"
	"  (2, 2, 'TRUE', 'Update'), (2, 1, 'FALSE', 'Updated'),"
	"  (3, 3, 'FALSE', 'Erase'), (4, 2, 'TRUE', 'Reinstall'), (4, 2, 'TRUE', 'Erase');";
static const char yumdb[] =
	"CREATE TABLE pkg_yumdb (pkgtupid, yumdb_key, yumdb_val);"
	"INSERT INTO pkg_yumdb VALUES (2, 'from_repo', 'updates'), (2, 'reason', 'user'),"
	"  (2, 'releasever', '7');";

static void test_yum(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_db(&l, YUM, yum);
	assert_history(
		&l,
		"1 1000-1010 done install a: install a-1-1.x86_64 user,"
		" install b-32:9-1.noarch dependency\n"
		"2 2000-2010 failed update: upgrade a-2-1.x86_64,"
		" upgraded a-1-1.x86_64 failed\n"
		"3 3000-0 unfinished: remove b-32:9-1.noarch failed\n"
		"4 4000-4010 done: reinstall a-2-1.x86_64, reinstalled a-2-1.x86_64\n");
	assert_string_equal(l.h.entries.v[2].user, "500");
	put_db(&l, YUM, yumdb);
	free(read_as_text(&l));
	assert_string_equal(l.h.entries.v[1].items.v[0].repo, "updates");
	assert_string_equal(l.h.entries.v[1].items.v[0].reason, "user");
}

/* `yum history new` begins a new file, and counts anew in it. */
static void test_yum_of_several(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_db(&l, YUM, yum);
	put_db(&l, "var/lib/yum/history/history-2017-01-02.sqlite", yum);
	put_db(&l, "var/lib/yum/history/history-2017-01-02.sqlite",
	       "UPDATE trans_beg SET timestamp = timestamp + 90000;"
	       "UPDATE trans_end SET timestamp = timestamp + 90000;");
	free(read_as_text(&l));
	assert_int_equal(l.h.entries.n, 8);
	assert_string_equal(l.h.entries.v[0].name, "yum-2016-07-25:1");
	assert_string_equal(l.h.entries.v[4].name, "1");
	assert_ptr_equal(history_find(&l.h, "yum-2016-07-25:1"), &l.h.entries.v[0]);
	assert_ptr_equal(history_find(&l.h, "yum:1"), &l.h.entries.v[4]);
}

/* --- zypper --------------------------------------------------------------------------------------- */

/* 2023-11-14 22:13:20 is 1700000000 */
static const char zypp[] =
	"# 2023-11-14 22:13:19 something else\n"
	"2023-11-14 22:13:20|command|root@host|'zypper' 'in' 'a|b'|\n"
	"2023-11-14 22:13:21|install|a|1-1|x86_64|root@host|oss|4138|\n"
	"2023-11-14 22:13:22|install|b|2:3-1|noarch||oss|4139|\n"
	"2023-11-14 22:20:00|radd   |oss|http://host/|\n"
	"2023-11-15 22:13:20|command|joe@host|'zypper' 'up'|\n"
	"2023-11-15 22:13:30|install|a|2-1|x86_64|joe@host|update|4140|\n"
	"2023-11-15 22:13:31|install|b|2:3-1|noarch|joe@host|oss|4139|\n"
	"# 2023-11-15 22:13:32 c-1-1.noarch.rpm install failed\n"
	"2023-11-16 22:13:20|command|root@host|'zypper' 'rm' 'b'|\n"
	"2023-11-16 22:13:21|remove |b|2:3-1|noarch|root@host|\n"
	"2023-11-17 22:13:20|command|root@host|'zypper' 'ref'|\n"
	"2023-11-18 22:13:21|install|b|2:4-1|noarch|root@host|oss|4139|\n"
	"2023-11-18 22:13:22|broken\n\n|||||||||||||\n2023-11-18|install|a\n";

static void test_zypper(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/zypp/history", zypp, 1800000000);
	assert_history(
		&l,
		"zypper:1700000000 1700000000-1700000002 done zypper in a: install a-1-1.x86_64 oss ?,"
		" install b-2:3-1.noarch oss ?\n"
		"zypper:1700086400 1700086400-1700086411 failed zypper up: upgrade a-2-1.x86_64 update,"
		" reinstall b-2:3-1.noarch oss, upgraded a-1-1.x86_64\n"
		"zypper:1700172800 1700172800-1700172801 done zypper rm b: remove b-2:3-1.noarch\n"
		"zypper:1700345601 1700345601-1700345601 done: install b-2:4-1.noarch oss\n");
	assert_string_equal(l.h.entries.v[1].user, "joe");
	assert_false(l.h.entries.v[0].complete);
	assert_true(l.h.entries.v[1].complete);
}

/* It was cut off before the first package was done: the command is all that tells. */
static void test_zypper_unfinished(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/zypp/history",
		 "2023-11-14 22:13:20|command|root@host|'zypper' 'up'|\n"
		 "2023-11-14 22:13:21|install|a|1-1|x86_64|root@host|oss|4138|\n"
		 "2023-11-15 22:13:20|command|root@host|'zypper' 'up'|\n"
		 "2023-11-16 22:13:20|command|root@host|'zypper' '--root' '/mnt' 'up'|\n",
		 1800000000);
	assert_history(
		&l,
		"zypper:1700000000 1700000000-1700000001 done zypper up: install a-1-1.x86_64 oss ?\n"
		"zypper:1700172800 1700172800-1700172800 unfinished zypper --root /mnt up:\n");
}

/* Its times are local ones; the rpmdb knows better. Names stay as they are. */
static void test_zypper_elsewhere(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/zypp/history", zypp, 1800000000);
	add_installed(&l, "a-2-1.x86_64", 1700086400 - 7199, 1700086410 - 7198);
	add_installed(&l, "b-2:4-1.noarch", 1700345601 - 3600, 1700345601 - 3600);
	add_installed(&l, "d-1-1.noarch", 1700345000, 1700345001);
	assert_history(
		&l,
		"zypper:1700000000 1699992800-1699992802 done zypper in a: install a-1-1.x86_64 oss ?,"
		" install b-2:3-1.noarch oss ?\n"
		"zypper:1700086400 1700079200-1700079211 failed zypper up: upgrade a-2-1.x86_64 update,"
		" reinstall b-2:3-1.noarch oss, upgraded a-1-1.x86_64\n"
		"zypper:1700172800 1700169200-1700169201 done zypper rm b: remove b-2:3-1.noarch\n"
		"zypper:1700345601 1700342001-1700342001 done: install b-2:4-1.noarch oss\n"
		"rpm:1700345000 1700345001-1700345001 done: install d-1-1.noarch ?\n");
}

static void test_rotated(void **state)
{
	cleanup_lab struct lab l = lab_new();
	cleanup_free char *xz = scene_path(&l.s, "var/log/zypp/history-20231101.xz");
	cleanup_free char *command = NULL;

	(void)state;
	put_text(&l, "var/log/zypp/history-20231201",
		 "2023-11-20 10:00:00|install|a|2-1|noarch||oss||\n", 1800000000);
	put_text(&l, "var/log/zypp/history",
		 "2023-12-20 10:00:00|install|a|3-1|noarch||oss||\n", 1800000000);
	put_text(&l, "var/log/zypp/history.rpmsave",
		 "2023-12-21 10:00:00|install|a|9-1|noarch||oss||\n", 1800000000);
	put_text(&l, "var/log/zypp/history-20231101.xz", "not packed at all", 1800000000);
	free(read_as_text(&l));
	assert_int_equal(l.h.entries.n, 0);
	assert_non_null(strstr(l.h.remarks.v[0],
			       "zypper's history: 'var/log/zypp/history-20231101.xz'"));
	assert_int_equal(unlink(xz), 0);
	assert_history(
		&l,
		"zypper:1700474400 1700474400-1700474400 done: install a-2-1.noarch oss ?\n"
		"zypper:1703066400 1703066400-1703066400 done: upgrade a-3-1.noarch oss,"
		" upgraded a-2-1.noarch\n");
}

/* The newest of it is what counts; half a line at the beginning is none. */
static void test_log_in_part(void **state)
{
	cleanup_lab struct lab l = lab_new();
	cleanup_free char *path = scene_path(&l.s, "var/log/zypp/history");
	static const char line[] = "2023-11-15 10:00:00|install|a|2-1|noarch||oss||\n";
	cleanup_close int fd = -1;

	(void)state;
	put_text(&l, "var/log/zypp/history-20231101",
		 "2023-10-20 10:00:00|install|old|1-1|noarch||oss||\n", 1800000000);
	put_text(&l, "var/log/zypp/history",
		 "2023-11-14 10:00:00|install|a|1-1|noarch||oss||\n", 1800000000);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	assert_int_equal(pwrite(fd, "\n", 1, (64 << 20) - 1), 1);
	assert_int_equal(pwrite(fd, line, strlen(line), 64 << 20), strlen(line));
	free(read_as_text(&l));
	assert_int_equal(l.h.entries.n, 1);
	assert_string_equal(l.h.entries.v[0].items.v[0].id.version, "2");
	assert_int_equal(l.h.remarks.n, 1);
	assert_non_null(
		strstr(l.h.remarks.v[0], "'var/log/zypp/history' is read in part"));
	assert_true(l.h.damaged);
	/* exactly as much as there may be */
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	free(read_as_text(&l));
	assert_int_equal(l.h.entries.n, 1);
	assert_string_equal(l.h.entries.v[0].items.v[0].id.version, "1");
	assert_non_null(strstr(l.h.remarks.v[0],
			       "'var/log/zypp/history-20231101' is read in part"));
}

/* The first that went counts, of the same arch, or where one of the two has none. */
static void test_arches(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/zypp/history",
		 "2023-11-14 22:13:20|remove |a|1-1|i686|x|\n"
		 "2023-11-14 22:13:20|remove |a|2-1|x86_64|x|\n"
		 "2023-11-14 22:13:20|install|a|3-1|x86_64|x|oss|\n"
		 "2023-11-14 22:13:20|remove |b|1-1|noarch|x|\n"
		 "2023-11-14 22:13:20|remove |b|2-1|x86_64|x|\n"
		 "2023-11-14 22:13:20|install|b|3-1|x86_64|x|oss|\n"
		 "2023-11-14 22:13:20|remove |c|4-1|i686|x|\n"
		 "2023-11-14 22:13:20|install|c|3-1|noarch|x|oss|\n"
		 "2023-11-14 22:13:20|install|c|2-1|s390x|x|oss|\n",
		 1800000000);
	assert_history(
		&l,
		"zypper:1700000000 1700000000-1700000000 done:"
		" remove a-1-1.i686, upgraded a-2-1.x86_64, upgrade a-3-1.x86_64 oss,"
		" upgraded b-1-1.noarch, remove b-2-1.x86_64, upgrade b-3-1.x86_64 oss,"
		" downgraded c-4-1.i686, downgrade c-3-1.noarch oss,"
		" install c-2-1.s390x oss ?\n");
}

/* Kernels stand beside one another: nothing goes for the new one. */
static void test_beside(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/zypp/history",
		 "2023-11-20 10:00:00|install|kernel|1-1|x86_64||oss||\n"
		 "2023-11-21 10:00:00|install|kernel|2-1|x86_64||oss||\n"
		 "2023-11-22 10:00:00|install|kernel|3-1|x86_64||oss||\n"
		 "2023-11-22 10:00:00|remove |kernel|1-1|x86_64||\n",
		 1800000000);
	add_installed(&l, "kernel-2-1.x86_64", 0, 1700560800);
	add_installed(&l, "kernel-3-1.x86_64", 0, 1700647200);
	free(read_as_text(&l));
	assert_int_equal(l.h.entries.n, 3);
	assert_int_equal(l.h.entries.v[1].items.n, 1);
	assert_int_equal(l.h.entries.v[1].items.v[0].action, ITEM_INSTALL);
	assert_true(l.h.entries.v[1].complete);
}

/* --- text logs --------------------------------------------------------------------------------------- */

static void test_dnf4_log(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/dnf.rpm.log.1",
		 "2023-11-14T22:13:20Z INFO --- logging initialized ---\n"
		 "2023-11-14T22:13:21Z SUBDEBUG Installed: a-1-1.noarch\n",
		 0);
	put_text(
		&l, "var/log/dnf.rpm.log",
		"2023-11-15T23:13:20+0100 INFO --- logging initialized ---\n"
		"2023-11-15T23:13:25+0100 INFO --- logging initialized ---\n"
		"2023-11-15T23:13:26+0100 SUBDEBUG Upgrade: a-1:2-1.noarch\n"
		"2023-11-15T23:13:27+0100 ERROR Error in POSTIN scriptlet in rpm package a\n"
		"2023-11-15T23:13:28+0100 SUBDEBUG Upgraded: a-1-1.noarch\n"
		"2023-11-15T23:13:29+0100 SUBDEBUG Obsoleted: b-1-1.noarch\n"
		"2023-11-16T23:13:20+0100 INFO --- logging initialized ---\n"
		"2023-11-16T23:13:21+0100 SUBDEBUG Upgrade: a-1:3-1.noarch\n",
		0);
	assert_history(
		&l,
		"dnf4-log:1700000000 1700000000-1700000001 done: install a-1-1.noarch\n"
		"dnf4-log:1700086405 1700086405-1700086409 done: upgrade a-1:2-1.noarch,"
		" upgraded a-1-1.noarch, obsoleted b-1-1.noarch\n"
		"dnf4-log:1700172800 1700172800-0 unfinished: upgrade a-1:3-1.noarch,"
		" upgraded a-1:2-1.noarch\n");
	assert_ptr_equal(history_find(&l.h, "1700000000"), &l.h.entries.v[0]);
}

static void test_dnf5_log(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(
		&l, "var/log/dnf5.log",
		"2023-11-14T22:13:20+0000 [7] INFO --- DNF5 launched with arguments: \"dnf5 upgrade\" ---\n"
		"2023-11-14T22:13:21+0000 [7] INFO RPM callback install start \"a-0:2-1.x86_64\" total 1\n"
		"2023-11-14T22:13:22+0000 [7] INFO RPM callback install stop \"a-0:2-1.x86_64\" amount 1 total 1\n"
		"2023-11-14T22:13:23+0000 [7] INFO RPM callback uninstall stop \"a-0:1-1.x86_64\" amount 1 total 1\n"
		"2023-11-14T22:13:23+0000 [7] INFO RPM callback uninstall stop \"b-0:1-1.x86_64\" amount 1 total 1\n"
		"2023-11-14T22:13:24+0000 [7] INFO DNF5 finished\n"
		"2023-11-15T22:13:20+0000 [8] INFO --- DNF5 launched with arguments: \"dnf5 list\" ---\n"
		"2023-11-15T22:13:21+0000 [8] INFO DNF5 finished\n"
		"2023-11-16T22:13:20+0000 [9] INFO --- DNF5 launched with arguments: \"dnf5 up\" ---\n"
		"2023-11-16T22:13:22+0000 [9] INFO RPM callback install stop \"c-0:2-1.x86_64\" amount 1 total 1\n",
		0);
	assert_history(
		&l,
		"dnf5-log:1700000000 1700000000-1700000003 done dnf5 upgrade: upgrade a-2-1.x86_64,"
		" upgraded a-1-1.x86_64, remove b-1-1.x86_64\n"
		"dnf5-log:1700172800 1700172800-0 unfinished dnf5 up: install c-2-1.x86_64 ?\n");
}

/* Lines have no year: the file's mtime is 2024-01-05 12:00 UTC. */
static void test_yum_log(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_text(&l, "var/log/yum.log",
		 "Nov 14 22:13:20 Installed: 1:a-1-1.noarch\n"
		 "Dec 31 10:00:00 Updated: 1:a-2-1.noarch\n"
		 "Dec 31 10:00:10 Updated: b-2-1.noarch\n"
		 "Jan 05 12:00:00 Erased: b\n"
		 "Jan 05 12:00:01 Erased: 1:a-2-1.noarch\n",
		 1704456000);
	assert_history(
		&l,
		"yum-log:1700000000 1700000000-1700000000 done: install a-1:1-1.noarch\n"
		"yum-log:1704016800 1704016800-1704016810 done: upgrade a-1:2-1.noarch,"
		" upgrade b-2-1.noarch ?, upgraded a-1:1-1.noarch\n"
		"yum-log:1704456001 1704456001-1704456001 done: remove a-1:2-1.noarch\n");
}

/* --- several ------------------------------------------------------------------------------------------ */

/* A root that went from dnf 4 to dnf 5, with a log that goes further back than either, and with
 * somebody who used rpm by hand. */
static void test_merged(void **state)
{
	cleanup_lab struct lab l = lab_new();

	(void)state;
	put_db(&l, DNF5, dnf5);
	put_db(&l, YUM, yum);
	put_db(&l, YUM,
	       "UPDATE trans_beg SET timestamp = timestamp - 500;"
	       "UPDATE trans_end SET timestamp = timestamp - 500;"
	       "DELETE FROM trans_beg WHERE tid > 2;");
	put_text(
		&l, "var/log/dnf5.log",
		"1970-01-01T00:05:00+0000 [7] INFO --- DNF5 launched with arguments: \"dnf5 in z\" ---\n"
		"1970-01-01T00:05:01+0000 [7] INFO RPM callback install stop \"z-0:2-1.x86_64\" amount 1 total 1\n"
		"1970-01-01T00:05:02+0000 [7] INFO DNF5 finished\n"
		/* in the database */
		"1970-01-01T00:33:20+0000 [8] INFO --- DNF5 launched with arguments: \"dnf5 upgrade\" ---\n"
		"1970-01-01T00:33:21+0000 [8] INFO RPM callback install stop \"a-0:2-1.x86_64\" amount 1 total 1\n"
		"1970-01-01T00:33:22+0000 [8] INFO DNF5 finished\n",
		0);
	add_installed(&l, "a-2-1.x86_64", 2001, 2005);
	add_installed(&l, "c-7-1.noarch", 2001, 2006);
	add_installed(&l, "c-7-1.i686", 2001, 2006); /* no history knows of it */
	add_installed(&l, "hotfix-1-1.noarch", 2500, 2501);
	assert_history(
		&l,
		"dnf5-log:300 300-301 done dnf5 in z: install z-2-1.x86_64\n"
		"yum:1 500-510 done install a: install a-1-1.x86_64 user,"
		" install b-32:9-1.noarch dependency\n"
		"1 1000-1010 done dnf5 install a: install a-1-1.x86_64 updates user,"
		" install b-1:5-1.noarch updates weak-dependency\n"
		"yum:2 1500-1510 failed update: upgrade a-2-1.x86_64,"
		" upgraded a-1-1.x86_64 failed\n"
		"2 2000-2010 done dnf5 upgrade: upgrade a-2-1.x86_64 updates user,"
		" upgraded a-1-1.x86_64 user, install c-7-1.noarch updates dependency,"
		" obsoleted b-1:5-1.noarch dependency\n"
		"rpm:2001 2005-2006 done: install c-7-1.i686 ?\n"
		"rpm:2500 2501-2501 done: install hotfix-1-1.noarch ?\n"
		"3 3000-3010 failed dnf5 remove c: remove c-7-1.noarch user failed\n"
		"4 4000-0 unfinished dnf5 reinstall a: reinstall a-2-1.x86_64 updates user,"
		" reinstalled a-2-1.x86_64 user\n");
	assert_string_equal(l.h.primary, "dnf5");
	assert_ptr_equal(history_find(&l.h, "2"), &l.h.entries.v[4]);
	assert_ptr_equal(history_find(&l.h, "yum:2"), &l.h.entries.v[3]);
	assert_null(history_find(&l.h, "rpm:2"));
	assert_null(history_find(&l.h, "yu:2"));
}

static void test_names(void **state)
{
	static const char *const good[] = {"7", "dnf4:7", "yum-2016-07-25:3",
					   "rpm:1700000000"};
	static const char *const bad[] = {"",
					  "07",
					  "-1",
					  "last",
					  ":7",
					  "rpm:",
					  "rpm:x",
					  "rpm:7 ",
					  "RPM:7",
					  "7:rpm",
					  "12345678901234567890"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(good); i++)
		assert_true(history_name_is_valid(good[i]));
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_false(history_name_is_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dnf5),
		cmocka_unit_test(test_dnf5_of_old),
		cmocka_unit_test(test_dnf5_damaged),
		cmocka_unit_test(test_yum),
		cmocka_unit_test(test_yum_of_several),
		cmocka_unit_test(test_zypper),
		cmocka_unit_test(test_zypper_unfinished),
		cmocka_unit_test(test_zypper_elsewhere),
		cmocka_unit_test(test_rotated),
		cmocka_unit_test(test_log_in_part),
		cmocka_unit_test(test_arches),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_dnf4_log),
		cmocka_unit_test(test_dnf5_log),
		cmocka_unit_test(test_yum_log),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
