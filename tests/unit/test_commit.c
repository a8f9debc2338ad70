/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "calls.h"
#include "txnlab.h"

/* Every invariant is tried by dying, or failing, at each call that changes the disk in turn. */

/* A sample; CALLS_STEP=1 in the environment tries each. */
static unsigned long step(unsigned long n)
{
	const char *s = getenv("CALLS_STEP");

	return s ? strtoul(s, NULL, 10) : 1 + n / 12;
}

static int apply(void *ctx)
{
	struct error err = ERROR_INIT;
	struct txn_result res = {0};

	return lab_apply(ctx, &res, &err) < 0 ? error_exit_code(err.kind) : 0;
}

static int undo(void *ctx)
{
	struct lab *l = ctx;
	struct error err = ERROR_INIT;
	struct txn_result res = {0};

	return txn_undo(l->root, 0, false, NULL, &res, &err) < 0
		       ? error_exit_code(err.kind)
		       : 0;
}

static int redo(void *ctx)
{
	struct lab *l = ctx;
	struct error err = ERROR_INIT;
	struct txn_result res = {0};

	return txn_redo(l->root, 0, NULL, &res, &err) < 0 ? error_exit_code(err.kind) : 0;
}

static int recover(struct lab *l, bool back, enum txn_state *state)
{
	struct error err = ERROR_INIT;
	struct txn_result res = {0};
	int rc;

	lab_open(l);
	rc = txn_lock(l->root, &err) < 0
		     ? -1
		     : txn_recover(l->root, back, NULL, &res, state, &err);
	if (rc < 0)
		fail_msg("recover: %s", err.msg);
	txn_result_release(&res);
	return rc;
}

static int recover_child(void *ctx)
{
	enum txn_state state;

	return recover(ctx, false, &state) < 0;
}

static void test_apply_undo_redo(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *before = NULL, *after = NULL, *after_inodes = NULL;

	(void)unused;
	lab_init(&l);
	lab_fill(&l);
	lab_plan(&l);
	before = lab_snapshot(&l, true);
	lab_apply_well(&l);
	after = lab_snapshot(&l, false);
	after_inodes = lab_snapshot(&l, true);
	assert_non_null(strstr(
		after,
		"/etc/config 100644 0:0 links 1 mtime 900000008.000000000 'packaged\n'"));
	assert_non_null(strstr(after, "/etc/config.rpmsave 100640"));
	assert_null(strstr(after, "/etc/gone"));
	assert_non_null(strstr(
		after, "/usr/bin/caps 100755 0:0 links 1 mtime 900000011.000000000 caps "
		       "0100000200200000000000000000000000000000 'caps 1\n'"));
	assert_non_null(strstr(after, "/usr/bin/setuid 106711 3:0"));
	assert_non_null(strstr(after, "/usr/bin/link-b 100644 0:0 links 3"));
	assert_non_null(strstr(
		after, "/usr/bin/attr 102755 5:0 links 1 mtime 600000000.000000000"));
	assert_non_null(
		strstr(after, "/usr/bin 040750 7:0 links 0 mtime 500000000.000000000"));
	assert_non_null(strstr(after, "/usr/share/doc/fifo 010640"));
	assert_non_null(strstr(
		after,
		"/var/to-link 120777 0:0 links 1 mtime 900000028.000000000 -> ../usr/share/new"));
	assert_int_equal(undo(&l), 0);
	assert_snapshot(&l, true, before);
	assert_int_equal(redo(&l), 0);
	assert_snapshot(&l, true, after_inodes);
	assert_int_equal(undo(&l), 0);
	assert_snapshot(&l, true, before);
}

/* What stands after an undisturbed apply. */
static char *wanted_after(void)
{
	cleanup_lab struct lab l;

	lab_init(&l);
	lab_fill(&l);
	lab_plan(&l);
	lab_apply_well(&l);
	return lab_snapshot(&l, false);
}

/* Dies in fn at call n; returns false when fn came to its end before. */
static bool die_at(struct lab *l, int (*fn)(void *ctx), unsigned long n)
{
	int rc;

	calls_arm(n, CALLS_KILL);
	rc = lab_in_child(fn, l);
	calls_disarm();
	if (!calls_struck())
		assert_int_equal(rc, 0);
	else
		assert_int_equal(rc, -SIGKILL);
	return calls_struck();
}

static void killed_apply(bool back)
{
	cleanup_free char *after = wanted_after();
	unsigned long n, olds = 0, news = 0;

	for (n = 1;; n += step(n)) {
		cleanup_lab struct lab l;
		cleanup_free char *before = NULL, *now = NULL;
		enum txn_state state = TXN_STAGING;
		int rc;

		lab_init(&l);
		lab_fill(&l);
		lab_plan(&l);
		before = lab_snapshot(&l, true);
		if (!die_at(&l, apply, n))
			break;
		rc = recover(&l, back, &state);
		now = lab_snapshot(&l, true);
		if (rc == 0 || state != TXN_DONE) {
			/* nothing had begun, or it went back: unless it had ended already */
			bool is_new = rc == 0 && strcmp(now, before);

			if (is_new)
				assert_snapshot(&l, false, after);
			else
				lab_compare(now, before, __FILE__, (int)n);
			if (!is_new && state == TXN_STAGING)
				assert_false(lab_has_putback(&l));
			olds += !is_new;
			news += is_new;
		} else {
			assert_snapshot(&l, false, after);
			assert_int_equal(undo(&l), 0);
			assert_snapshot(&l, true, before);
			news++;
		}
	}
	assert_true(n > 100);
	assert_true(olds > 10);
	assert_true(back || news > 3);
}

static void test_killed_apply(void **unused)
{
	(void)unused;
	killed_apply(false);
}

static void test_killed_apply_back(void **unused)
{
	(void)unused;
	killed_apply(true);
}

static void killed_turn(int (*first)(void *), int (*fn)(void *), bool back)
{
	unsigned long n;

	for (n = 1;; n += step(n)) {
		cleanup_lab struct lab l;
		cleanup_free char *before = NULL, *after = NULL, *now = NULL;
		enum txn_state state = TXN_STAGING;

		lab_init(&l);
		lab_fill(&l);
		lab_plan(&l);
		before = lab_snapshot(&l, true);
		lab_apply_well(&l);
		after = lab_snapshot(&l, true);
		if (first)
			assert_int_equal(first(&l), 0);
		if (!die_at(&l, fn, n))
			break;
		recover(&l, back, &state);
		now = lab_snapshot(&l, true);
		if (strcmp(now, before))
			lab_compare(now, after, __FILE__, (int)n);
		/* and it goes on in both directions */
		if (strcmp(now, before)) {
			assert_int_equal(undo(&l), 0);
			assert_snapshot(&l, true, before);
		} else {
			assert_int_equal(redo(&l), 0);
			assert_snapshot(&l, true, after);
		}
	}
	assert_true(n > 40);
}

static void test_killed_undo(void **unused)
{
	(void)unused;
	killed_turn(NULL, undo, false);
}

static void test_killed_undo_back(void **unused)
{
	(void)unused;
	killed_turn(NULL, undo, true);
}

static void test_killed_redo(void **unused)
{
	(void)unused;
	killed_turn(undo, redo, false);
}

/* Dies in apply, dies again while that is recovered. */
static void test_killed_recover(void **unused)
{
	cleanup_free char *after = wanted_after();
	unsigned long total, first;

	(void)unused;
	calls_arm(0, 0);
	free(wanted_after());
	total = calls_count();
	calls_disarm();
	for (first = total / 2; first < total; first += total / 9)
		for (unsigned long n = 1;; n += 2 * step(n)) {
			cleanup_lab struct lab l;
			cleanup_free char *before = NULL, *now = NULL;
			enum txn_state state;

			lab_init(&l);
			lab_fill(&l);
			lab_plan(&l);
			before = lab_snapshot(&l, true);
			die_at(&l, apply, first);
			if (!die_at(&l, recover_child, n))
				break;
			recover(&l, false, &state);
			now = lab_snapshot(&l, true);
			if (strcmp(now, before))
				assert_snapshot(&l, false, after);
		}
}

/* Each call fails in turn: the root is as it was, or new; and no area is left behind. */
static void failing_apply(int what)
{
	cleanup_free char *after = wanted_after();
	unsigned long n, failed = 0;

	for (n = 1;; n += step(n)) {
		cleanup_lab struct lab l;
		cleanup_free char *before = NULL, *now = NULL;
		enum txn_state state;
		bool struck;
		int rc;

		lab_init(&l);
		lab_fill(&l);
		lab_plan(&l);
		before = lab_snapshot(&l, true);
		calls_arm(n, what);
		rc = lab_in_child(apply, &l);
		calls_disarm();
		struck = calls_struck();
		if (!struck && rc == 0)
			break;
		if (rc == 10)
			recover(&l, false, &state);
		now = lab_snapshot(&l, true);
		if (rc == 0 || (rc == 10 && strcmp(now, before))) {
			assert_snapshot(&l, false, after);
		} else {
			assert_true(rc == 1 || rc == 5 || rc == 10);
			lab_compare(now, before, __FILE__, (int)n);
			/* the clearing up itself may be what failed */
			recover(&l, false, &state);
			assert_snapshot(&l, true, before);
			failed++;
		}
	}
	assert_true(failed > 20);
}

static void test_failing_apply_eio(void **unused)
{
	(void)unused;
	failing_apply(EIO);
}

static void test_failing_apply_enospc(void **unused)
{
	(void)unused;
	failing_apply(ENOSPC);
}

/* Without the exchange of two names there are three renames, and more places to die at. */
static void test_three_renames(void **unused)
{
	(void)unused;
	assert_int_equal(setenv("PUTBACK_WITHOUT", "exchange", 1), 0);
	test_apply_undo_redo(NULL);
	killed_apply(false);
	killed_apply(true);
	killed_turn(NULL, undo, false);
	killed_turn(NULL, undo, true);
	assert_int_equal(unsetenv("PUTBACK_WITHOUT"), 0);
}

/* --- the root changes during the commit ----------------------------------------------------------------- */

static struct lab *raced;
static const char *raced_name; /* the last component of a path */
static bool race_in_place, race_came;

/* Somebody is faster than the rename that is about to happen. */
static void race(const char *from, const char *to, unsigned flags)
{
	cleanup_free char *path = lab_path(raced, "usr/file");
	cleanup_free char *fresh = lab_path(raced, "usr/file.fresh");

	(void)to;
	(void)flags;
	if (race_came || strcmp(from, raced_name))
		return;
	race_came = true;
	if (race_in_place) {
		lab_file(raced, "usr/file", "edited\n", 0644);
		return;
	}
	lab_file(raced, "usr/file.fresh", "somebody's\n", 0644);
	assert_int_equal(rename(fresh, path), 0);
}

static void race_begins(struct lab *l, bool in_place)
{
	lab_init(l);
	lab_dir(l, "usr");
	lab_file(l, "usr/a", "a\n", 0644);
	lab_file(l, "usr/file", "old\n", 0644);
	lab_age(l);
	raced = l;
	raced_name = "file";
	race_in_place = in_place;
	race_came = false;
	calls_before_renames(race);
}

static void raced_apply(void (*op)(struct lab *l))
{
	cleanup_lab struct lab l;
	struct error err = ERROR_INIT;
	struct txn_result res = {0};
	cleanup_free char *now = NULL;

	race_begins(&l, false);
	lab_put(&l, "usr/a", "new a\n", 0644);
	op(&l);
	assert_int_equal(lab_apply(&l, &res, &err), -1);
	calls_before_renames(NULL);
	assert_true(race_came);
	assert_error(
		&err, ERR_FAILED,
		"'/usr/file' was replaced at this very moment; the root is as it was");
	err_release(&err);
	assert_false(lab_has_putback(&l));
	now = lab_snapshot(&l, false);
	assert_non_null(strstr(now, "'somebody's\n'"));
	assert_non_null(strstr(now, "'a\n'"));
	assert_null(strstr(now, "new"));
}

static void swap_it(struct lab *l)
{
	lab_put(l, "usr/file", "new\n", 0644);
}

static void remove_it(struct lab *l)
{
	lab_remove(l, "usr/file");
}

static void test_replaced_while_exchanged(void **unused)
{
	(void)unused;
	raced_apply(swap_it);
}

static void test_replaced_while_removed(void **unused)
{
	(void)unused;
	raced_apply(remove_it);
}

/* The edit goes along with the inode, and comes back with it. */
static void test_edited_while_exchanged(void **unused)
{
	cleanup_lab struct lab l;
	cleanup_free char *now = NULL;

	(void)unused;
	race_begins(&l, true);
	lab_put(&l, "usr/file", "new\n", 0644);
	lab_apply_well(&l);
	calls_before_renames(NULL);
	assert_true(race_came);
	assert_int_equal(undo(&l), 0);
	now = lab_snapshot(&l, false);
	assert_non_null(strstr(now, "'edited\n'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replaced_while_exchanged),
		cmocka_unit_test(test_replaced_while_removed),
		cmocka_unit_test(test_edited_while_exchanged),
		cmocka_unit_test(test_apply_undo_redo),
		cmocka_unit_test(test_killed_apply),
		cmocka_unit_test(test_killed_apply_back),
		cmocka_unit_test(test_killed_undo),
		cmocka_unit_test(test_killed_undo_back),
		cmocka_unit_test(test_killed_redo),
		cmocka_unit_test(test_killed_recover),
		cmocka_unit_test(test_failing_apply_eio),
		cmocka_unit_test(test_failing_apply_enospc),
		cmocka_unit_test(test_three_renames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
