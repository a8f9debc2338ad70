/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "core/mounts.h"

static void add(struct mounts *m, const char *path, bool missing)
{
	struct mount *x = array_push(m);

	x->path = xstrdup(path);
	x->fstype = xstrdup("ext4");
	x->device = xstrdup("/dev/x");
	x->missing = missing;
}

static void a_path_is_on_the_mount_nearest_above(void **state)
{
	struct mounts m = {0};

	(void)state;
	add(&m, "", false);
	add(&m, "usr", false);
	add(&m, "usr/lib", false);
	add(&m, "var", true);
	assert_int_equal(mounts_of_path(&m, ""), 0);
	assert_int_equal(mounts_of_path(&m, "etc/passwd"), 0);
	assert_int_equal(mounts_of_path(&m, "usr"), 1);
	assert_int_equal(mounts_of_path(&m, "usr/bin/x"), 1);
	assert_int_equal(mounts_of_path(&m, "usr/lib"), 2);
	assert_int_equal(mounts_of_path(&m, "usr/lib/x/y"), 2);
	assert_int_equal(mounts_of_path(&m, "usr/lib64/x"), 1); /* not beneath usr/lib */
	assert_int_equal(mounts_of_path(&m, "usrx"), 0);
	assert_int_equal(mounts_of_path(&m, "var/x"),
			 0); /* what is missing holds nothing */
	mounts_release(&m);
	assert_int_equal(m.n, 0);
}

static void the_last_of_two_at_one_place_is_seen(void **state)
{
	struct mounts m = {0};

	(void)state;
	add(&m, "", false);
	add(&m, "usr", false);
	add(&m, "usr", false);
	assert_int_equal(mounts_of_path(&m, "usr/x"), 2);
	mounts_release(&m);
}

static void what_is_missing_is_missing_beneath(void **state)
{
	struct mounts m = {0};

	(void)state;
	add(&m, "", false);
	add(&m, "boot", true);
	add(&m, "boot/efi", false);
	add(&m, "srv", false);
	add(&m, "srv/data", true);
	assert_null(mounts_missing_above(&m, "bin/sh"));
	assert_null(
		mounts_missing_above(&m, "boot")); /* the mount point itself is there */
	assert_null(mounts_missing_above(&m, "bootx/x"));
	assert_ptr_equal(mounts_missing_above(&m, "boot/vmlinuz"), &m.v[1]);
	assert_null(mounts_missing_above(&m, "boot/efi/x"));
	assert_null(mounts_missing_above(&m, "boot/efi"));
	assert_ptr_equal(mounts_missing_above(&m, "boot/efix"), &m.v[1]);
	assert_null(mounts_missing_above(&m, "srv/x"));
	assert_ptr_equal(mounts_missing_above(&m, "srv/data/x/y"), &m.v[4]);
	mounts_release(&m);
}

static void no_mounts_at_all(void **state)
{
	struct mounts m = {0};

	(void)state;
	assert_int_equal(mounts_of_path(&m, "x"), 0);
	assert_null(mounts_missing_above(&m, "x"));
	mounts_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_on_the_mount_nearest_above),
		cmocka_unit_test(the_last_of_two_at_one_place_is_seen),
		cmocka_unit_test(what_is_missing_is_missing_beneath),
		cmocka_unit_test(no_mounts_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
