/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The digest of a plan changes with everything that a saved plan must not be run without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planlab.h"

static const char world[] = "from foo-2-1\n"
			    "file f /a content=2\n"
			    "file f /b content=2\n"
			    "file f /c config content=2\n"
			    "file f /s link=1 content=2\n"
			    "file f /t link=1 content=2\n"
			    "to foo-1-1\n"
			    "file f /a content=1 caps=0102\n"
			    "file f /c config content=1\n"
			    "file c /dev rdev=1:3\n"
			    "file l /l target=t\n"
			    "file f /s link=1 content=1\n"
			    "file f /t link=1 content=1\n"
			    "file f /doc doc content=1\n"
			    "disk f a content=2\n"
			    "disk f b content=2\n"
			    "disk f c content=mine\n"
			    "disk f s content=2 ino=1\n"
			    "disk f t content=2 ino=1\n"
			    "mount usr\n=>\n";

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

static struct digest digest(void)
{
	struct digest d;

	plan_digest(&p.plan, &d);
	return d;
}

static void it_is_the_same_each_time(void **state)
{
	struct digest first = digest(), second;
	struct lab_plan again;

	(void)state;
	assert_int_equal(first.algo, DIGEST_SHA256);
	assert_int_equal(first.len, 32);
	assert_int_equal(lab_plan(&lab, &again, NULL), 0);
	plan_digest(&again.plan, &second);
	assert_true(digest_is_same(&first, &second));
	lab_plan_release(&again);
}

/* Changes one thing, looks, and puts it back. */
#define CHANGES(what, other)                                           \
	do {                                                           \
		struct digest before_ = digest(), after_;              \
		__typeof__(what) kept_ = (what);                       \
		(what) = (other);                                      \
		after_ = digest();                                     \
		(what) = kept_;                                        \
		if (digest_is_same(&before_, &after_))                 \
			fail_msg("the digest does not see %s", #what); \
		after_ = digest();                                     \
		assert_true(digest_is_same(&before_, &after_));        \
	} while (0)

static void it_changes_with_each_op(void **state)
{
	struct plan *plan = &p.plan;

	(void)state;
	assert_int_equal(plan->ops.n, 9);
	for (uint32_t i = 0; i < plan->ops.n; i++) {
		struct op *op = &plan->ops.v[i];

		CHANGES(op->kind, (enum op_kind)((op->kind + 1) % (OP_ATTR + 1)));
		CHANGES(op->path, "other");
		CHANGES(op->path2, "other");
		CHANGES(op->link, "other");
		CHANGES(op->label, "other");
		CHANGES(op->mount, 1 - op->mount);
		CHANGES(op->old_id.ino, op->old_id.ino + 1);
		CHANGES(op->old_id.btime_ns, 77);
		CHANGES(op->old_size, op->old_size + 1);
		CHANGES(op->old_ctime_ns, 77);
		CHANGES(op->old_flags, 77);
		CHANGES(op->old.mode, op->old.mode ^ 1);
		CHANGES(op->old.mtime_ns, 77);
		CHANGES(op->new.mode, op->new.mode ^ 1);
		CHANGES(op->new.uid, 77);
		CHANGES(op->new.gid, 77);
		CHANGES(op->new.mtime_ns, 77);
		CHANGES(op->new.caps_len, op->new.caps_len + 1);
		CHANGES(op->size, op->size + 1);
		CHANGES(op->rdev, op->rdev + 1);
		CHANGES(op->digest.algo, 77);
		CHANGES(op->change, op->change + 1);
		CHANGES(op->file, op->file + 1);
		CHANGES(op->link_leader, op->link_leader + 1);
		if (op->digest.len)
			CHANGES(op->digest.bytes[31], op->digest.bytes[31] ^ 1);
		if (op->new.caps_len)
			CHANGES(op->new.caps[1], 77);
	}
	CHANGES(plan->ops.n, plan->ops.n - 1);
}

static void it_changes_with_packages_and_states(void **state)
{
	struct plan *plan = &p.plan;
	struct change *x = &lab.changes.list.v[0];
	struct state_fix fix = {SIDE_ARRIVING, 0, 6, STATE_NOTINSTALLED};

	(void)state;
	CHANGES(x->kind, CHANGE_UPGRADE);
	CHANGES(x->from, NULL);
	CHANGES(x->from->nevra, "foo-3-1");
	CHANGES(x->from->instance, 77);
	CHANGES(x->from->hdrdigest.bytes[0], x->from->hdrdigest.bytes[0] ^ 1);
	CHANGES(x->to->nevra, "foo-3-1");
	CHANGES(x->to->hdrdigest.bytes[31], x->to->hdrdigest.bytes[31] ^ 1);
	CHANGES(lab.changes.list.n, 0);
	assert_int_equal(plan->states.n, 0);
	array_add(&plan->states, fix);
	CHANGES(plan->states.n, 0);
	CHANGES(plan->states.v[0].side, SIDE_STAYING);
	CHANGES(plan->states.v[0].owner, 1);
	CHANGES(plan->states.v[0].file, 5);
	CHANGES(plan->states.v[0].state, STATE_NETSHARED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_the_same_each_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(it_changes_with_each_op, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(it_changes_with_packages_and_states,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
