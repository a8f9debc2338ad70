/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Runs the scenarios of tests/fixtures/plan. Each is a test of its own; the text after its "=>" is
 * the assertion, as a whole. A plan that nothing refuses is then carried out on the scenario's disk:
 * every op must be possible in its turn, and a second plan for the same packages must be empty.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "planlab.h"

struct scenario {
	char *name; /* "config: edited, noreplace" */
	char *text;
};
static ARRAY(struct scenario) scenarios;

/* Without blanks at the ends of lines, and without empty lines and comments. */
static char *tidy(const char *text)
{
	struct buf b = {0};

	buf_str(&b, "");
	while (*text) {
		size_t n = strcspn(text, "\n"), len = n, skip = strspn(text, " \t");

		while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
			len--;
		if (len > skip && text[skip] != '#') {
			buf_add(&b, text + skip, len - skip);
			buf_char(&b, '\n');
		}
		text += n + (text[n] == '\n');
	}
	return buf_steal(&b);
}

/* Carries the plan out, and plans again. */
static void check_result(struct lab *l, const struct lab_plan *first,
			 struct buf *complaint)
{
	cleanup_error struct error err = ERROR_INIT;
	struct lab_plan second;
	const struct op *op;

	lab_run(l, &first->plan, complaint);
	lab_advance(l, &first->plan, true);
	if (lab_plan(l, &second, &err) < 0) {
		buf_printf(complaint, "the second plan: %s\n", err.msg);
		return;
	}
	array_foreach(op, &second.plan.ops)
		buf_printf(complaint, "the second plan still has: %s %s (%s)\n",
			   op_kind_name(op->kind), op->path, op_reason_text(op->reason));
	lab_plan_release(&second);
}

/* NULL when all is as the scenario expects, else what is not; the caller frees. */
static char *verdict(const char *text)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf got = {0}, complaint = {0};
	cleanup_free char *want = NULL;
	const char *expected;
	struct lab_plan p;
	struct lab l;
	char *ret = NULL;

	lab_init(&l);
	if (lab_parse(&l, text, &expected, &err) < 0) {
		lab_release(&l);
		return xasprintf("no scenario: %s\n", err.msg);
	}
	want = tidy(expected);
	if (lab_plan(&l, &p, &err) < 0) {
		buf_printf(&got, "error %s\n", err.msg);
	} else {
		lab_show(&l, &p.plan, &got);
		if (problems_worst(&p.plan.problems) < (int)SEV_REFUSE && !l.only_once)
			check_result(&l, &p, &complaint);
		lab_plan_release(&p);
	}
	if (strcmp(got.s, want) != 0 || complaint.n)
		ret = xasprintf("--- wanted\n%s--- got\n%s--- complaints\n%s", want,
				got.s, complaint.s ? complaint.s : "");
	lab_release(&l);
	return ret;
}

static void run_scenario(void **state)
{
	const struct scenario *s = *state;
	cleanup_free char *wrong = verdict(s->text);

	if (wrong)
		fail_msg("%s\n%s", s->name, wrong);
}

/* What a scenario does not expect makes it fail, and so does what does not come. */
static void scenarios_can_fail(void **state)
{
	static const char *const texts[] = {
		"remove a-1-1\nfile f /x content=1\ndisk f x content=1\n=>\n",
		"remove a-1-1\nfile f /x content=1\n=>\nremove x (only in the version that goes)\n",
		"from a-2-1\nfile f /x content=2\nto a-1-1\nfile f /x content=1\n"
		"disk f x content=2\n=>\nswap f x 2 (content differs)\n",
		"remove a-1-1\nfile f /x content=1\ndisk f x content=1\n",
		"remove a-1-1\nfile f /x contents=1\n=>\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		cleanup_free char *wrong = verdict(texts[i]);

		assert_non_null(wrong);
	}
}

/* "= title" begins a scenario; what stands before the first belongs to none. */
static void read_file(const char *dir, const char *file)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, file);
	cleanup_buf struct buf b = {0};
	FILE *f = fopen(path, "re");
	char *at, *next;
	char block[4096];
	size_t n;

	if (!f)
		BUG("cannot read %s", path);
	buf_str(&b, "\n");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	for (at = strstr(b.s, "\n= "); at; at = next) {
		struct scenario *s = array_push(&scenarios);
		size_t title;

		at += 3;
		title = strcspn(at, "\n");
		next = strstr(at, "\n= ");
		s->name = xasprintf("%.*s: %.*s", (int)strcspn(file, "."), file,
				    (int)title, at);
		s->text = next ? xstrndup(at + title, (size_t)(next + 1 - at) - title)
			       : xstrdup(at + title);
	}
}

static void read_scenarios(void)
{
	const char *srcdir = getenv("PUTBACK_SRCDIR");
	cleanup_free char *dir =
		xasprintf("%s/tests/fixtures/plan", srcdir ? srcdir : ".");
	struct strlist names = {0};
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strlen(e->d_name) > 5 &&
		    strcmp(e->d_name + strlen(e->d_name) - 5, ".plan") == 0)
			strlist_add(&names, e->d_name);
	if (d)
		closedir(d);
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++)
		read_file(dir, names.v[i]);
	strlist_release(&names);
}

int main(void)
{
	struct CMUnitTest *tests;
	struct scenario *s;
	int rc;

	read_scenarios();
	if (scenarios.n == 0)
		BUG("no scenarios in $PUTBACK_SRCDIR/tests/fixtures/plan");
	tests = xcalloc(scenarios.n + 1, sizeof(*tests));
	array_foreach(s, &scenarios)
		tests[s - scenarios.v] = (struct CMUnitTest){
			.name = s->name, .test_func = run_scenario, .initial_state = s};
	tests[scenarios.n] = (struct CMUnitTest)cmocka_unit_test(scenarios_can_fail);
	rc = _cmocka_run_group_tests("plan", tests, scenarios.n + 1, NULL, NULL);
	array_foreach(s, &scenarios) {
		free(s->name);
		free(s->text);
	}
	array_release(&scenarios);
	free(tests);
	return rc;
}
