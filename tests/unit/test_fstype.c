/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/fstype.h"

#define S(seconds) (INT64_C(seconds) * INT64_C(1000000000))

static void test_names(void **state)
{
	const unsigned plain = FS_NO_ATTRIBUTES | FS_NO_INODES | FS_NO_CASE;

	(void)state;
	assert_int_equal(fstype_lacks("ext4"), 0);
	assert_int_equal(fstype_lacks("xfs"), FS_NOT_IN_PLACE);
	assert_int_equal(fstype_lacks("vfat"), plain);
	assert_int_equal(fstype_lacks("fuse.vfat"), plain);
	assert_int_equal(fstype_lacks("fuseblk.exfat"), plain);
	assert_int_equal(fstype_lacks("fuse.sshfs"), FS_NO_INODES);
	assert_int_equal(fstype_lacks("overlay"), FS_NO_INODES);
	assert_int_equal(fstype_lacks("vfatx"), 0);
	assert_int_equal(fstype_lacks("vfa"), 0);
	assert_int_equal(fstype_lacks("?"), 0);
	assert_int_equal(fstype_lacks(""), 0);
	assert_int_equal(fstype_lacks("."), 0);
	assert_int_equal(fstype_lacks(NULL), 0);
}

static void test_magic(void **state)
{
	(void)state;
	assert_string_equal(fstype_of_magic(0x4d44), "vfat");
	assert_string_equal(fstype_of_magic(0x65735546), "fuse");
	assert_null(fstype_of_magic(0x12345678));
}

static void test_mtimes(void **state)
{
	(void)state;
	assert_true(fstype_mtime(S(1600000001)) == S(1600000000));
	assert_true(fstype_mtime(S(1600000001) + 999999999) == S(1600000000));
	assert_true(fstype_mtime(S(1600000002)) == S(1600000002));
	assert_true(fstype_mtime(0) == S(315532800));
	assert_true(fstype_mtime(-S(5)) == S(315532800));

	assert_false(fstype_mtimes_differ(S(1600000000), S(1600000001)));
	assert_true(fstype_mtimes_differ(S(1600000000), S(1600000002)));
	assert_false(fstype_mtimes_differ(0, S(1)));
	/* zones: whole hours, halves and quarters of them */
	assert_false(fstype_mtimes_differ(S(1600000000), S(1600003600)));
	assert_false(fstype_mtimes_differ(S(1600020700), S(1600000000)));
	assert_false(fstype_mtimes_differ(S(1600000000), S(1600050400)));
	assert_true(fstype_mtimes_differ(S(1600000000), S(1600051300)));
	assert_true(fstype_mtimes_differ(S(1600000000), S(1600003602)));
	assert_true(fstype_mtimes_differ(S(1600000000), S(1600086400)));
	assert_true(fstype_mtimes_differ(INT64_MAX, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_magic),
		cmocka_unit_test(test_mtimes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
