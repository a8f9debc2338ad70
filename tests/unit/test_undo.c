/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/wait.h>

#include "base/file.h"
#include "calls.h"
#include "txnlab.h"

struct scenario {
	struct lab lab;
	char *before, *after;
};

static void start(struct scenario *s)
{
	lab_init(&s->lab);
	lab_fill(&s->lab);
	lab_plan(&s->lab);
	s->before = lab_snapshot(&s->lab, true);
	lab_apply_well(&s->lab);
	s->after = lab_snapshot(&s->lab, true);
}

static void end(struct scenario *s)
{
	lab_release(&s->lab);
	free(s->before);
	free(s->after);
}
#define cleanup_scenario __attribute__((cleanup(end)))

static void undo_well(struct lab *l)
{
	struct txn_result res = {0};

	assert_ok(txn_undo(l->root, 0, false, NULL, &res, &err_));
	assert_int_equal(res.warnings.n, 0);
	txn_result_release(&res);
}

static void redo_well(struct lab *l)
{
	struct txn_result res = {0};

	assert_ok(txn_redo(l->root, 0, NULL, &res, &err_));
	txn_result_release(&res);
}

/* Undo names the path and moves nothing. */
static void undo_refused(struct scenario *s, const char *path)
{
	cleanup_free char *now = lab_snapshot(&s->lab, true);
	struct txn_result res = {0};
	struct error err = ERROR_INIT;
	bool named = false;

	assert_int_equal(txn_undo(s->lab.root, 0, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, path);
	for (uint32_t i = 0; i < res.warnings.n; i++)
		named |= strstr(res.warnings.v[i], path) != NULL;
	assert_true(named);
	err_release(&err);
	txn_result_release(&res);
	assert_snapshot(&s->lab, true, now);
}

static uint32_t undo_by_force(struct scenario *s)
{
	struct txn_result res = {0};
	uint32_t n;

	assert_ok(txn_undo(s->lab.root, 0, true, NULL, &res, &err_));
	n = res.warnings.n;
	txn_result_release(&res);
	return n;
}

/* How many files in the area hold this text. */
static const char *wanted_text;
static int kept_files;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	cleanup_close int fd = -1;
	char text[256] = "";

	(void)type;
	(void)ftw;
	if (!S_ISREG(st->st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file_read_full(fd, text, sizeof(text) - 1) >= 0)
		kept_files += !strcmp(text, wanted_text);
	return 0;
}

static int kept(const struct lab *l, const char *text)
{
	cleanup_free char *area = lab_path(l, ".putback");

	wanted_text = text;
	kept_files = 0;
	assert_int_equal(nftw(area, look_into, 16, FTW_PHYS), 0);
	return kept_files;
}

static void test_nothing(void **unused)
{
	cleanup_lab struct lab l;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	lab_init(&l);
	assert_int_equal(txn_undo(l.root, 0, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_USAGE, "no transaction to undo");
	assert_int_equal(txn_redo(l.root, 0, NULL, &res, &err), -1);
	assert_error(&err, ERR_USAGE, "no transaction to redo");
	assert_int_equal(txn_forget(l.root, 3, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_USAGE, "no transaction 3");
	err_release(&err);
	assert_false(lab_has_putback(&l));
}

/* --- what changed since ---------------------------------------------------------------------------------- */

static void test_edited(void **unused)
{
	cleanup_scenario struct scenario s;

	(void)unused;
	start(&s);
	lab_file(&s.lab, "usr/bin/plain", "edited\n", 0755); /* the same inode */
	undo_refused(&s, "/usr/bin/plain");
	assert_true(undo_by_force(&s) >= 1);
	assert_snapshot(&s.lab, true, s.before);
	assert_int_equal(kept(&s.lab, "edited\n"), 1);
}

static void test_edited_with_the_same_size_and_time(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *path = NULL;
	struct stat st;
	struct timespec t[2];

	(void)unused;
	start(&s);
	path = lab_path(&s.lab, "usr/bin/plain");
	assert_int_equal(stat(path, &st), 0);
	lab_file(&s.lab, "usr/bin/plain", "PLAIN 1\n", 0755);
	t[0] = st.st_atim;
	t[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
	undo_refused(&s, "/usr/bin/plain");
}

static void test_replaced(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *path = NULL, *aside = NULL;

	(void)unused;
	start(&s);
	path = lab_path(&s.lab, "usr/bin/plain");
	aside = lab_path(&s.lab, "usr/bin/other");
	lab_file(&s.lab, "usr/bin/other", "replaced\n", 0755);
	assert_int_equal(rename(aside, path), 0);
	undo_refused(&s, "/usr/bin/plain");
	assert_true(undo_by_force(&s) >= 2); /* that it was, and where it is kept */
	assert_snapshot(&s.lab, true, s.before);
	assert_int_equal(kept(&s.lab, "replaced\n"), 1);
}

static void test_removed(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *swapped = NULL, *made = NULL, *moved = NULL;

	(void)unused;
	start(&s);
	swapped = lab_path(&s.lab, "usr/bin/plain");
	made = lab_path(&s.lab, "usr/share/new/deeper/file");
	assert_int_equal(unlink(swapped), 0);
	undo_refused(&s, "'/usr/bin/plain' is gone");
	assert_int_equal(unlink(made), 0);
	undo_refused(&s, "/usr/share/new/deeper/file");
	undo_by_force(&s);
	assert_snapshot(&s.lab, true, s.before);
}

static void test_newcomers(void **unused)
{
	cleanup_scenario struct scenario s;

	(void)unused;
	start(&s);
	/* where something was removed, and in a directory that goes */
	lab_file(&s.lab, "etc/gone", "in the way\n", 0644);
	undo_refused(&s, "'/etc/gone' appeared");
	lab_file(&s.lab, "usr/share/new/own", "the user's\n", 0644);
	undo_refused(&s, "/usr/share/new/own");
	undo_by_force(&s);
	assert_snapshot(&s.lab, true, s.before);
	assert_int_equal(kept(&s.lab, "in the way\n"), 1);
	assert_int_equal(kept(&s.lab, "the user's\n"), 1);
	/* and the directory comes back with what was in it */
	redo_well(&s.lab);
	assert_int_equal(kept(&s.lab, "the user's\n"), 0);
}

static void test_attributes_changed(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *dir = NULL, *file = NULL;

	(void)unused;
	start(&s);
	dir = lab_path(&s.lab, "usr/bin");
	file = lab_path(&s.lab, "usr/bin/attr");
	assert_int_equal(chmod(dir, 0700), 0);
	undo_refused(&s, "'/usr/bin' has another mode");
	assert_int_equal(chmod(dir, 0750), 0);
	assert_int_equal(chmod(file, 0600), 0);
	undo_refused(&s, "/usr/bin/attr");
	undo_by_force(&s);
	assert_snapshot(&s.lab, true, s.before);
}

static void test_reading_is_no_change(void **unused)
{
	cleanup_scenario struct scenario s;

	(void)unused;
	start(&s);
	free(lab_snapshot(&s.lab, false));
	lab_file(&s.lab, "usr/bin/elsewhere", "new beside\n", 0644);
	undo_well(&s.lab);
}

static void test_many_are_named(void **unused)
{
	cleanup_scenario struct scenario s;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	start(&s);
	lab_file(&s.lab, "usr/bin/plain", "1\n", 0755);
	lab_file(&s.lab, "usr/bin/link-a", "2\n", 0755);
	lab_file(&s.lab, "usr/bin/setuid", "3\n", 0755);
	lab_file(&s.lab, "usr/bin/caps", "4\n", 0755);
	assert_int_equal(txn_undo(s.lab.root, 1, false, NULL, &res, &err), -1);
	/* the linked file is one that changed at three paths */
	assert_error(&err, ERR_REFUSED,
		     "6 things have changed since transaction 1 was made: ");
	assert_non_null(strstr(err.msg, ", and 3 more"));
	assert_int_equal(res.warnings.n, 6);
	txn_result_release(&res);
	err_release(&err);
}

/* Killed in the middle of a forced one, recovery knows that it was forced. */
static void test_killed_by_force(void **unused)
{
	unsigned long n;

	(void)unused;
	for (n = 1;; n++) {
		cleanup_scenario struct scenario s;
		cleanup_free char *path = NULL;
		struct txn_result res = {0};
		enum txn_state state;
		pid_t pid;
		bool struck;

		start(&s);
		path = lab_path(&s.lab, "usr/bin/plain");
		assert_int_equal(unlink(path), 0);
		lab_file(&s.lab, "usr/bin/plain", "replaced\n", 0644);
		lab_file(&s.lab, "etc/gone", "in the way\n", 0644);
		calls_arm_renames(n, CALLS_KILL);
		pid = fork();
		if (pid == 0)
			_exit(txn_undo(s.lab.root, 0, true, NULL, &res, NULL) < 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		calls_disarm();
		struck = calls_struck();
		lab_open(&s.lab);
		if (struck) {
			assert_ok(txn_recover(s.lab.root, false, NULL, &res, &state,
					      &err_));
			assert_int_equal(state, TXN_UNDONE);
			txn_result_release(&res);
		}
		assert_snapshot(&s.lab, true, s.before);
		assert_int_equal(kept(&s.lab, "replaced\n"), 1);
		if (!struck)
			break;
	}
	assert_true(n > 20);
}

/* --- what the area lost --------------------------------------------------------------------------------- */

static void test_original_gone(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *path = NULL;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	start(&s);
	path = lab_path(&s.lab, ".putback/1/14"); /* usr/bin/plain */
	assert_int_equal(unlink(path), 0);
	undo_refused(&s, "'/usr/bin/plain' is not in the area any more");
	assert_int_equal(txn_undo(s.lab.root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "/usr/bin/plain");
	txn_result_release(&res);
	err_release(&err);
	assert_snapshot(&s.lab, true, s.after);
}

static void undo_fails(struct scenario *s, const char *text)
{
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	assert_int_equal(txn_undo(s->lab.root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, text);
	txn_result_release(&res);
	err_release(&err);
	assert_snapshot(&s->lab, true, s->after);
}

static void test_area_gone(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *path = NULL, *to = NULL;

	(void)unused;
	start(&s);
	path = lab_path(&s.lab, ".putback/1");
	to = lab_path(&s.lab, ".putback/elsewhere");
	assert_int_equal(rename(path, to), 0);
	undo_fails(&s, "'.putback/1' on the root's file system is not there any more");
}

static void test_area_copied(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *path = NULL;
	cleanup_buf struct buf text = {0};

	(void)unused;
	start(&s);
	assert_int_equal(root_read_file(s.lab.root, ".putback/area", 4096, &text), 0);
	path = lab_path(&s.lab, ".putback/area");
	assert_int_equal(unlink(path), 0);
	lab_file(&s.lab, ".putback/area", text.s, 0600);
	undo_fails(&s, "was copied there");
}

static void test_area_of_another(void **unused)
{
	cleanup_scenario struct scenario s;

	(void)unused;
	start(&s);
	lab_file(&s.lab, ".putback/area",
		 "putback area 1\nid 0123456789abcdef0123456789abcdef\n", 0600);
	undo_fails(&s, "is not that of transaction 1");
}

/* --- several ------------------------------------------------------------------------------------------------ */

/* A second plan in the same lab, over part of the first one's paths. */
static void second(struct lab *l)
{
	l->plan.ops.n = 0;
	lab_remove(l, "usr/share/new/deeper/file");
	lab_attr(l, "usr/bin/setuid", 0755, 0, 700000000);
	lab_put(l, "usr/bin/link-b", "one link less\n", 0644);
	lab_put(l, "usr/bin/plain", "plain 0\n", 0755);
	lab_put(l, "usr/bin/sym", "no symlink\n", 0644);
	lab_apply_well(l);
}

static void test_chain(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *last = NULL;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	start(&s);
	second(&s.lab);
	last = lab_snapshot(&s.lab, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(txn_undo(s.lab.root, 1, false, NULL, &res, &err), -1);
		assert_error(&err, ERR_REFUSED, "transaction 2 came after 1 and stands");
		txn_result_release(&res);
		undo_well(&s.lab);
		assert_snapshot(&s.lab, true, s.after);
		undo_well(&s.lab);
		assert_snapshot(&s.lab, true, s.before);
		/* 2 cannot be done again before 1 */
		assert_int_equal(txn_redo(s.lab.root, 2, NULL, &res, &err), -1);
		assert_error(&err, ERR_REFUSED,
			     "Transaction 1 came before it and is taken back");
		txn_result_release(&res);
		assert_snapshot(&s.lab, true, s.before);
		redo_well(&s.lab);
		assert_snapshot(&s.lab, true, s.after);
		redo_well(&s.lab);
		assert_snapshot(&s.lab, true, last);
	}
	assert_int_equal(txn_redo(s.lab.root, 1, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "transaction 1 is done and cannot be done again");
	txn_result_release(&res);
	err_release(&err);
	/* an edit between the two stops the older one only */
	undo_well(&s.lab);
	lab_file(&s.lab, "usr/bin/plain", "edited\n", 0755);
	undo_refused(&s, "/usr/bin/plain");
}

/* --- forget -------------------------------------------------------------------------------------------------- */

static void test_forget(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *dir = NULL;
	struct txn_result res = {0};
	struct txn_list list = {0};
	struct strlist names = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	start(&s);
	assert_ok(txn_forget(s.lab.root, 1, false, NULL, &res, &err_));
	assert_snapshot(&s.lab, true, s.after);
	assert_int_equal(root_list(s.lab.root, ".putback", &names), 0);
	assert_int_equal(names.n, 2);
	assert_true(strlist_has(&names, "journal.sqlite"));
	strlist_release(&names);
	assert_ok(txn_log(s.lab.root, 0, &list, &err_));
	assert_int_equal(list.v[0].state, TXN_FORGOTTEN);
	assert_int_equal(list.v[0].bytes_held, 0);
	txn_list_release(&list);
	assert_int_equal(txn_forget(s.lab.root, 1, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "forgotten already");
	assert_int_equal(txn_undo(s.lab.root, 1, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "is forgotten");
	txn_result_release(&res);
	err_release(&err);
	/* and life goes on */
	second(&s.lab);
	undo_well(&s.lab);
	assert_snapshot(&s.lab, true, s.after);
}

/* What the user put into the slots, however deep, goes with them; nothing behind a link does. */
static void test_forget_deep(void **unused)
{
	cleanup_scenario struct scenario s;
	cleanup_free char *outside = NULL, *link = NULL;
	struct txn_result res = {0};
	struct strlist names = {0};
	int dir;

	(void)unused;
	start(&s);
	outside = xasprintf("%s/outside/precious", s.lab.scene.dir);
	assert_int_equal(close(open(outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	link = xasprintf("%s/outside", s.lab.scene.dir);
	lab_symlink(&s.lab, link, ".putback/1/way-out");
	dir = root_openat(s.lab.root, ".putback/1", O_RDONLY | O_DIRECTORY, 0);
	for (int i = 0; i < 2000; i++) {
		int next;

		assert_int_equal(mkdirat(dir, "deep", 0700), 0);
		next = openat(dir, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(openat(next, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		assert_int_equal(symlinkat(link, next, "way-out"), 0);
		close(dir);
		dir = next;
	}
	close(dir);
	assert_ok(txn_forget(s.lab.root, 1, false, NULL, &res, &err_));
	assert_int_equal(root_list(s.lab.root, ".putback", &names), 0);
	assert_int_equal(names.n, 2);
	strlist_release(&names);
	assert_int_equal(access(outside, F_OK), 0);
	assert_snapshot(&s.lab, true, s.after);
}

static int forget_child(void *ctx)
{
	struct lab *l = ctx;
	struct txn_result res = {0};

	return txn_forget(l->root, 1, false, NULL, &res, NULL) < 0;
}

static void test_killed_forget(void **unused)
{
	unsigned long n;

	(void)unused;
	for (n = 1;; n += 1 + n / 6) {
		cleanup_scenario struct scenario s;
		struct txn_result res = {0};
		struct txn_list list = {0};
		enum txn_state state;
		bool struck;

		start(&s);
		calls_arm(n, CALLS_KILL);
		lab_in_child(forget_child, &s.lab);
		calls_disarm();
		struck = calls_struck();
		lab_open(&s.lab);
		assert_snapshot(&s.lab, true, s.after);
		assert_int_equal(txn_recover(s.lab.root, false, NULL, &res, &state, NULL),
				 0);
		assert_ok(txn_log(s.lab.root, 0, &list, &err_));
		if (list.v[0].state == TXN_DONE) {
			undo_well(&s.lab);
			assert_snapshot(&s.lab, true, s.before);
		} else {
			struct strlist names = {0};

			assert_int_equal(list.v[0].state, TXN_FORGOTTEN);
			assert_int_equal(root_list(s.lab.root, ".putback", &names), 0);
			assert_int_equal(names.n, 2);
			strlist_release(&names);
		}
		txn_list_release(&list);
		if (!struck)
			break;
	}
	assert_true(n > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_edited),
		cmocka_unit_test(test_edited_with_the_same_size_and_time),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_attributes_changed),
		cmocka_unit_test(test_reading_is_no_change),
		cmocka_unit_test(test_many_are_named),
		cmocka_unit_test(test_killed_by_force),
		cmocka_unit_test(test_original_gone),
		cmocka_unit_test(test_area_gone),
		cmocka_unit_test(test_area_copied),
		cmocka_unit_test(test_area_of_another),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_forget_deep),
		cmocka_unit_test(test_killed_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
