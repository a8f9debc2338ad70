/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/users.h"

static uint32_t uid(const struct users *u, const char *name)
{
	uint32_t id = 12345;

	return users_uid(u, name, &id) ? id : UINT32_MAX;
}

static void names_become_numbers(void **state)
{
	struct users u = {0};
	uint32_t id;

	(void)state;
	users_parse_passwd(&u, "root:x:0:0:root:/root:/bin/sh\n"
			       "alice:x:1000:100::/home/alice:/bin/sh\n"
			       "last:x:4294967294:1:no newline at the end");
	users_parse_group(&u, "root:x:0:\nstaff:x:50:alice,bob\nalice:x:7:\nshort:x:8");
	users_finish(&u);
	assert_int_equal(uid(&u, "root"), 0);
	assert_int_equal(uid(&u, "alice"), 1000);
	assert_int_equal(uid(&u, "last"), 4294967294);
	assert_true(users_gid(&u, "staff", &id));
	assert_int_equal(id, 50);
	assert_true(users_gid(&u, "alice", &id));
	assert_int_equal(id, 7);
	assert_true(users_gid(&u, "short", &id));
	assert_int_equal(id, 8);
	assert_false(users_gid(&u, "last", &id));
	assert_int_equal(id, 8); /* untouched */
	assert_string_equal(users_name(&u, 1000), "alice");
	assert_null(users_name(&u, 50));
	users_release(&u);
}

/* A rescue root has seen better days. */
static void bad_lines_are_passed_over(void **state)
{
	struct users u = {0};

	(void)state;
	users_parse_passwd(&u, "\n\n:x:1:1:no name:/:/\n"
			       "nonumber:x::1::/:\n"
			       "minus:x:-1:1::/:\n"
			       "plus:x:+1:1::/:\n"
			       "letters:x:12a:1::/:\n"
			       "toolarge:x:4294967295:1::/:\n"
			       "fartoolarge:x:99999999999999999999999:1::/:\n"
			       "short:x\n"
			       "shorter\n"
			       "+::::::\n"
			       "blank:x: 5:1::/:\n"
			       "# comment\n"
			       "good:x:5:1::/:\n"
			       "\xff\xfe:x:6:1::/:\n");
	users_finish(&u);
	assert_int_equal(u.users.n, 2);
	assert_int_equal(uid(&u, "good"), 5);
	assert_int_equal(uid(&u, "\xff\xfe"), 6);
	assert_int_equal(uid(&u, "minus"), UINT32_MAX);
	users_release(&u);
}

/* As getpwnam(3) finds it, and files that are read first come first. */
static void the_first_of_a_name_wins(void **state)
{
	struct users u = {0};

	(void)state;
	users_parse_passwd(&u, "b:x:1:1::/:\na:x:2:1::/:\nb:x:3:1::/:\n");
	users_parse_passwd(&u, "a:x:4:1::/:\nc:x:5:1::/:\n");
	users_finish(&u);
	assert_int_equal(u.users.n, 3);
	assert_int_equal(uid(&u, "a"), 2);
	assert_int_equal(uid(&u, "b"), 1);
	assert_int_equal(uid(&u, "c"), 5);
	users_release(&u);
}

static void nobody_at_all(void **state)
{
	struct users u = {0};

	(void)state;
	users_parse_passwd(&u, "");
	users_finish(&u);
	assert_int_equal(uid(&u, "root"), UINT32_MAX);
	assert_null(users_name(&u, 0));
	users_release(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_numbers),
		cmocka_unit_test(bad_lines_are_passed_over),
		cmocka_unit_test(the_first_of_a_name_wins),
		cmocka_unit_test(nobody_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
