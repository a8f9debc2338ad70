/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/args.h"
#include "cmd/options.h"
#include "cmd/word.h"

enum { WORDS_MAX = 24 };

/* Parses "a b c" as the words behind the program's name. */
static int parse(struct options *o, struct error *err, char *words)
{
	static char *argv[WORDS_MAX];
	int argc = 0;

	argv[argc++] = (char *)"putback";
	for (char *w = words; w; argc++) {
		char *blank = strchr(w, ' ');

		assert_true(argc < WORDS_MAX - 1);
		if (blank)
			*blank = '\0';
		argv[argc] = !strcmp(w, "''") ? (char *)"" : w;
		w = blank ? blank + 1 : NULL;
	}
	argv[argc] = NULL;
	memset(o, 0, sizeof(*o));
	return options_parse(o, argc, argv, err);
}

static void assert_usage(const char *words, const char *says)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *copy = xstrdup(words);
	struct options o;
	int rc = parse(&o, &err, copy);

	if (rc == 0)
		rc = options_selection(&o, &err);
	if (rc == 0)
		fail_msg("'%s' was accepted", words);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.msg, says))
		fail_msg("'%s' gives '%s', which does not speak of '%s'", words, err.msg,
			 says);
	options_release(&o);
}

static void test_anywhere(void **state)
{
	static const char *const lines[] = {
		"--root /r --from a --from b plan --undo 7 -y",
		"plan --undo=7 --root=/r -y --from a --from=b",
		"--undo 7 -y --from a plan --root /r --from b",
	};

	(void)state;
	for (size_t i = 0; i < 2 * ELEMENTSOF(lines); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_free char *copy = xstrdup(lines[i % ELEMENTSOF(lines)]);
		struct options o;

		if (i >= ELEMENTSOF(lines))
			setenv("POSIXLY_CORRECT", "1", 1);
		assert_int_equal(parse(&o, &err, copy), 0);
		assert_string_equal(o.command, "plan");
		assert_string_equal(o.root, "/r");
		assert_int_equal(o.from.n, 2);
		assert_string_equal(o.from.v[0], "a");
		assert_string_equal(o.from.v[1], "b");
		assert_string_equal(o.selection.undo, "7");
		assert_null(o.selection.undo_to);
		assert_true(o.yes);
		assert_int_equal(o.given,
				 GIVEN(ROOT) | GIVEN(FROM) | GIVEN(UNDO) | GIVEN(YES));
		options_release(&o);
	}
	unsetenv("POSIXLY_CORRECT");
}

static void test_packages(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	char words[] = "apply bash zlib-1-2 --nodeps -- --odd -x";
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &err, words), 0);
	assert_int_equal(options_selection(&o, &err), 0);
	assert_int_equal(o.selection.packages.n, 4);
	assert_string_equal(o.selection.packages.v[0], "bash");
	assert_string_equal(o.selection.packages.v[3], "-x");
	assert_true(o.nodeps);
	assert_false(o.replacefiles);
	assert_int_equal(o.config, CONFIG_RPM);
	options_release(&o);
}

static void test_wrong(void **state)
{
	(void)state;
	assert_usage("plan --undo", "--undo needs an argument");
	assert_usage("plan --undo yesterday", "'yesterday'");
	assert_usage("plan --undo -1", "'-1'");
	assert_usage("plan --undo 007", "'007'");
	assert_usage("plan --undo 1x", "'1x'");
	assert_usage("plan --undo 99999999999999999999", "'99999999999999999999'");
	assert_usage("plan --undo last bash", "'bash'");
	assert_usage("plan --undo 7..", "'7..'");
	assert_usage("plan --undo ..7", "'..7'");
	assert_usage("plan --undo 7..8..9", "'7..8..9'");
	assert_usage("plan --back-to soon", "'soon'");
	assert_usage("plan --back-to 7 bash", "--back-to or packages");
	assert_usage("plan --back-to 7 --undo 8", "--undo or --back-to");
	assert_usage("plan", "nothing is selected");
	assert_usage("plan ''", "empty");
	assert_usage("plan --config mine bash", "'mine'");
	assert_usage("plan --root= bash", "--root");
	assert_usage("plan --quite bash", "did you mean --quiet?");
	assert_usage("plan --frobnicate=3 bash", "'--frobnicate'");
	assert_usage("plan -x bash", "'-x'");
	assert_usage("plan --json=yes bash", "--json takes no argument");
	assert_usage("plan bash -o", "--output needs an argument");
}

static void test_check(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	char words[] = "survey --yes --force --json --from x";
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &err, words), 0);
	assert_int_equal(options_check(&o, GIVEN(YES) | GIVEN(FORCE), &err), 0);
	assert_int_equal(options_check(&o, GIVEN(YES), &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "`survey` does not take --force;"));
	options_release(&o);
}

/* What a saved plan holds comes to the same again, and again to the same text. */
static void test_canonical(void **state)
{
	static const char *const lines[] = {
		"plan --undo 7",
		"plan --undo dnf4:7..last",
		"plan --back-to rpm:17",
		"plan --back-to 2026-11-01T14:00:30",
		"plan --from cache --from / --key /etc --trust-root-keys --allow-unsigned --nodeps "
		"--config keep --replacefiles --undo 12",
		"plan --config replace -- -odd bash",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_free char *copy = xstrdup(lines[i]);
		struct strlist once = {0}, twice = {0};
		struct options a, b = {0};
		char *argv[WORDS_MAX] = {(char *)"putback", (char *)"plan"};

		assert_int_equal(parse(&a, &err, copy), 0);
		assert_int_equal(options_selection(&a, &err), 0);
		args_of(&a, NULL, &once);
		for (uint32_t k = 0; k < once.n; k++)
			argv[2 + k] = once.v[k];
		assert_int_equal(options_parse(&b, 2 + (int)once.n, argv, &err), 0);
		assert_int_equal(options_selection(&b, &err), 0);
		args_of(&b, NULL, &twice);
		assert_int_equal(once.n, twice.n);
		for (uint32_t k = 0; k < once.n; k++)
			assert_string_equal(once.v[k], twice.v[k]);
		assert_int_equal(a.given, b.given);
		assert_int_equal(a.config, b.config);
		assert_int_equal(a.selection.packages.n, b.selection.packages.n);
		strlist_release(&once);
		strlist_release(&twice);
		options_release(&a);
		options_release(&b);
	}
}

static void test_canonical_resolves(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	char words[] = "plan --from /usr/../usr/bin --undo last";
	struct strlist args = {0};
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &err, words), 0);
	args_of(&o, "rpm:31", &args);
	assert_string_equal(args.v[0], "--from=/usr/bin");
	assert_string_equal(args.v[1], "--undo=rpm:31");
	strlist_release(&args);
	options_release(&o);
}

static void test_default_root(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	char words[] = "survey";
	struct options o;

	(void)state;
	setenv("PUTBACK_ROOT", "/from/the/environment", 1);
	assert_int_equal(parse(&o, &err, words), 0);
	assert_string_equal(o.root, "/from/the/environment");
	options_release(&o);
	unsetenv("PUTBACK_ROOT");
}

static void test_quote(void **state)
{
	static const char *const rows[][2] = {
		{"bash-5.2", "bash-5.2"},
		{"", "''"},
		{"a b", "'a b'"},
		{"it's", "'it'\\''s'"},
		{"$(reboot)", "'$(reboot)'"},
		{"--root=/mnt", "--root=/mnt"},
		{"*", "'*'"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		cleanup_free char *s = word_quote(rows[i][0]);

		assert_string_equal(s, rows[i][1]);
	}
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"survey", "history", "plan",
					    "apply",  "undo",	 "redo"};
	static const char *const rows[][2] = {
		{"suvey", "survey"}, {"aply", "apply"},	   {"histroy", "history"},
		{"udno", "undo"},    {"frobnicate", NULL}, {"undoo", "undo"},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const char *near = word_nearest(rows[i][0], names, ELEMENTSOF(names));

		if (rows[i][1])
			assert_string_equal(near, rows[i][1]);
		else
			assert_null(near);
	}
}

static void test_command_line(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	char words[] = "plan $HOME --root /a;b";
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &err, words), 0);
	assert_string_equal(o.command_line, "putback plan '$HOME' --root '/a;b'");
	options_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anywhere),
		cmocka_unit_test(test_packages),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_canonical_resolves),
		cmocka_unit_test(test_default_root),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
