/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "scene.h"

#include "base/file.h"
#include "history/history.h"
#include "history/record.h"

/* A rollback noted in dnf 5's records: read back, byte by byte. What dnf itself makes of it is in dnf5.bats, where there is a
 * dnf 5; dnf 4's are dnf's own to judge (afterwards.bats). */

#define FOLDER "usr/lib/sysimage/libdnf5/"

static const char schema[] =
	"CREATE TABLE config (key TEXT, value TEXT);"
	"CREATE TABLE trans_state (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin, dt_end,"
	"  rpmdb_version_begin, rpmdb_version_end, releasever, user_id, description, comment, state_id);"
	"CREATE TABLE repo (id INTEGER PRIMARY KEY, repoid TEXT);"
	"CREATE TABLE pkg_name (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE arch (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE item (id INTEGER PRIMARY KEY);"
	"CREATE TABLE trans_item_action (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item_reason (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item_state (id INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id, item_id, repo_id,"
	"  action_id, reason_id, state_id);"
	"CREATE TABLE rpm (item_id INTEGER, name_id, epoch, version, release, arch_id);"
	"INSERT INTO config VALUES ('version', '1.1');"
	"INSERT INTO trans_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');"
	"INSERT INTO trans_item_action VALUES (1, 'Install'), (2, 'Upgrade'), (3, 'Downgrade'),"
	"  (4, 'Reinstall'), (5, 'Remove'), (6, 'Replaced'), (7, 'Reason Change');"
	"INSERT INTO trans_item_reason VALUES (0, 'None'), (1, 'Dependency'), (2, 'User'), (5, 'Group');"
	"INSERT INTO repo VALUES (1, 'fedora'), (2, '@System'), (3, 'updates');"
	"INSERT INTO pkg_name VALUES (1, 'a'), (2, 'b'), (3, 'c');"
	"INSERT INTO arch VALUES (1, 'x86_64');"
	"INSERT INTO item VALUES (1), (2), (3), (4);"
	"INSERT INTO rpm VALUES (1, 1, 0, '1', '1', 1), (2, 1, 0, '2', '1', 1),"
	"  (3, 2, 1, '5', '1', 1), (4, 3, 0, '7', '1', 1);"
	"INSERT INTO trans VALUES (1, 100, 110, '', '', '42', 0, 'dnf5 install', '', 2),"
	"  (2, 200, 210, '', '', '42', 0, 'dnf5 upgrade', '', 2);"
	"INSERT INTO trans_item VALUES (1, 1, 1, 1, 1, 1, 2), (2, 1, 3, 1, 1, 2, 2),"
	"  (3, 2, 2, 3, 2, 1, 2), (4, 2, 1, 2, 6, 1, 2), (5, 2, 4, 3, 1, 1, 2), (6, 2, 3, 2, 5, 2, 2);";

static const char packages[] =
	"version = \"1.0\"\n[packages]\n\"a.x86_64\" = {reason=\"Dependency\"}\n"
	"\"c.x86_64\" = {reason=\"Dependency\"}\n\"z.noarch\" = {reason=\"User\"}\n";
static const char nevras[] =
	"version = \"1.0\"\n[nevras]\n\"a-2-1.x86_64\" = {from_repo=\"updates\"}\n"
	"\"c-7-1.x86_64\" = {from_repo=\"updates\"}\n"
	"\"z-1-1.noarch\" = {from_repo=\"fedora\"}\n";

struct lab {
	struct scene s;
	struct root *root;
	struct pkgset installed;
	struct changes changes;
	struct strlist paths, words; /* words: remarks and warnings */
};

static void lab_free(struct lab *l)
{
	root_free(l->root);
	changes_release(&l->changes);
	pkgset_release(&l->installed);
	strlist_release(&l->paths);
	strlist_release(&l->words);
	scene_free(&l->s);
}
#define cleanup_lab __attribute__((cleanup(lab_free)))

static void run_sql(const struct lab *l, const char *sql)
{
	cleanup_free char *full = scene_path(&l->s, FOLDER "transaction_history.sqlite");
	char *message = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s", message);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void lab_init(struct lab *l)
{
	cleanup_error struct error err = ERROR_INIT;

	memset(l, 0, sizeof(*l));
	l->s = scene_new();
	scene_dir(&l->s, "usr");
	scene_dir(&l->s, "usr/lib");
	scene_dir(&l->s, "usr/lib/sysimage");
	scene_dir(&l->s, "usr/lib/sysimage/libdnf5");
	run_sql(l, schema);
	scene_file(&l->s, FOLDER "packages.toml", packages);
	scene_file(&l->s, FOLDER "nevras.toml", nevras);
	scene_file(&l->s, FOLDER "system.toml",
		   "version = \"1.0\"\n[system]\nrpmdb_cookie = \"before\"\n");
	assert_int_equal(root_open(l->s.root, ROOT_READ, &l->root, &err), 0);
}

static struct pkg *make_pkg(const char *text)
{
	struct pkg *p = pkg_new();

	assert_int_equal(nevra_parse(&p->mem, text, &p->id), 0);
	p->nevra = arena_strdup(&p->mem, text);
	return p;
}

/* As dnf 5.4.4 left it behind the installation of two groups and an environment in entry 2, the one of which
 * was there before, and of whose other members one went. */
static const char comps_sql[] =
	"CREATE TABLE comps_group (item_id, groupid, name, translated_name, pkg_types);"
	"CREATE TABLE comps_group_package (id INTEGER PRIMARY KEY, group_id, name_id, installed, pkg_type);"
	"CREATE TABLE comps_environment (item_id, environmentid, name, translated_name, pkg_types);"
	"CREATE TABLE comps_environment_group (id INTEGER PRIMARY KEY, environment_id, groupid, installed, group_type);"
	"INSERT INTO item VALUES (5), (6), (7), (8);"
	"INSERT INTO comps_group VALUES (5, 'old', 'Old', 'Old', 7), (6, 'old', 'Old', 'Old', 0),"
	"  (7, 'b.tools', 'Tools', 'Tools', 7);"
	"INSERT INTO comps_group_package VALUES (1, 5, 3, 1, 4), (2, 5, 1, 1, 2), (3, 5, 2, 0, 8),"
	"  (4, 6, 3, 1, 4), (5, 7, 1, 1, 4);"
	"INSERT INTO comps_environment VALUES (8, 'env', 'Env', 'Env', 7);"
	"INSERT INTO comps_environment_group VALUES (1, 8, 'b.tools', 1, 4);"
	"INSERT INTO trans_item VALUES (7, 1, 5, 1, 1, 2, 1), (8, 2, 6, 2, 5, 2, 1),"
	"  (9, 2, 7, 3, 1, 2, 1), (10, 2, 8, 3, 1, 2, 1);";

static void add_change(struct lab *l, enum change_kind kind, const char *from,
		       const char *to)
{
	struct change c = {.kind = kind, .source = -1};

	if (from) {
		c.from = make_pkg(from);
		pkgset_take(&l->installed, c.from);
	}
	if (to) {
		c.to = make_pkg(to);
		pkgset_take(&l->changes.arriving, c.to);
	}
	array_add(&l->changes.list, c);
}

/* Into the root, as src/txn would. */
static void put(struct lab *l)
{
	const struct history_entry undone = {.id = 2, .origin = "dnf5"};
	struct record_order o = {.changes = &l->changes,
				 .undone = &undone,
				 .n_undone = 1,
				 .command = "putback apply --undo=2",
				 .begin = 300,
				 .end = 310,
				 .cookie_begin = "before",
				 .cookie_end = "after"};
	struct newfiles files = {0};

	record_make(l->root, &o, NULL, &files, &l->words);
	for (uint32_t i = 0; i < files.n; i++) {
		cleanup_free char *full = scene_path(&l->s, files.v[i].path);
		cleanup_close int fd = -1;

		assert_true(strlist_has(&l->paths, files.v[i].path));
		if (files.v[i].kind == NEWFILE_GONE) {
			assert_int_equal(unlink(full), 0);
			continue;
		}
		/* SQLite's log, which was not there */
		if (files.v[i].fresh) {
			assert_string_equal(files.v[i].path,
					    FOLDER "transaction_history.sqlite-wal");
			assert_int_equal(files.v[i].fd, -1);
			continue;
		}
		fd = open(full, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert_int_equal(lseek(files.v[i].fd, 0, SEEK_SET), 0);
		assert_int_equal(file_copy(files.v[i].fd, fd), 0);
	}
	newfiles_release(&files);
}

/* As dnf keeps it of what is installed. */
static void define_group(struct lab *l, const char *path)
{
	scene_dir(&l->s, FOLDER "comps_groups");
	scene_dir(&l->s, FOLDER "comps_groups/groups");
	scene_file(&l->s, path, "<comps/>");
}

static void assert_file(const struct lab *l, const char *path, const char *wanted)
{
	struct buf b = {0};

	assert_int_equal(root_read_file(l->root, path, 1 << 20, &b), 0);
	assert_string_equal(b.s, wanted);
	buf_release(&b);
}

static void test_dnf5(void **unused)
{
	cleanup_lab struct lab l;
	static const struct pkgset none;
	const struct history_entry *e;
	struct history h = {0};

	(void)unused;
	lab_init(&l);
	record_look(l.root, NULL, &l.paths, &l.words);
	assert_int_equal(l.words.n, 0);
	add_change(&l, CHANGE_DOWNGRADE, "a-2-1.x86_64", "a-1-1.x86_64");
	add_change(&l, CHANGE_INSTALL, NULL, "b-1:5-1.x86_64");
	add_change(&l, CHANGE_REMOVE, "c-7-1.x86_64", NULL);
	add_change(&l, CHANGE_INSTALL, NULL, "new-1-1.noarch");
	put(&l);
	assert_int_equal(l.words.n, 0);
	history_read(l.root, &none, NULL, &h);
	assert_int_equal(h.entries.n, 3);
	e = &h.entries.v[2];
	assert_int_equal(e->id, 3);
	assert_int_equal(e->state, ENTRY_DONE);
	assert_true(e->putback);
	assert_int_equal(e->items.n, 5);
	assert_int_equal(e->items.v[0].action, ITEM_DOWNGRADE);
	assert_string_equal(e->items.v[0].id.version, "1");
	assert_string_equal(e->items.v[0].repo, "fedora");
	assert_string_equal(e->items.v[0].reason, "dependency");
	assert_int_equal(e->items.v[1].action, ITEM_DOWNGRADED);
	assert_string_equal(e->items.v[2].reason, "user");
	assert_string_equal(e->items.v[2].repo, "fedora");
	assert_int_equal(e->items.v[3].action, ITEM_REMOVE);
	assert_string_equal(e->items.v[4].repo, "putback");
	history_release(&h);
	assert_file(
		&l, FOLDER "packages.toml",
		"version = \"1.0\"\n[packages]\n\"a.x86_64\" = {reason = \"Dependency\"}\n"
		"\"b.x86_64\" = {reason = \"User\"}\n\"new.noarch\" = {reason = \"User\"}\n"
		"\"z.noarch\" = {reason=\"User\"}\n");
	assert_file(
		&l, FOLDER "nevras.toml",
		"version = \"1.0\"\n[nevras]\n\"a-1-1.x86_64\" = {from_repo = \"fedora\"}\n"
		"\"b-1:5-1.x86_64\" = {from_repo = \"fedora\"}\n"
		"\"new-1-1.noarch\" = {from_repo = \"putback\"}\n"
		"\"z-1-1.noarch\" = {from_repo=\"fedora\"}\n");
	assert_file(&l, FOLDER "system.toml",
		    "version = \"1.0\"\n[system]\nrpmdb_cookie = \"after\"\n");
}

static void test_dnf5_groups(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *gone = NULL;

	(void)unused;
	lab_init(&l);
	run_sql(&l, comps_sql);
	scene_file(&l.s, FOLDER "groups.toml",
		   "version = \"1.0\"\n\n[groups]\n[groups.\"b.tools\"]\n"
		   "package_types = [\"mandatory\"]\npackages = [\n  \"a\",\n]\n"
		   "userinstalled = true\n\n[groups.other]\npackages = []\n"
		   "userinstalled = false\n\n");
	scene_file(&l.s, FOLDER "environments.toml",
		   "version = \"1.0\"\n\n[environments]\nenv = {groups = "
		   "[\"b.tools\"]}\nmine = {groups = []}\n\n");
	define_group(&l, FOLDER "comps_groups/groups/b.tools.xml");
	scene_file(&l.s, FOLDER "comps_groups/groups/other.xml", "<comps/>");
	record_look(l.root, NULL, &l.paths, &l.words);
	add_change(&l, CHANGE_DOWNGRADE, "a-2-1.x86_64", "a-1-1.x86_64");
	put(&l);
	assert_int_equal(l.words.n, 0);
	assert_file(&l, FOLDER "groups.toml",
		    "version = \"1.0\"\n\n[groups]\n[groups.old]\n"
		    "package_types = [\"mandatory\", \"default\", \"conditional\"]\n"
		    "packages = [\"c\", \"a\"]\nuserinstalled = true\n\n"
		    "[groups.other]\npackages = []\nuserinstalled = false\n\n");
	assert_file(&l, FOLDER "environments.toml",
		    "version = \"1.0\"\n\n[environments]\nmine = {groups = []}\n\n");
	gone = scene_path(&l.s, FOLDER "comps_groups/groups/b.tools.xml");
	assert_int_equal(access(gone, F_OK), -1);
	assert_file(&l, FOLDER "comps_groups/groups/other.xml", "<comps/>");
}

/* By another hand, in any order; and a history that says it twice. */
static void test_dnf5_groups_unsorted(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	run_sql(&l, comps_sql);
	run_sql(&l, "INSERT INTO comps_group VALUES (7, 'b.tools', 'Twice', 'Twice', 7)");
	scene_file(
		&l.s, FOLDER "groups.toml",
		"version = \"1.0\"\n[groups]\n[groups.zeta]\npackages = []\n[groups.old]\n"
		"packages = []\n[groups.\"b.tools\"]\npackages = []\n");
	define_group(&l, FOLDER "comps_groups/groups/b.tools.xml");
	record_look(l.root, NULL, &l.paths, &l.words);
	add_change(&l, CHANGE_REMOVE, "c-7-1.x86_64", NULL);
	put(&l);
	assert_int_equal(l.words.n, 0);
	assert_file(&l, FOLDER "groups.toml",
		    "version = \"1.0\"\n[groups]\n[groups.old]\npackage_types = "
		    "[\"mandatory\", \"default\", \"conditional\"]\n"
		    "packages = [\"c\", \"a\"]\nuserinstalled = true\n"
		    "[groups.zeta]\npackages = []\n");
}

/* Of which nothing is to be changed; of which something is. */
static void test_dnf5_groups_unknown(void **unused)
{
	(void)unused;
	for (int changed = 0; changed < 2; changed++) {
		cleanup_lab struct lab l;

		lab_init(&l);
		if (changed)
			run_sql(&l, comps_sql);
		scene_file(&l.s, FOLDER "groups.toml",
			   "version = \"1.0\"\n[groups]\nold = odd\n");
		record_look(l.root, NULL, &l.paths, &l.words);
		assert_int_equal(l.words.n, 0);
		add_change(&l, CHANGE_REMOVE, "c-7-1.x86_64", NULL);
		put(&l);
		assert_int_equal(l.words.n, changed);
		if (changed && (!strstr(l.words.v[0], "groups.toml") ||
				!strstr(l.words.v[0], "old = odd")))
			fail_msg("'%s'", l.words.v[0]);
		assert_file(&l, FOLDER "groups.toml",
			    "version = \"1.0\"\n[groups]\nold = odd\n");
	}
}

static void assert_remark(struct lab *l, const char *part)
{
	record_look(l->root, NULL, &l->paths, &l->words);
	assert_int_equal(l->paths.n, 0);
	assert_int_equal(l->words.n, 1);
	if (!strstr(l->words.v[0], "cannot be noted") || !strstr(l->words.v[0], part))
		fail_msg("'%s' says nothing of '%s'", l->words.v[0], part);
}

static void test_not_to_be_written(void **unused)
{
	static const struct {
		const char *path, *text, *part;
	} cases[] = {
		{FOLDER "packages.toml", "version = \"2.0\"\n[packages]\n", "2.0"},
		{FOLDER "packages.toml", "version = \"1.0\"\n[others]\n",
		 "no table 'packages'"},
		{FOLDER "nevras.toml",
		 "version = \"1.0\"\n[nevras]\n\"b\" = {from_repo = \"x\"}\n[nevras.a]\nfrom_repo = \"x\"\n",
		 "[nevras.a]"},
		{FOLDER "nevras.toml",
		 "version = \"1.0\"\n[nevras]\n\"b\" = {from_repo = \"x\"}\n\"a\" = {}\n\"b\" = {}\n",
		 "it has 'b' twice"},
		{FOLDER "system.toml", "version = \"1.0\"\n[system]\n", "rpmdb_cookie"},
	};

	(void)unused;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_lab struct lab l;

		lab_init(&l);
		scene_file(&l.s, cases[i].path, cases[i].text);
		assert_remark(&l, cases[i].part);
		/* what turns out only later is a warning, and nothing is half done */
		add_change(&l, CHANGE_REMOVE, "c-7-1.x86_64", NULL);
		put(&l);
		assert_int_equal(l.words.n, 2);
		assert_file(&l, FOLDER "nevras.toml",
			    strcmp(cases[i].path, FOLDER "nevras.toml") ? nevras
									: cases[i].text);
	}
}

static void test_of_another_version(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	run_sql(&l, "UPDATE config SET value = '2.0'");
	assert_remark(&l, "2.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dnf5),
		cmocka_unit_test(test_dnf5_groups),
		cmocka_unit_test(test_dnf5_groups_unsorted),
		cmocka_unit_test(test_dnf5_groups_unknown),
		cmocka_unit_test(test_not_to_be_written),
		cmocka_unit_test(test_of_another_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
