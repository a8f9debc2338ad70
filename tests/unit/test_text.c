/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"
#include "samples.h"

static const struct table_column columns[] = {
	{"ID", TABLE_RIGHT},
	{"NAME", 0},
	{"NEVER", 0},
	{"SIZE", TABLE_RIGHT},
};

static void test_table(void **state)
{
	cleanup_table struct table t = TABLE(columns);
	cleanup_free char *text = NULL;

	(void)state;
	table_add(&t, "7");
	table_add(&t, "a\tb \377");
	table_add(&t, NULL);
	table_add(&t, "1.0 GiB");
	table_addf(&t, "%d", 12);
	table_add(&t, "gr\303\274n");
	table_add(&t, "");
	table_add(&t, "3 B");
	text = sample_print(table_print(&t, out, 1));
	assert_string_equal(text, " ID  NAME          SIZE\n"
				  "  7  a\\tb \\xff  1.0 GiB\n"
				  " 12  gr\303\274n           3 B\n");
}

static size_t longest_line(const char *s)
{
	size_t most = 0;

	while (*s) {
		size_t n = strcspn(s, "\n");
		cleanup_free char *line = xstrndup(s, n);

		most = MAX(most, table_width(line));
		s += n + (s[n] != '\0');
	}
	return most;
}

/* Narrow terminals get broken lines, and lose nothing. */
static void test_table_wraps(void **state)
{
	cleanup_table struct table t = TABLE(columns);
	cleanup_free char *text = NULL, *letters = NULL;
	size_t n = 0;

	(void)state;
	table_add(&t, "1");
	table_add(&t, "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz");
	table_add(&t, "one two three four five");
	table_add(&t, "9");
	setenv("COLUMNS", "44", 1);
	text = sample_print(table_print(&t, out, 2));
	unsetenv("COLUMNS");
	assert_true(longest_line(text) <= 44);
	letters = xcalloc(strlen(text) + 1, 1);
	for (const char *c = text; *c; c++) {
		if (*c >= 'a' && *c <= 'z')
			letters[n++] = *c;
	}
	for (const char *c = "abcdefghijklmnopqrstuvwxyz"; *c; c++) {
		size_t seen = 0;

		for (size_t i = 0; i < n; i++)
			seen += letters[i] == *c;
		assert_true(seen >= 2);
	}
	assert_non_null(strstr(text, "two"));
	assert_non_null(strstr(text, "five"));
}

static void test_break(void **state)
{
	static const struct {
		const char *s;
		size_t width, n;
	} rows[] = {
		{"short", 10, 5},
		{"two words", 5, 4},
		{"a-very-long-name", 8, 7},
		{"unbreakable", 4, 4},
		{"a bcdefghijkl", 8, 2},
		{"x", 0, 1},
		{"\303\244\303\266\303\274", 2, 4},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		assert_int_equal(table_break(rows[i].s, rows[i].width), rows[i].n);
}

static void assert_order(const char *text, const char *const *words, size_t n)
{
	const char *at = text;

	for (size_t i = 0; i < n; i++) {
		const char *next = strstr(at, words[i]);

		if (!next)
			fail_msg("'%s' is not where it should be in:\n%s", words[i],
				 text);
		at = next;
	}
}

static void test_plan(void **state)
{
	static const char *const order[] = {
		"/mnt/sysimage",
		"lab-host, Lab Linux 7, machine-id 0123",
		"undo of entry 7",
		"/var/lib/rpm (sqlite)",
		"Packages (3: 1 to downgrade, 1 to install, 1 to remove)",
		"STEP",
		"downgrade  bash.x86_64",
		"5.2.21-1",
		"5.2.15-2",
		"12 of 340",
		"cache",
		"install    old-tool.noarch",
		"1:1.0-1",
		"/srv/rpms",
		"remove     bad-news.noarch",
		"2.0-1",
		"Signed by",
		"Lab <lab@localhost> (1 package)",
		"UNSIGNED",
		"old-tool-1:1.0-1.noarch",
		"Paths (5;",
		"swap",
		"create",
		"remove",
		"move",
		"attributes",
		"3 ghost",
		"Space",
		"5.0 MiB",
		"4.0 GiB",
		"/boot",
		"64.0 MiB",
		"16.0 MiB",
		"Configuration files (1)",
		"/etc/app.conf: replaced; yours is kept beside it as /etc/app.conf.rpmsave (an older one",
		"Scriptlets",
		"bash-5.2.15-2.x86_64: %post %postun",
		"Notes",
		"zlib has changed",
		"Warnings",
		"not signed by anybody",
		"PROBLEMS",
		"needs 48.0 MiB more",
	};
	cleanup_free char *text = NULL;
	struct sample s;

	(void)state;
	sample_init(&s);
	sample_fill(&s);
	text = sample_print(report_text.plan(out, &s.report));
	assert_order(text, order, ELEMENTSOF(order));
	assert_null(strstr(text, "/usr/bin/bash"));
	sample_release(&s);
}

static void test_plan_files(void **state)
{
	static const char *const order[] = {
		"remove      /usr/share/bad-news  (only in the version that goes)",
		"move        /etc/app.conf -> /etc/app.conf.rpmsave  (",
		"swap        /usr/bin/bash  (content differs)",
		"create      /usr/bin/old-tool  (missing)",
		"attributes  /srv/new\\nline \\x1b[7m latin-\\xe4\\xf6 \"quoted\"  (mode differs)",
	};
	cleanup_free char *text = NULL;
	struct sample s;

	(void)state;
	sample_init(&s);
	sample_fill(&s);
	s.report.files = true;
	text = sample_print(report_text.plan(out, &s.report));
	assert_order(text, order, ELEMENTSOF(order));
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
	assert_true(utf8_is_valid(text));
	sample_release(&s);
}

static void test_plan_fits(void **state)
{
	cleanup_free char *text = NULL;
	struct sample s;

	(void)state;
	sample_init(&s);
	sample_fill(&s);
	setenv("COLUMNS", "80", 1);
	text = sample_print(report_text.plan(out, &s.report));
	unsetenv("COLUMNS");
	assert_true(longest_line(text) <= 80);
	sample_release(&s);
}

static void test_nothing(void **state)
{
	cleanup_free char *text = NULL;
	struct sample s;

	(void)state;
	sample_init(&s);
	s.report.nothing_to_do = true;
	text = sample_print(report_text.plan(out, &s.report));
	assert_non_null(strstr(text, "Nothing to do"));
	assert_null(strstr(text, "Paths"));
	sample_release(&s);
}

static void test_one_source(void **state)
{
	cleanup_free char *text = NULL;
	struct sample s;

	(void)state;
	sample_init(&s);
	sample_change(&s, CHANGE_DOWNGRADE, "a-2-1.noarch", "a-1-1.noarch", 1);
	sample_change(&s, CHANGE_REMOVE, "b-2-1.noarch", NULL, -1);
	text = sample_print(report_text.plan(out, &s.report));
	assert_non_null(strstr(text, ", all from /srv/rpms"));
	assert_null(strstr(text, "SOURCE"));
	sample_release(&s);
}

static void test_survey(void **state)
{
	static const char *const order[] = {
		"/mnt/x",
		"unknown: no os-release",
		"none set",
		"damaged: cut short",
		"/boot",
		"xfs",
		"read-only",
		"/home",
		"NOT MOUNTED",
		"/home: named by the root's fstab, but not mounted",
		"none found",
		"none in this root",
		"4  UNFINISHED (committing): undo of entry 7",
	};
	const struct log_row txns[] = {
		{.id = 4, .state = "committing", .title = "undo of entry 7"}};
	cleanup_free char *text = NULL;
	struct survey_report r = {.root = "/mnt/x",
				  .db_found = true,
				  .db_path = "var/lib/rpm",
				  .db_backend = "sqlite",
				  .db_error = "damaged: cut short",
				  .txns = txns,
				  .n_txns = 1,
				  .unfinished = 4};
	struct sample s;

	(void)state;
	sample_init(&s);
	r.mounts = &s.mounts;
	text = sample_print(report_text.survey(out, &r));
	assert_order(text, order, ELEMENTSOF(order));
	sample_release(&s);
}

/* Each line of what goes to stderr says who speaks. */
static void test_error(void **state)
{
	static const char *const missing[] = {"bash-5.2.15-2.x86_64", "odd\nname"};
	static const char *const looked[] = {"/srv/rpms"};
	const struct package_fault fault = {"a-1-1.noarch", "/srv/a.rpm", "unsigned",
					    "a-1-1.noarch is unsigned"};
	struct error_report r = {.missing = missing,
				 .n_missing = 2,
				 .looked_at = looked,
				 .n_looked_at = 1,
				 .faults = &fault,
				 .n_faults = 1};
	cleanup_free char *text = sample_print(report_text.error(out, &r));

	(void)state;
	assert_string_equal(text, "putback:   missing: bash-5.2.15-2.x86_64\n"
				  "putback:   missing: odd\\nname\n"
				  "putback:   looked at: /srv/rpms\n"
				  "putback:   a-1-1.noarch is unsigned (/srv/a.rpm)\n");
}

static void test_done(void **state)
{
	static const char *const next[] = {"putback undo 3\tto take it back"};
	static const char *const warnings[] = {"user 'x' is unknown"};
	struct done_report r = {.command = "apply",
				.text = "Put back.",
				.next = next,
				.n_next = 1,
				.warnings = warnings,
				.n_warnings = 1};
	cleanup_free char *text = sample_print(report_text.done(out, &r));

	(void)state;
	assert_string_equal(
		text, "Put back.\nwarning: user 'x' is unknown\n\nto take it back:\n"
		      "    putback undo 3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	   cmocka_unit_test(test_table_wraps),
		cmocka_unit_test(test_break),	   cmocka_unit_test(test_plan),
		cmocka_unit_test(test_plan_files), cmocka_unit_test(test_plan_fits),
		cmocka_unit_test(test_nothing),	   cmocka_unit_test(test_one_source),
		cmocka_unit_test(test_survey),	   cmocka_unit_test(test_error),
		cmocka_unit_test(test_done),
	};

	unsetenv("COLUMNS");
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
