/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>

#include "base/memory.h"
#include "scene.h"

static struct scene scene;

static void given(const char *path, const char *text)
{
	cleanup_free char *whole = scene_path(&scene, path);
	FILE *f = fopen(whole, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static unsigned long long available(void)
{
	cleanup_free char *proc = scene_path(&scene, "proc");
	cleanup_free char *cgroup = scene_path(&scene, "cgroup");

	return memory_available_in(proc, cgroup);
}

static int begin(void **state)
{
	static const char *const folders[] = {
		"proc",	      "proc/self",     "cgroup",	 "cgroup/a",
		"cgroup/a/b", "cgroup/memory", "cgroup/memory/g"};

	(void)state;
	scene = scene_new();
	for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
		cleanup_free char *path = scene_path(&scene, folders[i]);

		assert_int_equal(mkdir(path, 0755), 0);
	}
	given("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    1000 kB\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	scene_free(&scene);
	return 0;
}

static void without_groups_meminfo_counts(void **state)
{
	(void)state;
	assert_int_equal(available(), 1000 * 1024);
}

static void nothing_known_is_nothing(void **state)
{
	(void)state;
	given("proc/meminfo", "MemTotal: 9000 kB\n");
	assert_int_equal(available(), 0);
}

static void a_group_of_version_1_limits(void **state)
{
	(void)state;
	given("proc/self/cgroup", "5:cpu:/x\n4:memory:/g\n0::/\n");
	given("cgroup/memory/g/memory.limit_in_bytes", "500000\n");
	given("cgroup/memory/g/memory.usage_in_bytes", "300000\n");
	assert_int_equal(available(), 200000);
	given("cgroup/memory/g/memory.stat",
	      "inactive_file 1\ntotal_inactive_file 50000\ntotal_active_file 20000\n");
	assert_int_equal(available(), 270000);
	given("cgroup/memory/memory.limit_in_bytes", "400000\n"); /* above it */
	given("cgroup/memory/memory.usage_in_bytes", "399999\n");
	assert_int_equal(available(), 1);
	given("cgroup/memory/memory.usage_in_bytes", "400001\n");
	assert_int_equal(available(), 0);
}

static void a_group_of_version_2_limits(void **state)
{
	(void)state;
	given("proc/self/cgroup", "0::/a/b\n");
	given("cgroup/a/b/memory.max", "max\n");
	given("cgroup/a/b/memory.current", "300000\n");
	assert_int_equal(available(), 1000 * 1024);
	given("cgroup/a/memory.max", "700000\n");
	given("cgroup/a/memory.current", "600000\n");
	given("cgroup/a/memory.stat", "anon 1\ninactive_file 1000\nactive_file 500\n");
	assert_int_equal(available(), 101500);
}

static void odd_lines_are_passed_over(void **state)
{
	(void)state;
	given("proc/self/cgroup",
	      "\nx\n:\n::\n4:memory:nowhere\n4:memory:/nowhere/at/all\n0::");
	assert_int_equal(available(), 1000 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_groups_meminfo_counts, begin,
						end),
		cmocka_unit_test_setup_teardown(nothing_known_is_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_group_of_version_1_limits, begin, end),
		cmocka_unit_test_setup_teardown(a_group_of_version_2_limits, begin, end),
		cmocka_unit_test_setup_teardown(odd_lines_are_passed_over, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
