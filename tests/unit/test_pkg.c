/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/change.h"

static const struct {
	const char *text, *name, *version, *release, *arch;
	int64_t epoch;
	const char *shown; /* NULL: as text */
} nevras[] = {
	{"bash-5.2.15-2.x86_64", "bash", "5.2.15", "2", "x86_64", EPOCH_NONE, NULL},
	{"bind-32:9.18.1-1.fc38.x86_64", "bind", "9.18.1", "1.fc38", "x86_64", 32, NULL},
	{"dnf-0:4.14-1.noarch", "dnf", "4.14", "1", "noarch", 0, "dnf-4.14-1.noarch"},
	{"32:bind-9.18.1-1.x86_64", "bind", "9.18.1", "1", "x86_64", 32,
	 "bind-32:9.18.1-1.x86_64"},
	{"gpg-pubkey-ba34dbc2-4f9b4b9e", "gpg-pubkey", "ba34dbc2", "4f9b4b9e", "",
	 EPOCH_NONE, NULL},
	{"a-b-c-1-2.3.noarch", "a-b-c", "1", "2.3", "noarch", EPOCH_NONE, NULL},
	{"python3.11-libs-3.11~rc1-1^2.s390x", "python3.11-libs", "3.11~rc1", "1^2",
	 "s390x", EPOCH_NONE, NULL},
	{"a-1-.x86_64", "a", "1", ".x86_64", "", EPOCH_NONE, NULL},
	{"7zip-21-1", "7zip", "21", "1", "", EPOCH_NONE, NULL},
};

static void names_are_taken_apart_and_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(nevras); i++) {
		cleanup_free char *shown = NULL;
		struct arena mem = {0};
		struct nevra n;

		assert_int_equal(nevra_parse(&mem, nevras[i].text, &n), 0);
		assert_string_equal(n.name, nevras[i].name);
		assert_string_equal(n.version, nevras[i].version);
		assert_string_equal(n.release, nevras[i].release);
		assert_string_equal(n.arch, nevras[i].arch);
		assert_int_equal(n.epoch, nevras[i].epoch);
		shown = nevra_string(&n);
		assert_string_equal(shown,
				    nevras[i].shown ? nevras[i].shown : nevras[i].text);
		arena_release(&mem);
	}
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const all[] = {"",	  "bash", "bash-5.2", "-1-2",
					  "a--1", "a-1-", "a-3:-1",   "--",
					  "1:--", "-",	  "a-b-c-",   "12345678901:"};
	struct arena mem = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		struct nevra n = {.name = "untouched"};

		if (nevra_parse(&mem, all[i], &n) == 0)
			fail_msg("'%s' was read as %s - %s - %s", all[i], n.name,
				 n.version, n.release);
		assert_string_equal(n.name, "untouched");
	}
	arena_release(&mem);
}

static void order_of_names(void **state)
{
	struct nevra a = {"a", "1", "1", "x86_64", EPOCH_NONE}, b = a;

	(void)state;
	assert_true(nevra_is_same(&a, &b));
	b.epoch = 0; /* no epoch is 0 */
	assert_true(nevra_is_same(&a, &b));
	b.epoch = 1;
	assert_true(nevra_cmp(&a, &b) < 0 && nevra_cmp(&b, &a) > 0);
	b = a;
	b.release = "2";
	assert_true(nevra_cmp(&a, &b) < 0);
	b.version = "0"; /* stands before the release */
	assert_true(nevra_cmp(&a, &b) > 0);
	b.arch = "z";
	assert_true(nevra_cmp(&a, &b) < 0);
	b.name = "Z";
	assert_true(nevra_cmp(&a, &b) > 0);
}

static struct pkg *package(const char *text, uint32_t instance)
{
	struct pkg *p = pkg_new();

	assert_int_equal(nevra_parse(&p->mem, text, &p->id), 0);
	p->instance = instance;
	return p;
}

static void a_set_finds_its_members(void **state)
{
	static const char *const all[] = {"c-1-1", "a-2-1", "b-1-1.i686", "a-1-1",
					  "b-1-1.x86_64"};
	struct nevra absent = {"b", "1", "1", "s390x", EPOCH_NONE};
	struct pkgset s = {0};

	(void)state;
	assert_null(pkgset_find(&s, &absent));
	pkgset_sort(&s);
	for (size_t i = 0; i < ELEMENTSOF(all); i++)
		pkgset_take(&s, package(all[i], (uint32_t)i));
	pkgset_take(&s, package("a-1-1", 77)); /* twice in the database */
	pkgset_sort(&s);
	assert_int_equal(s.n, 6);
	assert_int_equal(s.v[0]->instance, 3);
	assert_int_equal(s.v[1]->instance, 77);
	for (uint32_t i = 1; i < s.n; i++)
		assert_true(nevra_cmp(&s.v[i - 1]->id, &s.v[i]->id) <= 0);
	for (uint32_t i = 2; i < s.n; i++)
		assert_ptr_equal(pkgset_find(&s, &s.v[i]->id), s.v[i]);
	assert_int_equal(pkgset_find(&s, &s.v[1]->id)->instance,
			 3); /* the first of them */
	assert_null(pkgset_find(&s, &absent));
	pkgset_release(&s);
	assert_int_equal(s.n, 0);
}

static void paths_and_pseudo_packages(void **state)
{
	struct pkgfile root = {.dir = "/", .base = ""},
		       f = {.dir = "/usr/lib/", .base = "x"};
	cleanup_buf struct buf b = {0};
	struct pkg *key = package("gpg-pubkey-1-2", 1), *bash = package("bash-1-2", 2);

	(void)state;
	assert_string_equal(pkgfile_path(&root, &b), "/");
	assert_string_equal(pkgfile_path(&f, &b), "/usr/lib/x");
	assert_true(pkg_is_pseudo(key));
	assert_false(pkg_is_pseudo(bash));
	pkg_free(key);
	pkg_free(bash);
	pkg_free(NULL);
}

static void changes_are_sorted(void **state)
{
	struct pkg *a1 = package("a-1-1.x86_64", 0), *a2 = package("a-2-1.x86_64", 9),
		   *a3 = package("a-2-1.x86_64", 5), *a386 = package("a-1-1.i686", 0),
		   *a4 = package("a-1-1.x86_64", 7), *b = package("b-1-1", 0);
	struct changes c = {0};

	(void)state;
	array_add(&c.list, (struct change){.kind = CHANGE_REMOVE, .from = a2});
	array_add(&c.list, (struct change){.kind = CHANGE_INSTALL,
					   .to = b,
					   .location = xstrdup("x")});
	array_add(&c.list, (struct change){.kind = CHANGE_REMOVE, .from = a3});
	array_add(&c.list, (struct change){.kind = CHANGE_REMOVE, .from = a4});
	array_add(&c.list,
		  (struct change){.kind = CHANGE_DOWNGRADE, .from = a2, .to = a1});
	array_add(&c.list, (struct change){.kind = CHANGE_INSTALL,
					   .to = a386,
					   .reason = xstrdup("y")});
	pkgset_take(&c.arriving, a1);
	pkgset_take(&c.arriving, b);
	pkgset_take(&c.arriving, a386);
	changes_sort(&c);
	assert_ptr_equal(c.list.v[0].to, a386);
	assert_ptr_equal(c.list.v[1].to, a1);
	assert_ptr_equal(c.list.v[2].from, a4); /* the older one first, whatever its number */
	assert_ptr_equal(c.list.v[3].from, a3); /* the same package twice: by its number */
	assert_ptr_equal(c.list.v[4].from, a2);
	assert_ptr_equal(c.list.v[5].to, b);
	assert_string_equal(change_kind_name(CHANGE_DOWNGRADE), "downgrade");
	assert_string_equal(change_kind_name((enum change_kind)99), "?");
	changes_release(&c);
	assert_int_equal(c.list.n, 0);
	pkg_free(a2);
	pkg_free(a3);
	pkg_free(a4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_apart_and_put_together),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(order_of_names),
		cmocka_unit_test(a_set_finds_its_members),
		cmocka_unit_test(paths_and_pseudo_packages),
		cmocka_unit_test(changes_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
