/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/scratch.h"
#include "calls.h"
#include "rpm/db.h"
#include "txnlab.h"

/* The rpmdb's exchange, with a database that is none: its bytes are all that counts here. */

struct dblab {
	struct lab lab;
	struct db db;
	bool edit; /* somebody writes to the old one while the new one is made */
};

static void fill(struct dblab *d)
{
	struct lab *l = &d->lab;

	memset(d, 0, sizeof(*d));
	lab_init(l);
	lab_dir(l, "usr");
	lab_dir(l, "var");
	lab_dir(l, "var/rpm");
	lab_file(l, "usr/file", "old\n", 0644);
}

static void fill_db(struct dblab *d)
{
	struct lab *l = &d->lab;
	cleanup_free char *extra = NULL, *main = NULL;

	lab_file(l, "var/rpm/rpmdb.sqlite", "old database\n", 0640);
	lab_file(l, "var/rpm/rpmdb.sqlite-wal", "old log\n", 0640);
	lab_file(l, "var/rpm/rpmdb.sqlite-shm", "old index\n", 0600);
	lab_file(l, "var/rpm/.rpm.lock", "", 0644);
	lab_file(l, "var/rpm/extra", "of somebody else\n", 0604);
	extra = lab_path(l, "var/rpm/extra");
	main = lab_path(l, "var/rpm/rpmdb.sqlite");
	assert_int_equal(chown(main, 11, 12), 0);
	assert_int_equal(setxattr(extra, "trusted.lab", "kept", 4, 0), 0);
	lab_age(l);
	lab_open(l);
	d->db.dir = (char *)"var/rpm";
	d->db.file = "rpmdb.sqlite";
	assert_ok(db_digest(l->root, "var/rpm", &d->db.digest, &err_));
	l->plan.ops.n = 0;
	lab_put(l, "usr/file", "new\n", 0644);
}

static void start(struct dblab *d)
{
	fill(d);
	fill_db(d);
}

static void end(struct dblab *d)
{
	lab_release(&d->lab);
}
#define cleanup_dblab __attribute__((cleanup(end)))

/* --- the maker ------------------------------------------------------------------------------------------ */

static int begin(void *ctx, void **ret, struct error *err)
{
	struct dblab *d = ctx;

	(void)err;
	if (d->edit)
		lab_file(&d->lab, "var/rpm/rpmdb.sqlite", "rpm was here\n", 0640);
	*ret = ctx;
	return 0;
}

static int finish(void *job, struct scratch **ret, struct error *err)
{
	cleanup_close int fd = -1, other = -1;

	(void)job;
	if (scratch_new("test", 1000, ret, err) < 0)
		return -1;
	fd = scratch_create(*ret, "rpmdb.sqlite", err);
	other = scratch_create(*ret, "second", err);
	assert_true(fd >= 0 && other >= 0);
	assert_int_equal(file_write_all(fd, "new database\n", 13), 0);
	return 0;
}

static void give_up(void *job)
{
	(void)job;
}

static int apply(struct dblab *d, struct error *err)
{
	struct rpmdb_maker maker = {&d->db, d, begin, finish, give_up, .whole = false};
	struct txn_result res = {0};
	int rc = lab_apply_with_rpmdb(&d->lab, &maker, &res, err);

	if (rc == 0)
		txn_result_release(&res);
	return rc;
}

static int apply_child(void *ctx)
{
	return apply(ctx, NULL) < 0;
}

static void undo_well(struct dblab *d)
{
	struct txn_result res = {0};

	assert_ok(txn_undo(d->lab.root, 0, false, NULL, &res, &err_));
	txn_result_release(&res);
}

static void redo_well(struct dblab *d)
{
	struct txn_result res = {0};

	assert_ok(txn_redo(d->lab.root, 0, NULL, &res, &err_));
	txn_result_release(&res);
}

static void undo_refused(struct dblab *d, const char *text)
{
	cleanup_free char *before = lab_snapshot(&d->lab, true);
	struct txn_result res = {0};
	struct error err = ERROR_INIT;

	assert_int_equal(txn_undo(d->lab.root, 0, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_REFUSED, text);
	txn_result_release(&res);
	err_release(&err);
	assert_snapshot(&d->lab, true, before);
}

/* --- both ways of doing it ---------------------------------------------------------------------------- */

static void check_new(struct dblab *d, const char *now)
{
	cleanup_free char *extra = lab_path(&d->lab, "var/rpm/extra");
	char value[8] = "";

	assert_non_null(strstr(now, "/var/rpm/rpmdb.sqlite 100640 11:12 "));
	assert_non_null(strstr(now, "'new database\n'"));
	assert_non_null(strstr(now, "/var/rpm/second 100640 11:12"));
	assert_non_null(strstr(now, "/var/rpm/.rpm.lock 100644"));
	assert_non_null(strstr(now, "/var/rpm/extra 100604"));
	assert_null(strstr(now, "old log"));
	assert_non_null(strstr(now, "/var/rpm/rpmdb.sqlite-wal 100640"));
	assert_non_null(strstr(now, "/var/rpm/rpmdb.sqlite-shm 100600"));
	assert_null(strstr(now, "old index"));
	assert_int_equal(getxattr(extra, "trusted.lab", value, sizeof(value)), 4);
}

static void there_and_back(struct dblab *d)
{
	struct error err = ERROR_INIT;
	cleanup_free char *before = lab_snapshot(&d->lab, true), *after = NULL;

	if (apply(d, &err) < 0)
		fail_msg("%s", err.msg);
	after = lab_snapshot(&d->lab, true);
	check_new(d, after);
	undo_well(d);
	assert_snapshot(&d->lab, true, before);
	redo_well(d);
	assert_snapshot(&d->lab, true, after);
	/* a query touches what lies beside the database */
	lab_file(&d->lab, "var/rpm/rpmdb.sqlite-shm", "mapped by a query\n", 0600);
	undo_well(d);
	assert_snapshot(&d->lab, true, before);
	redo_well(d);
	/* a package comes */
	lab_file(&d->lab, "var/rpm/rpmdb.sqlite", "one package more\n", 0640);
	undo_refused(d, "the rpmdb in '/var/rpm' has changed");
}

static void test_directory(void **unused)
{
	cleanup_dblab struct dblab d;
	cleanup_free char *now = NULL;

	(void)unused;
	start(&d);
	there_and_back(&d);
	now = lab_snapshot(&d.lab, false);
	assert_non_null(strstr(now, "/var/rpm 040755 0:0 links 0 mtime 10000"));
}

static void by_file(struct dblab *d)
{
	fill(d);
	/* a directory in it is not for us to copy */
	lab_dir(&d->lab, "var/rpm/alternatives");
	lab_file(&d->lab, "var/rpm/alternatives/vi", "/usr/bin/vim\n", 0644);
	lab_file(&d->lab, "var/rpm/rpmdb.sqlite-journal", "old journal\n", 0600);
	fill_db(d);
}

static void test_by_file(void **unused)
{
	cleanup_dblab struct dblab d;
	cleanup_free char *now = NULL;

	(void)unused;
	by_file(&d);
	there_and_back(&d);
	now = lab_snapshot(&d.lab, false);
	assert_null(strstr(now, "rpmdb.sqlite-journal"));
	assert_non_null(strstr(now, "alternatives/vi"));
}

static void test_mount_point(void **unused)
{
	cleanup_dblab struct dblab d;

	(void)unused;
	if (!lab_may_mount())
		skip();
	fill(&d);
	lab_mount(&d.lab, "var/rpm", "size=1m,mode=755");
	fill_db(&d);
	there_and_back(&d);
	lab_unmount(&d.lab, "var/rpm");
}

/* The plan has something to do to the directory itself. */
static void test_plan_in_it(void **unused)
{
	cleanup_dblab struct dblab d;
	cleanup_free char *before = NULL, *now = NULL;
	struct error err = ERROR_INIT;

	(void)unused;
	start(&d);
	before = lab_snapshot(&d.lab, true);
	lab_attr(&d.lab, "var/rpm", 0711, 0, 500000000);
	lab_put(&d.lab, "var/rpm/extra", "packaged\n", 0644);
	if (apply(&d, &err) < 0)
		fail_msg("%s", err.msg);
	now = lab_snapshot(&d.lab, false);
	assert_non_null(strstr(now, "'new database\n'"));
	assert_non_null(strstr(now, "'packaged\n'"));
	assert_non_null(strstr(now, "/var/rpm 040711 0:0 links 0 mtime 500000000."));
	undo_well(&d);
	assert_snapshot(&d.lab, true, before);
}

static void test_plan_replaces_it(void **unused)
{
	cleanup_dblab struct dblab d;
	struct error err = ERROR_INIT;

	(void)unused;
	start(&d);
	lab_put_symlink(&d.lab, "var/rpm", "../usr");
	assert_int_equal(apply(&d, &err), -1);
	assert_error(&err, ERR_REFUSED, "a package replaces '/var/rpm', where the rpmdb lies");
	assert_false(lab_has_putback(&d.lab));
	err_release(&err);
}

/* --- killed ------------------------------------------------------------------------------------------------ */

static void killed(void (*make)(struct dblab *d))
{
	unsigned long n;

	for (n = 1;; n += 1 + n / 20) {
		cleanup_dblab struct dblab d;
		cleanup_free char *before = NULL, *now = NULL;
		struct txn_result res = {0};
		enum txn_state state;
		bool struck;

		make(&d);
		before = lab_snapshot(&d.lab, true);
		calls_arm(n, CALLS_KILL);
		lab_in_child(apply_child, &d);
		calls_disarm();
		struck = calls_struck();
		lab_open(&d.lab);
		assert_ok(txn_lock(d.lab.root, &err_));
		assert_ok(txn_recover(d.lab.root, n % 2, NULL, &res, &state, &err_));
		txn_result_release(&res);
		now = lab_snapshot(&d.lab, true);
		if (strcmp(now, before)) {
			check_new(&d, now);
			assert_non_null(strstr(now, "'new\n'"));
			undo_well(&d);
			assert_snapshot(&d.lab, true, before);
		}
		if (!struck)
			break;
	}
	assert_true(n > 60);
}

static void test_killed(void **unused)
{
	(void)unused;
	killed(start);
}

static void test_killed_by_file(void **unused)
{
	(void)unused;
	killed(by_file);
}

/* --- not the one that the plan was made from ------------------------------------------------------------- */

static void test_changed_since_the_plan(void **unused)
{
	cleanup_dblab struct dblab d;
	struct error err = ERROR_INIT;

	(void)unused;
	start(&d);
	lab_file(&d.lab, "var/rpm/rpmdb.sqlite-wal", "a longer log\n", 0640);
	assert_int_equal(apply(&d, &err), -1);
	assert_error(&err, ERR_FAILED, "the rpmdb in '/var/rpm' has changed since the plan was made; "
				       "the root is as it was");
	assert_false(lab_has_putback(&d.lab));
	err_release(&err);
}

static void test_changed_while_staging(void **unused)
{
	cleanup_dblab struct dblab d;
	struct error err = ERROR_INIT;

	(void)unused;
	start(&d);
	d.edit = true;
	assert_int_equal(apply(&d, &err), -1);
	assert_error(&err, ERR_FAILED, "somebody wrote to the rpmdb; the root is as it was");
	assert_false(lab_has_putback(&d.lab));
	err_release(&err);
}

/* --- rpm's lock ---------------------------------------------------------------------------------------------- */

/* Another process holds it, as rpm does; ends when the pipe is closed. */
static pid_t hold_lock(const struct dblab *d, int *ret_pipe)
{
	cleanup_free char *path = lab_path(&d->lab, "var/rpm/.rpm.lock");
	int ready[2], go[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		int fd = open(path, O_RDWR | O_CLOEXEC);

		close(go[1]);
		if (fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &c, 1) != 0);
	}
	close(go[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*ret_pipe = go[1];
	return pid;
}

static void test_rpm_holds_it(void **unused)
{
	cleanup_dblab struct dblab d;
	struct error err = ERROR_INIT;
	struct txn_result res = {0};
	cleanup_free char *number = NULL;
	int end_of_pipe;
	pid_t pid;

	(void)unused;
	start(&d);
	pid = hold_lock(&d, &end_of_pipe);
	number = xasprintf("process %ld", (long)pid);
	assert_int_equal(apply(&d, &err), -1);
	assert_error(&err, ERR_LOCKED, number);
	assert_non_null(strstr(err.msg, "/var/rpm/.rpm.lock"));
	assert_false(lab_has_putback(&d.lab));
	close(end_of_pipe);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	err_release(&err);
	if (apply(&d, &err) < 0)
		fail_msg("%s", err.msg);
	pid = hold_lock(&d, &end_of_pipe);
	assert_int_equal(txn_undo(d.lab.root, 0, false, NULL, &res, &err), -1);
	assert_error(&err, ERR_LOCKED, "the rpmdb is in use");
	txn_result_release(&res);
	close(end_of_pipe);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	err_release(&err);
	undo_well(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_by_file),
		cmocka_unit_test(test_mount_point),
		cmocka_unit_test(test_plan_in_it),
		cmocka_unit_test(test_plan_replaces_it),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_by_file),
		cmocka_unit_test(test_changed_since_the_plan),
		cmocka_unit_test(test_changed_while_staging),
		cmocka_unit_test(test_rpm_holds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
