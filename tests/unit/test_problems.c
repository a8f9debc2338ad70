/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* What plans say and how they name things: problems, and the names in the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/event.h"
#include "core/fact.h"
#include "core/fate.h"
#include "core/plan.h"
#include "core/problems.h"

static void the_worst_counts(void **state)
{
	struct problems p = {0};

	(void)state;
	assert_int_equal(problems_worst(&p), -1);
	problems_add(&p, PROBLEM_DIR_KEPT, SEV_NOTE, "a", "a note");
	assert_int_equal(problems_worst(&p), SEV_NOTE);
	problems_add(&p, PROBLEM_SPACE, SEV_REFUSE, "b", "%d of %s", 3, "four");
	problems_add(&p, PROBLEM_UNSIGNED, SEV_WARNING, "c", "a warning");
	assert_int_equal(problems_worst(&p), SEV_REFUSE);
	assert_int_equal(p.list.n, 3);
	assert_string_equal(p.list.v[1].text, "3 of four");
	assert_string_equal(p.list.v[1].subject, "b");
	problems_release(&p);
	assert_int_equal(p.list.n, 0);
	assert_int_equal(problems_worst(&p), -1);
}

/* Text and subject may come from storage that goes, and be of any length. */
static void texts_are_copied(void **state)
{
	char subject[8] = "subject", text[70000];
	struct problems p = {0};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	problems_add(&p, PROBLEM_OTHER, SEV_NOTE, subject, "%s", text);
	memset(subject, '-', sizeof(subject) - 1);
	assert_string_equal(p.list.v[0].subject, "subject");
	assert_int_equal(strlen(p.list.v[0].text), sizeof(text) - 1);
	problems_release(&p);
}

/* JSON has these: each kind has one, and no two are the same. */
static void names_are_there_and_differ(void **state)
{
	(void)state;
	for (int i = 0; i <= PROBLEM_OTHER; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(problem_kind_name((enum problem_kind)i),
						problem_kind_name((enum problem_kind)k));
	for (int i = 0; i <= WHY_CONFIG_NEW; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(op_reason_text((enum op_reason)i),
						op_reason_text((enum op_reason)k));
	for (int i = 0; i <= OP_ATTR; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(op_kind_name((enum op_kind)i),
						op_kind_name((enum op_kind)k));
	for (int i = 0; i <= FATE_REMOVE_SAVE; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(fate_text((enum fate)i),
						fate_text((enum fate)k));
	for (int i = 0; i <= PHASE_FORGET; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(phase_text((enum phase)i),
						phase_text((enum phase)k));
	for (int i = 0; i <= FT_SOCK; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(ftype_name((enum ftype)i),
						ftype_name((enum ftype)k));
}

static void types_of_modes(void **state)
{
	static const struct {
		uint32_t mode;
		enum ftype type;
	} all[] = {{0100644, FT_REG},  {0040755, FT_DIR}, {0120777, FT_LNK},
		   {0020600, FT_CHR},  {0060600, FT_BLK}, {0010644, FT_FIFO},
		   {0140755, FT_SOCK}, {0644, FT_NONE},	  {0170000, FT_NONE},
		   {0, FT_NONE}};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		assert_int_equal(ftype_of_mode(all[i].mode), all[i].type);
}

static void progress(void *ctx, enum phase phase, uint64_t done, uint64_t total,
		     bool bytes, uint64_t files)
{
	*(uint64_t *)ctx = done + total + files + bytes + (uint64_t)phase;
}

static void from(void *ctx, enum phase phase, const char *who)
{
	*(uint64_t *)ctx = (uint64_t)phase + (uint8_t)*who;
}

static bool stop_if_done(void *ctx)
{
	return *(uint64_t *)ctx != 0;
}

static void an_observer_may_be_missing(void **state)
{
	uint64_t sum = 0;
	struct observer none = {0}, some = {&sum, progress, stop_if_done, from};

	(void)state;
	observer_progress(NULL, PHASE_STAGE, 1, 2, true, 3);
	observer_progress(&none, PHASE_STAGE, 1, 2, true, 3);
	assert_false(observer_stop(NULL));
	assert_false(observer_stop(&none));
	assert_false(observer_stop(&some));
	observer_progress(&some, PHASE_STAGE, 10, 20, true, 30);
	assert_int_equal(sum, 61 + PHASE_STAGE);
	assert_true(observer_stop(&some));
	observer_from(NULL, PHASE_STAGE, "x");
	observer_from(&none, PHASE_STAGE, "x");
	observer_from(&some, PHASE_STAGE, "x");
	assert_int_equal(sum, 'x' + PHASE_STAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_counts),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(names_are_there_and_differ),
		cmocka_unit_test(types_of_modes),
		cmocka_unit_test(an_observer_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
