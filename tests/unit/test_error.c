/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void failing_leaves_kind_and_message(void **state)
{
	cleanup_error struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, ERR_REFUSED, "no room on '%s'", "boot"), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.msg, "no room on 'boot'");
}

static void errno_is_told_and_kept(void **state)
{
	cleanup_error struct error err = ERROR_INIT;

	(void)state;
	errno = ENOTDIR;
	assert_int_equal(err_errno(&err, "cannot open '%s'", "usr/bin"), -1);
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_int_equal(err.sys, ENOTDIR);
	assert_string_equal(err.msg, "cannot open 'usr/bin': Not a directory");
	err_prefix(&err, "staging %s", "bash");
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(err.sys, ENOTDIR);
	assert_string_equal(err.msg,
			    "staging bash: cannot open 'usr/bin': Not a directory");
}

static void a_later_failure_replaces_the_first(void **state)
{
	cleanup_error struct error err = ERROR_INIT;

	(void)state;
	errno = EIO;
	err_errno(&err, "first");
	/* the old message may be part of the new one */
	err_set(&err, ERR_UNTRUSTED, "second after %s", err.msg);
	assert_int_equal(err.kind, ERR_UNTRUSTED);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.msg, "second after first: Input/output error");
}

static void percent_signs_of_a_prefix_stay(void **state)
{
	cleanup_error struct error err = ERROR_INIT;

	(void)state;
	errno = ENOENT;
	err_errno(&err, "cannot open '%s'", "%s%n");
	err_prefix(&err, "%s", "100%d");
	assert_string_equal(err.msg,
			    "100%d: cannot open '%s%n': No such file or directory");
}

static void nobody_need_listen(void **state)
{
	(void)state;
	errno = EIO;
	assert_int_equal(err_set(NULL, ERR_FAILED, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
	assert_int_equal(errno, EIO);
}

static void moving_empties_the_source(void **state)
{
	cleanup_error struct error a = ERROR_INIT, b = ERROR_INIT;

	(void)state;
	err_set(&a, ERR_LOCKED, "held");
	err_set(&b, ERR_FAILED, "old");
	err_move(&b, &a);
	assert_string_equal(b.msg, "held");
	assert_int_equal(b.kind, ERR_LOCKED);
	assert_null(a.msg);
	assert_int_equal(a.kind, ERR_NONE);
	err_move(NULL, &b);
	assert_null(b.msg);
}

static void exit_codes_are_the_documented_ones(void **state)
{
	static const struct {
		enum error_kind kind;
		int code;
		const char *name;
	} all[] = {
		{ERR_NONE, 0, "none"},		 {ERR_FAILED, 1, "failed"},
		{ERR_USAGE, 2, "usage"},	 {ERR_UNAVAILABLE, 4, "unavailable"},
		{ERR_REFUSED, 5, "refused"},	 {ERR_UNFINISHED, 6, "unfinished"},
		{ERR_WARNINGS, 7, "warnings"},	 {ERR_LOCKED, 8, "locked"},
		{ERR_UNTRUSTED, 9, "untrusted"}, {ERR_HALFWAY, 10, "halfway"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		assert_int_equal(error_exit_code(all[i].kind), all[i].code);
		assert_string_equal(error_kind_name(all[i].kind), all[i].name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_leaves_kind_and_message),
		cmocka_unit_test(errno_is_told_and_kept),
		cmocka_unit_test(a_later_failure_replaces_the_first),
		cmocka_unit_test(percent_signs_of_a_prefix_stay),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(moving_empties_the_source),
		cmocka_unit_test(exit_codes_are_the_documented_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
