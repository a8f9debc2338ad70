/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The op that has a machine label itself comes into a plan without disturbing the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/path.h"
#include "planlab.h"

static const char world[] = "from foo-2-1\n"
			    "file f /- content=2\n"
			    "file f /gone content=2\n"
			    "to foo-1-1\n"
			    "file f /- content=1\n"
			    "file f /s link=1 content=1\n"
			    "file f /t link=1 content=1\n"
			    "file d /usr\n"
			    "disk f - content=2\n"
			    "disk f gone content=2\n"
			    "mount boot\n=>\n";

static struct lab lab;
static struct lab_plan p;

static int set_up(void **state)
{
	const char *expected;

	(void)state;
	lab_init(&lab);
	return lab_parse(&lab, world, &expected, NULL) || lab_plan(&lab, &p, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	lab_plan_release(&p);
	lab_release(&lab);
	return 0;
}

static uint32_t find(const char *path)
{
	for (uint32_t i = 0; i < p.plan.ops.n; i++)
		if (!strcmp(p.plan.ops.v[i].path, path))
			return i;
	fail_msg("no op for %s", path);
	return 0;
}

static void it_comes_in_its_place(void **state)
{
	uint32_t n = p.plan.ops.n, leader = p.plan.ops.v[find("t")].link_leader;
	const struct op *op;

	(void)state;
	assert_int_equal(leader, find("s"));
	plan_relabel(&p.plan, false);
	assert_int_equal(p.plan.ops.n, n + 1);
	assert_true(p.plan.relabels);
	op = &p.plan.ops.v[find(RELABEL_FILE)];
	assert_int_equal(op->kind, OP_CREATE);
	assert_int_equal(op->new.mode, S_IFREG | 0644);
	assert_int_equal(op->change, NO_INDEX);
	assert_int_equal(op->mount, 0);
	assert_int_equal(op->size, 0);
	/* what goes still goes first, and the rest is in the order of paths */
	assert_int_equal(find("gone"), 0);
	for (uint32_t i = 2; i < p.plan.ops.n; i++)
		assert_true(path_cmp(p.plan.ops.v[i - 1].path, p.plan.ops.v[i].path) < 0);
	/* hard links still mean the same op, which has moved */
	assert_int_equal(p.plan.ops.v[find("t")].link_leader, find("s"));
	assert_true(find("s") > find(RELABEL_FILE));
}

static void it_comes_once(void **state)
{
	uint32_t n = p.plan.ops.n;

	(void)state;
	plan_relabel(&p.plan, true);
	assert_int_equal(p.plan.ops.n, n);
	assert_true(p.plan.relabels);
	plan_relabel(&p.plan, false);
	plan_relabel(&p.plan, false);
	assert_int_equal(p.plan.ops.n, n + 1);
}

static void it_is_the_same_each_time(void **state)
{
	struct lab_plan again;
	struct digest a, b;

	(void)state;
	assert_int_equal(lab_plan(&lab, &again, NULL), 0);
	plan_relabel(&p.plan, false);
	plan_relabel(&again.plan, false);
	plan_digest(&p.plan, &a);
	plan_digest(&again.plan, &b);
	assert_true(digest_is_same(&a, &b));
	lab_plan_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_comes_in_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_comes_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_the_same_each_time, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
