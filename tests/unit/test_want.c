/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "select/want.h"

static void test_written_and_read(void **state)
{
	static const struct nevra none = {0};
	static const struct {
		struct nevra id, than;
		const char *what, *text;
	} cases[] = {
		{{"a", "1", "2", "noarch", 0}, none, "a-1-2.noarch", "a-1-2.noarch"},
		{{"a-b", "1", "2.fc38", "x86_64", 3},
		 none,
		 "a-b-3:1-2.fc38.x86_64",
		 "a-b-3:1-2.fc38.x86_64"},
		{{"a", "1", "2.fc38", "", EPOCH_NONE},
		 none,
		 "a-1-2.fc38.*",
		 "a-1-2.fc38"},
		{{"a", "1", "", "i686", EPOCH_NONE}, none, "a-1-*.i686", "a-1.i686"},
		{{"a", "1", "", "", EPOCH_NONE}, none, "a-1-*.*", "a-1"},
		{{"a", "", "", "noarch", EPOCH_NONE},
		 {"a", "2", "1.el9", "noarch", 7},
		 "a-<7:2-1.el9.noarch",
		 "a version of a.noarch older than 7:2-1.el9"},
		{{"a", "", "", "", EPOCH_NONE}, none, "a-*-*.*", "a"},
		{{"a", "1*", "2", "noarch", 0}, none, NULL, NULL},
		{{"a", "1", "2<", "noarch", 0}, none, NULL, NULL},
		{{"a b", "1", "2", "noarch", 0}, none, NULL, NULL},
		{{"a", "1:1", "2", "noarch", 0}, none, NULL, NULL},
		{{"a", "", "", "noarch", 0}, {"a", "2", "1", "x y", 7}, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const struct step_miss m = {.id = cases[i].id, .than = cases[i].than};
		cleanup_free char *what = want_of_miss(&m);
		struct arena mem = {0};
		struct want w;

		if (!cases[i].what) {
			assert_null(what);
			continue;
		}
		assert_string_equal(what, cases[i].what);
		assert_int_equal(want_parse(&mem, what, &w), 0);
		assert_string_equal(w.text, cases[i].text);
		assert_int_equal(w.older, m.than.name != NULL);
		arena_release(&mem);
	}
}

static void test_labels(void **state)
{
	static const char *const cases[][2] = {
		{"bash", "bash-*-*.*"},
		{"python3-foo", "python3-foo-*-*.*"},
		{"bash-5-1", "bash-5-1"},
		{"bash.x86_64", "bash.x86_64-*-*.*"},
		{"3:bash-5-1", "3:bash-5-1"},
		{"ba*", NULL},
		{"a b", NULL},
		{"", NULL},
		{"a-<1-1", NULL},
		{"a\n-1-1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *what = want_of_label(cases[i][0]);
		struct arena mem = {0};
		struct want w;

		if (!cases[i][1]) {
			assert_null(what);
			continue;
		}
		assert_string_equal(what, cases[i][1]);
		assert_int_equal(want_parse(&mem, what, &w), 0);
		if (w.label)
			assert_string_equal(w.text, cases[i][0]);
		arena_release(&mem);
	}
}

static void test_values(void **state)
{
	struct koji_wanted exactly[2];
	struct arena mem = {0};
	struct want w;

	(void)state;
	assert_int_equal(
		want_parse(&mem, "k-<3-1.x86_64 kern 0123 has=3-1 later=1 has=2:1-1", &w),
		0);
	assert_string_equal(w.source, "kern");
	assert_string_equal(w.keyid, "0123");
	assert_int_equal(w.n_has, 2);
	assert_int_equal(w.has[1].epoch, 2);
	assert_string_equal(w.has[1].arch, "x86_64");
	assert_int_equal(want_of_archive(&w, exactly), 1);
	assert_int_equal(exactly[0].how, KOJI_OLDER);
	assert_int_equal(exactly[0].n_there, 2);
	assert_string_equal(exactly[0].like, "1");
	assert_int_equal(want_parse(&mem, "a-1-*.x86_64 - -", &w), 0);
	assert_int_equal(want_of_archive(&w, exactly), 1);
	assert_int_equal(exactly[0].how, KOJI_VERSION);
	assert_string_equal(exactly[0].id.release, "");
	assert_int_equal(want_parse(&mem, "a-*-*.* - -", &w), 0);
	assert_int_equal(want_of_archive(&w, exactly), 0);

	assert_int_equal(want_parse(&mem, "a-1-1.* - - for=x86_64", &w), 0);
	assert_string_equal(w.source, "");
	assert_int_equal(want_of_archive(&w, exactly), 2);
	assert_string_equal(exactly[0].id.arch, "x86_64");
	assert_string_equal(exactly[1].id.arch, "noarch");
	assert_int_equal(want_parse(&mem, "a-1-1.* - -", &w), 0);
	assert_int_equal(want_of_archive(&w, exactly), 0);
	assert_int_equal(want_parse(&mem, "a-1-1.i686", &w), 0);
	assert_int_equal(want_of_archive(&w, exactly), 1);
	arena_release(&mem);
}

static void test_damaged(void **state)
{
	static const char *const cases[] = {"",
					    "a",
					    "a-1",
					    "a-<1.b",
					    "a-<-1.b",
					    "-*-*.*",
					    "a-<2-1.b - - has=1",
					    "a-<2-1.b - - has=1-1-1"};
	struct arena mem = {0};
	struct want w;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++)
		if (want_parse(&mem, cases[i], &w) == 0)
			fail_msg("'%s' passes", cases[i]);
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_read),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
