/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "calls.h"
#include "txnlab.h"

/* What recovery makes of a root that is not as the crash left it. */

static void halfway(struct lab *l, unsigned long renames)
{
	lab_init(l);
	lab_fill(l);
	lab_plan(l);
	lab_die_committing(l, renames);
}

static void recover_fails(struct lab *l, bool back, enum error_kind kind,
			  const char *text)
{
	cleanup_free char *before = lab_snapshot(l, true);
	struct txn_result res = {0};
	struct error err = ERROR_INIT;
	enum txn_state state;

	assert_int_equal(txn_recover(l->root, back, NULL, &res, &state, &err), -1);
	assert_error(&err, kind, text);
	txn_result_release(&res);
	err_release(&err);
	assert_snapshot(l, true, before);
}

static void recover_well(struct lab *l, bool back, enum txn_state wanted)
{
	struct txn_result res = {0};
	enum txn_state state = TXN_READY;

	lab_open(l);
	assert_ok(txn_recover(l->root, back, NULL, &res, &state, &err_));
	assert_int_equal(state, wanted);
	txn_result_release(&res);
}

static void test_nothing(void **unused)
{
	cleanup_lab struct lab l;
	struct txn_result res = {0};
	enum txn_state state;

	(void)unused;
	lab_init(&l);
	assert_int_equal(txn_recover(l.root, false, NULL, &res, &state, NULL), 0);
	assert_false(lab_has_putback(&l));
}

/* The user put something else there after the crash: named, and nothing moves. */
static void test_neither(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL, *aside = NULL;

	(void)unused;
	halfway(&l, 12);
	path = lab_path(&l, "usr/bin/setuid");
	aside = lab_path(&l, "usr/bin/aside");
	assert_int_equal(rename(path, aside), 0);
	lab_file(&l, "usr/bin/setuid", "neither\n", 0755);
	recover_fails(&l, false, ERR_HALFWAY,
		      "'/usr/bin/setuid' is neither the old nor the new one");
	recover_fails(&l, true, ERR_HALFWAY, "/usr/bin/setuid");
	/* put back what was there, and it goes on */
	assert_int_equal(rename(aside, path), 0);
	recover_well(&l, false, TXN_DONE);
}

static void test_staged_object_gone(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL, *path2 = NULL, *before = NULL;

	(void)unused;
	lab_init(&l);
	lab_fill(&l);
	lab_plan(&l);
	before = lab_snapshot(&l, true);
	lab_die_committing(&l, 8);
	path = lab_path(&l, ".putback/1/15"); /* usr/bin/setuid, not yet exchanged */
	assert_int_equal(unlink(path), 0);
	recover_fails(&l, false, ERR_HALFWAY, "its other half is not in the area");
	/* the way back does not need it, nor what it would make */
	path2 = lab_path(&l, ".putback/1/21"); /* usr/lib/to-dir/own */
	assert_int_equal(unlink(path2), 0);
	recover_well(&l, true, TXN_UNDONE);
	assert_snapshot(&l, true, before);
}

static void test_area_gone(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *path = NULL, *to = NULL;

	(void)unused;
	halfway(&l, 8);
	path = lab_path(&l, ".putback/1");
	to = lab_path(&l, ".putback/elsewhere");
	assert_int_equal(rename(path, to), 0);
	recover_fails(&l, false, ERR_HALFWAY,
		      "'.putback/1' on the root's file system is not there");
	assert_int_equal(rename(to, path), 0);
	recover_well(&l, true, TXN_UNDONE);
}

static void test_area_of_another(void **unused)
{
	cleanup_lab struct lab l;

	(void)unused;
	halfway(&l, 8);
	lab_file(&l, ".putback/area",
		 "putback area 1\nid 0123456789abcdef0123456789abcdef\n", 0600);
	recover_fails(&l, false, ERR_HALFWAY, "is not that of transaction 1");
}

/* An apply must wait for recovery; so must an undo. */
static void test_in_the_way(void **unused)
{
	cleanup_lab struct lab l;
	struct txn_info info = {0};
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	halfway(&l, 8);
	assert_int_equal(txn_unfinished(l.root, &info, &err), 1);
	assert_int_equal(info.state, TXN_COMMITTING);
	assert_int_equal(info.id, 1);
	txn_info_release(&info);
	assert_int_equal(txn_undo(l.root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_UNFINISHED, "run recover first");
	assert_int_equal(txn_redo(l.root, 0, NULL, &res, &err), -1);
	assert_error(&err, ERR_UNFINISHED, "run recover first");
	assert_int_equal(txn_forget(l.root, 1, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_UNFINISHED, "transaction 1 is unfinished");
	l.plan.ops.n = 0;
	lab_put(&l, "usr/bin/untouched", "x", 0644);
	assert_int_equal(lab_apply(&l, &res, &err), -1);
	assert_error(&err, ERR_UNFINISHED, "transaction 1 is unfinished (committing)");
	err_release(&err);
	recover_well(&l, false, TXN_DONE);
}

/* --- file systems that come and go -------------------------------------------------------------------- */

static void two_mounts(struct lab *l)
{
	lab_init(l);
	lab_dir(l, "boot");
	lab_dir(l, "usr");
	lab_mount(l, "boot", "size=4m,mode=755");
	lab_file(l, "boot/kernel", "kernel 2\n", 0644);
	lab_file(l, "usr/modules", "modules 2\n", 0644);
	lab_age(l);
	lab_open(l);
	lab_put(l, "boot/kernel", "kernel 1\n", 0644);
	lab_put(l, "usr/modules", "modules 1\n", 0644);
	lab_attr(l, "boot", 0700, 0, 500000000);
}

static void test_two_mounts(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *before = NULL, *after = NULL, *boot = NULL;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	if (!lab_may_mount())
		skip();
	two_mounts(&l);
	before = lab_snapshot(&l, true);
	lab_apply_well(&l);
	after = lab_snapshot(&l, true);
	assert_non_null(strstr(after, "'kernel 1\n'"));
	assert_non_null(strstr(after, "/boot 040700"));
	boot = lab_path(&l, "boot/.putback/1/0");
	assert_int_equal(access(boot, F_OK), 0);
	assert_ok(txn_undo(l.root, 0, false, NULL, &res, &err_));
	assert_snapshot(&l, true, before);
	assert_ok(txn_redo(l.root, 0, NULL, &res, &err_));
	assert_snapshot(&l, true, after);
	/* forget leaves no area where there is no journal, and no other mtime */
	assert_ok(txn_forget(l.root, 1, false, NULL, &res, &err_));
	assert_snapshot(&l, true, after);
	assert_int_equal(access(boot, F_OK), -1);
	txn_result_release(&res);
	err_release(&err);
	lab_unmount(&l, "boot");
}

static void test_mount_missing(void **unused)
{
	cleanup_lab struct lab l;
	struct txn_result res = {0};
	struct error err = ERROR_INIT;
	cleanup_free char *boot = NULL, *elsewhere = NULL, *area = NULL;

	(void)unused;
	if (!lab_may_mount())
		skip();
	two_mounts(&l);
	lab_apply_well(&l);
	boot = lab_path(&l, "boot");
	elsewhere = xasprintf("%s/outside", l.scene.dir);
	assert_int_equal(mount(boot, elsewhere, "", MS_MOVE, NULL), 0);
	lab_open(&l);
	assert_int_equal(txn_undo(l.root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "mount what was mounted at '/boot'");
	txn_result_release(&res);
	assert_int_equal(txn_forget(l.root, 1, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "mount what was mounted at '/boot'");
	/* another one in its place */
	lab_mount(&l, "boot", "size=4m,mode=755");
	lab_open(&l);
	assert_int_equal(txn_undo(l.root, 0, true, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "mount what was mounted at '/boot'");
	txn_result_release(&res);
	/* which has an area, too: that one's is not at hand either */
	area = lab_path(&l, "boot/.putback");
	assert_int_equal(mkdir(area, 0700), 0);
	lab_file(&l, "boot/.putback/area",
		 "putback area 1\nid 0123456789abcdef0123456789abcdef\n", 0600);
	assert_int_equal(txn_forget(l.root, 1, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, "is not there, or is another");
	lab_unmount(&l, "boot");
	assert_int_equal(mount(elsewhere, boot, "", MS_MOVE, NULL), 0);
	lab_open(&l);
	assert_ok(txn_undo(l.root, 0, false, NULL, &res, &err_));
	txn_result_release(&res);
	err_release(&err);
	lab_unmount(&l, "boot");
}

static void test_killed_with_two_mounts(void **unused)
{
	unsigned long n;

	(void)unused;
	if (!lab_may_mount())
		skip();
	for (n = 1;; n += 1 + n / 10) {
		cleanup_lab struct lab l;
		cleanup_free char *before = NULL, *now = NULL, *area = NULL;
		struct txn_result res = {0};
		enum txn_state state;
		bool struck;
		pid_t pid;

		two_mounts(&l);
		before = lab_snapshot(&l, true);
		calls_arm(n, CALLS_KILL);
		pid = fork();
		if (pid == 0)
			_exit(lab_apply(&l, &res, NULL) < 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		calls_disarm();
		struck = calls_struck();
		lab_open(&l);
		assert_ok(txn_lock(l.root, &err_));
		assert_ok(txn_recover(l.root, false, NULL, &res, &state, &err_));
		txn_result_release(&res);
		now = lab_snapshot(&l, true);
		area = lab_path(&l, "boot/.putback");
		if (!strcmp(now, before))
			assert_int_equal(access(area, F_OK), -1);
		else if (!strstr(now, "'kernel 1\n'") || !strstr(now, "'modules 1\n'") ||
			 !strstr(now, "/boot 040700"))
			fail_msg("%lu: neither old nor new:\n%s", n, now);
		lab_unmount(&l, "boot");
		if (!struck)
			break;
	}
	assert_true(n > 50);
}

/* --- locks ----------------------------------------------------------------------------------------------------- */

static void test_lock(void **unused)
{
	cleanup_lab struct lab l;
	struct root *other = NULL;
	struct error err = ERROR_INIT;

	(void)unused;
	lab_init(&l);
	assert_ok(txn_lock(l.root, &err_));
	assert_ok(root_open(l.scene.root, ROOT_WRITE, &other, &err_));
	assert_int_equal(txn_lock(other, &err), -1);
	assert_error(&err, ERR_LOCKED, "another putback");
	lab_open(&l); /* lets go */
	assert_ok(txn_lock(other, &err_));
	root_free(other);
	err_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_neither),
		cmocka_unit_test(test_staged_object_gone),
		cmocka_unit_test(test_area_gone),
		cmocka_unit_test(test_area_of_another),
		cmocka_unit_test(test_in_the_way),
		cmocka_unit_test(test_two_mounts),
		cmocka_unit_test(test_mount_missing),
		cmocka_unit_test(test_killed_with_two_mounts),
		cmocka_unit_test(test_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
