/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"

struct pair {
	uint32_t a, b;
};

static void elements_come_zeroed_and_stay(void **state)
{
	ARRAY(struct pair) list = {0};
	struct pair *p;
	uint32_t sum = 0;

	(void)state;
	array_foreach(p, &list)
		sum++;
	assert_int_equal(sum, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		p = array_push(&list);
		assert_int_equal(p->a | p->b, 0);
		*p = (struct pair){i, ~i};
		array_add(&list, (struct pair){.a = 1, .b = i});
	}
	assert_int_equal(list.n, 2000);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(list.v[2 * i].b, ~i);
		assert_int_equal(list.v[2 * i + 1].b, i);
	}
	/* what is pushed where something stood before is zero again */
	list.n = 10;
	assert_int_equal(array_push(&list)->b, 0);
	array_release(&list);
	assert_null(list.v);
	assert_int_equal(list.n + list.cap, 0);
}

static void string_lists_sort_and_own(void **state)
{
	struct strlist l = {0};
	char name[] = "b";

	(void)state;
	strlist_sort_unique(&l);
	assert_int_equal(l.n, 0);
	strlist_add(&l, name);
	name[0] = 'x';
	strlist_add(&l, "a");
	strlist_take(&l, xstrdup("b"));
	strlist_add(&l, "c");
	strlist_add(&l, "a");
	strlist_sort_unique(&l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0], "a");
	assert_string_equal(l.v[1], "b");
	assert_string_equal(l.v[2], "c");
	assert_true(strlist_has(&l, "b"));
	assert_false(strlist_has(&l, "x"));
	strlist_release(&l);
	assert_null(l.v);
	strlist_words(&l, " , a\tb,\r\n c ,");
	strlist_words(&l, "");
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[2], "c");
	strlist_release(&l);
}

static void arena_pieces_do_not_overlap(void **state)
{
	enum { N = 3000 };
	static unsigned char *pieces[N];
	static size_t sizes[N];
	struct arena a = {0};
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < N; i++) {
		seed = seed * 1103515245 + 12345;
		sizes[i] = i % 500 ? seed >> 20 & 0xff : 70000u + i;
		pieces[i] = arena_alloc(&a, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % 8, 0);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(pieces[i][k], 0);
		memset(pieces[i], i & 0xff, sizes[i]);
	}
	for (int i = 0; i < N; i++)
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(pieces[i][k], i & 0xff);
	arena_release(&a);
	assert_null(a.blocks);
	assert_int_equal(a.total, 0);
}

static void arena_strings(void **state)
{
	struct arena a = {0};

	(void)state;
	assert_string_equal(arena_strdup(&a, "abc"), "abc");
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab", 9), "ab");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_memory_equal(arena_memdup(&a, "a\0b", 3), "a\0b", 3);
	assert_non_null(arena_memdup(&a, NULL, 0));
	arena_release(&a);
}

static void an_arena_takes_over_another(void **state)
{
	struct arena a = {0}, b = {0}, none = {0};
	char *first = arena_strdup(&a, "first"), *big = arena_alloc(&b, 100000);
	char *second = arena_strdup(&b, "second");
	size_t total = a.total + b.total;

	(void)state;
	big[99999] = 'x';
	arena_take(&a, &b);
	arena_take(&a, &none);
	assert_null(b.blocks);
	assert_int_equal(b.total, 0);
	assert_int_equal(a.total, total);
	assert_string_equal(arena_strdup(&a, "third"), "third");
	assert_string_equal(first, "first");
	assert_string_equal(second, "second");
	assert_int_equal(big[99999], 'x');
	arena_release(&a);
	arena_take(&none, &a);
	assert_null(none.blocks);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_zeroed_and_stay),
		cmocka_unit_test(string_lists_sort_and_own),
		cmocka_unit_test(arena_pieces_do_not_overlap),
		cmocka_unit_test(arena_strings),
		cmocka_unit_test(an_arena_takes_over_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
