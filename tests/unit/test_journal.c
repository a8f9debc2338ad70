/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include "base/file.h"
#include "txnlab.h"

/* A journal found in a root is input like any other, and may be forged. */

static void lab_applied(struct lab *l)
{
	lab_init(l);
	lab_fill(l);
	lab_plan(l);
	lab_apply_well(l);
}

/* All that read it say so, and nothing happens. */
static void refused(struct lab *l, enum error_kind kind, const char *text)
{
	cleanup_free char *before = lab_snapshot(l, true);
	struct txn_result res = {0};
	struct txn_info info = {0};
	enum txn_state state;
	struct error err = ERROR_INIT;

	lab_open(l);
	assert_int_equal(txn_unfinished(l->root, &info, &err), -1);
	assert_error(&err, kind, text);
	assert_int_equal(txn_undo(l->root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, kind, text);
	txn_result_release(&res);
	assert_int_equal(txn_recover(l->root, false, NULL, &res, &state, &err), -1);
	assert_error(&err, kind, text);
	txn_result_release(&res);
	assert_int_equal(txn_forget(l->root, 1, false, NULL, &res, &err), -1);
	assert_error(&err, kind, text);
	txn_result_release(&res);
	assert_int_equal(txn_lock(l->root, &err), 0);
	l->plan.ops.n = 0;
	assert_int_equal(lab_apply(l, &res, &err), -1);
	assert_error(&err, kind, text);
	assert_snapshot(l, true, before);
	err_release(&err);
}

static void test_newer(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	lab_forge(&l, "PRAGMA user_version=4711");
	refused(&l, ERR_FAILED, "from a newer putback (version 4711)");
}

static void test_not_ours(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	lab_forge(&l, "PRAGMA application_id=1");
	refused(&l, ERR_FAILED, "not written by putback");
}

static void test_other_tables(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	lab_forge(
		&l,
		"CREATE TRIGGER t AFTER UPDATE ON transactions BEGIN DELETE FROM ops; END");
	refused(&l, ERR_FAILED, "damaged");
}

static void overwrite(const struct lab *l, const char *name, off_t at, const void *p,
		      size_t n)
{
	cleanup_free char *path = lab_path(l, name);
	cleanup_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, at), n);
}

static void test_garbage(void **unused)
{
	cleanup_lab struct lab l;
	char noise[8192];

	(void)unused;
	lab_applied(&l);
	memset(noise, 0xa5, sizeof(noise));
	overwrite(&l, ".putback/journal.sqlite", 0, noise, sizeof(noise));
	refused(&l, ERR_FAILED, "damaged");
}

static void test_cut_short(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;

	(void)unused;
	lab_applied(&l);
	path = lab_path(&l, ".putback/journal.sqlite");
	assert_int_equal(truncate(path, 12345), 0);
	refused(&l, ERR_FAILED, "damaged");
}

static void test_write_ahead_log(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	/* a header that makes SQLite look for a -wal, and one that is there */
	overwrite(&l, ".putback/journal.sqlite", 18, "\2\2", 2);
	overwrite(&l, ".putback/journal.sqlite-wal", 0, "planted", 7);
	refused(&l, ERR_FAILED, "journal");
}

static void test_super_journal(void **unused)
{
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9,
					       0x20, 0xa1, 0x63, 0xd7};
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;
	struct stat st;

	(void)unused;
	lab_applied(&l);
	path = lab_path(&l, ".putback/journal.sqlite-journal");
	assert_int_equal(stat(path, &st), 0);
	overwrite(&l, ".putback/journal.sqlite-journal", st.st_size, magic,
		  sizeof(magic));
	refused(&l, ERR_FAILED, "names a journal elsewhere");
}

static void test_second_name(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	lab_link(&l, ".putback/journal.sqlite", "usr/second");
	refused(&l, ERR_FAILED, "not a plain file");
}

static void test_is_link(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;

	(void)unused;
	lab_applied(&l);
	path = lab_path(&l, ".putback/journal.sqlite");
	assert_int_equal(unlink(path), 0);
	lab_symlink(&l, "/etc/passwd", ".putback/journal.sqlite");
	refused(&l, ERR_FAILED, "not a plain file");
}

/* --- .putback itself ------------------------------------------------------------------------------------ */

static void test_planted_link(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	lab_symlink(&l, "../outside", ".putback");
	refused(&l, ERR_FAILED, "'.putback' of the root is no directory");
}

static void test_planted_file(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	lab_file(&l, ".putback", "x", 0600);
	refused(&l, ERR_FAILED, "is no directory");
}

static void test_planted_open(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_init(&l);
	lab_dir(&l, ".putback");
	refused(&l, ERR_FAILED, "not closed to others");
}

static void test_planted_owner(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;

	(void)unused;
	lab_init(&l);
	lab_dir(&l, ".putback");
	path = lab_path(&l, ".putback");
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(chown(path, 1000, 0), 0);
	refused(&l, ERR_FAILED, "another user");
}

static void test_newer_area(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	lab_applied(&l);
	overwrite(&l, ".putback/area", 0, "putback area 9\n", 15);
	refused(&l, ERR_FAILED, "from a newer putback (format 9)");
}

/* --- forged rows ------------------------------------------------------------------------------------------- */

static void test_forged_rows(void **unused)
{
	static const char *const sql[] = {
		"UPDATE ops SET path='../outside/x' WHERE n=0",
		"UPDATE ops SET path='/etc/passwd' WHERE n=0",
		"UPDATE ops SET path='usr//bin' WHERE n=0",
		"UPDATE ops SET path='usr/./bin' WHERE n=0",
		"UPDATE ops SET path='usr/../../x' WHERE n=0",
		"UPDATE ops SET path='usr/' WHERE n=0",
		"UPDATE ops SET path='' WHERE n=0",
		"UPDATE ops SET path='.putback/journal.sqlite' WHERE n=0",
		"UPDATE ops SET path='.putback' WHERE n=0",
		"UPDATE ops SET path='usr/.putback/1/1' WHERE n=0",
		"UPDATE ops SET path=CAST('usr' AS BLOB) WHERE n=0",
		"UPDATE ops SET path='usr' || char(0) || 'x' WHERE n=0",
		"UPDATE ops SET path2='../../outside/x' WHERE n=5",
		"UPDATE ops SET path2='usr/elsewhere' WHERE n=5",
		"UPDATE ops SET path2=path WHERE n=5",
		"UPDATE ops SET path2=NULL WHERE n=5",
		"UPDATE ops SET path2='usr/x' WHERE n=0",
		"UPDATE ops SET kind=9 WHERE n=0",
		"UPDATE ops SET kind=-1 WHERE n=0",
		"UPDATE ops SET kind='x' WHERE n=0",
		"UPDATE ops SET area=1 WHERE n=0",
		"UPDATE ops SET area=-1 WHERE n=0",
		"UPDATE ops SET n=1000 WHERE n=0",
		"DELETE FROM ops WHERE n=3",
		"DELETE FROM ops WHERE n=(SELECT max(n) FROM ops)",
		"UPDATE ops SET old_mode=0 WHERE n=0",
		"UPDATE ops SET old_mode=1<<40 WHERE n=0",
		"UPDATE ops SET old_ino=0 WHERE n=0",
		"UPDATE ops SET old_uid=-1 WHERE n=0",
		"UPDATE ops SET old_size=-1 WHERE n=0",
		"UPDATE ops SET old_caps=zeroblob(25) WHERE n=0",
		"UPDATE ops SET old_caps='text' WHERE n=0",
		"UPDATE ops SET new_ino=1 WHERE n=0",
		"UPDATE ops SET new_ino=new_ino+1 WHERE kind=4",
		"UPDATE ops SET new_mode=4096 WHERE kind=4",
		"UPDATE transactions SET ops=ops+1",
		"UPDATE transactions SET ops=-1",
		"UPDATE transactions SET ops=1<<40",
		"UPDATE transactions SET id=0",
		"UPDATE transactions SET id=-1",
		"UPDATE transactions SET id=1000000000000000",
		"UPDATE transactions SET state=99",
		"UPDATE transactions SET state=1",
		"UPDATE transactions SET state='done'",
		"UPDATE transactions SET title=CAST(title AS BLOB)",
		"UPDATE areas SET path='..'",
		"UPDATE areas SET path='/'",
		"UPDATE areas SET id='x'",
		"UPDATE areas SET n=1",
		"DELETE FROM areas WHERE id IS NOT NULL",
		"UPDATE dirs SET path='../outside' WHERE n=0",
		"UPDATE dirs SET area=7 WHERE n=0",
		"UPDATE dirs SET mtime_after='x' WHERE n=0",
		"UPDATE ctimes SET old=zeroblob(8)",
		"UPDATE ctimes SET new='text'",
		"DELETE FROM ctimes",
		"INSERT INTO rpmdb VALUES(1, '../..', zeroblob(32), zeroblob(32))",
		"INSERT INTO rpmdb VALUES(1, '', zeroblob(32), zeroblob(32))",
		"INSERT INTO rpmdb VALUES(1, 'usr', 'text', zeroblob(32))",
	};

	(void)unused;
	for (size_t i = 0; i < ELEMENTSOF(sql); i++) {
		cleanup_lab struct lab l;
		cleanup_free char *before = NULL;
		struct txn_result res = {0};
		struct error err = ERROR_INIT;

		lab_applied(&l);
		before = lab_snapshot(&l, true);
		lab_forge(&l, sql[i]);
		if (txn_undo(l.root, 0, true, NULL, &res, &err) == 0)
			fail_msg("%s: undone", sql[i]);
		if (err.kind != ERR_FAILED || !strstr(err.msg, "journal"))
			fail_msg("%s: %d %s", sql[i], err.kind, err.msg);
		txn_result_release(&res);
		err_release(&err);
		assert_snapshot(&l, true, before);
	}
}

/* --- reading ------------------------------------------------------------------------------------------------- */

static void test_log(void **unused)
{
	cleanup_lab struct lab l;
	struct txn_list list = {0};
	struct txn_info info = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	lab_init(&l);
	assert_ok(txn_log(l.root, 0, &list, &err_));
	assert_int_equal(list.n, 0);
	lab_fill(&l);
	lab_plan(&l);
	lab_apply_well(&l);
	assert_ok(txn_log(l.root, 0, &list, &err_));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].id, 1);
	assert_int_equal(list.v[0].state, TXN_DONE);
	assert_int_equal(list.v[0].ops, l.plan.ops.n);
	assert_string_equal(list.v[0].title, "a test");
	assert_int_equal(list.v[0].changes, 1);
	assert_null(list.v[0].change_list);
	assert_true(list.v[0].bytes_held > 50);
	assert_true(list.v[0].ended >= list.v[0].begun && list.v[0].begun > 0);
	txn_list_release(&list);
	assert_ok(txn_log(l.root, 1, &list, &err_));
	assert_int_equal(list.v[0].change_list[0].kind, CHANGE_DOWNGRADE);
	assert_string_equal(list.v[0].change_list[0].to, "lab-1-1.noarch");
	txn_list_release(&list);
	assert_int_equal(txn_log(l.root, 2, &list, &err), -1);
	assert_error(&err, ERR_USAGE, "no transaction 2");
	err_release(&err);
	assert_int_equal(txn_unfinished(l.root, &info, &err), 0);
}

/* A copy is read: not a byte, inode or time in the root changes. */
static void test_reading_leaves_no_trace(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL, *journal = NULL, *aside = NULL;
	struct txn_list list = {0};
	struct stat before[3], after[3];

	(void)unused;
	lab_init(&l);
	lab_fill(&l);
	lab_plan(&l);
	lab_die_committing(&l, 7);
	path = lab_path(&l, ".putback");
	journal = lab_path(&l, ".putback/journal.sqlite");
	aside = lab_path(&l, ".putback/journal.sqlite-journal");
	for (int i = 0; i < 2; i++) {
		struct stat *st = i ? after : before;

		assert_int_equal(stat(path, &st[0]), 0);
		assert_int_equal(stat(journal, &st[1]), 0);
		assert_int_equal(stat(aside, &st[2]), 0);
		if (i)
			break;
		assert_ok(txn_log(l.root, 0, &list, &err_));
		assert_int_equal(list.v[0].state, TXN_COMMITTING);
		txn_list_release(&list);
	}
	assert_memory_equal(before, after, sizeof(before));
}

/* --- saved plans ---------------------------------------------------------------------------------------------- */

static void test_saved_plan(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL;
	struct saved_plan meta = {.made = 1234567890}, got = {0};
	struct error err = ERROR_INIT;
	struct stat st;

	(void)unused;
	lab_init(&l);
	lab_fill(&l);
	lab_plan(&l);
	path = xasprintf("%s/saved", l.scene.dir);
	strlist_add(&meta.args, "--undo");
	strlist_add(&meta.args, "last");
	strlist_add(&meta.args, "odd \x01\xff name");
	strlist_add(&meta.args, "");
	meta.root_id = xstrdup("some machine");
	plan_digest(&l.plan, &meta.digest);
	assert_ok(txn_save_plan(path, &l.plan, &meta, &err_));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(txn_load_plan(path, &got, &err_));
	assert_int_equal(got.args.n, 4);
	assert_string_equal(got.args.v[2], "odd \x01\xff name");
	assert_string_equal(got.args.v[3], "");
	assert_string_equal(got.root_id, "some machine");
	assert_int_equal(got.made, 1234567890);
	assert_true(digest_is_same(&got.digest, &meta.digest));
	saved_plan_release(&got);

	/* damage */
	assert_int_equal(truncate(path, 5000), 0);
	assert_int_equal(txn_load_plan(path, &got, &err), -1);
	assert_error(&err, ERR_USAGE, path);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(txn_load_plan(path, &got, &err), -1);
	assert_error(&err, ERR_USAGE, path);
	assert_int_equal(txn_load_plan("/nonexistent/plan", &got, &err), -1);
	assert_error(&err, ERR_FAILED, "/nonexistent/plan");
	assert_int_equal(txn_load_plan("/dev/zero", &got, &err), -1);
	assert_error(&err, ERR_USAGE, "no saved plan");
	err_release(&err);
	saved_plan_release(&meta);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newer),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_other_tables),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_write_ahead_log),
		cmocka_unit_test(test_super_journal),
		cmocka_unit_test(test_second_name),
		cmocka_unit_test(test_is_link),
		cmocka_unit_test(test_planted_link),
		cmocka_unit_test(test_planted_file),
		cmocka_unit_test(test_planted_open),
		cmocka_unit_test(test_planted_owner),
		cmocka_unit_test(test_newer_area),
		cmocka_unit_test(test_forged_rows),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_reading_leaves_no_trace),
		cmocka_unit_test(test_saved_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
