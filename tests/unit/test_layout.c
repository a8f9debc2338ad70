/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The layout: which claims meet at which slot, and what is asked of the disk for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/path.h"
#include "planlab.h"

/* One line a slot: path, claims (-from, +to, =stays), what is wanted. */
static char *describe(struct lab *l, const struct layout *layout)
{
	struct buf b = {0};
	const struct slot *s;

	buf_str(&b, "");
	array_foreach(s, &layout->slots) {
		buf_str(&b, s->path[0] ? s->path : ".");
		for (uint32_t i = s->first; i < s->first + s->n; i++) {
			const struct claim *c = &layout->claims.v[i];

			assert_int_equal(c->slot, s - layout->slots.v);
			buf_printf(&b, " %c%s", "-+="[c->side],
				   layout_pkg(&l->changes, &l->staying, c) -> id.name);
		}
		for (int i = 0; i < 2; i++)
			if (s->algos[i])
				buf_printf(&b, " algo%u", s->algos[i]);
		if (s->algos[0] && s->want_size != UINT64_MAX)
			buf_printf(&b, " size%u", (unsigned)s->want_size);
		buf_printf(&b, "%s%s%s%s\n", s->want_list ? " list" : "",
			   s->want_aside ? " aside" : "", s->link_kept ? " kept" : "",
			   s->leftover ? " leftover" : "");
	}
	return buf_steal(&b);
}

static void check(const char *world, const char *want)
{
	cleanup_free char *text = xasprintf("%s=>\n", world), *got = NULL;
	cleanup_error struct error err = ERROR_INIT;
	const char *expected;
	struct lab_plan p;
	struct lab l;

	lab_init(&l);
	if (lab_parse(&l, text, &expected, &err) < 0 || lab_plan(&l, &p, &err) < 0)
		fail_msg("%s", err.msg);
	for (uint32_t i = 1; i < p.layout.slots.n; i++)
		assert_true(path_cmp(p.layout.slots.v[i - 1].path,
				     p.layout.slots.v[i].path) < 0);
	for (uint32_t i = 0; i < p.layout.slots.n; i++) {
		assert_true(path_is_canonical(p.layout.slots.v[i].path));
		assert_ptr_equal(layout_find(&p.layout, p.layout.slots.v[i].path),
				 &p.layout.slots.v[i]);
	}
	assert_null(layout_find(&p.layout, "no/such/path"));
	got = describe(&l, &p.layout);
	assert_string_equal(got, want);
	lab_plan_release(&p);
	lab_release(&l);
}

static void claims_meet_at_slots(void **state)
{
	(void)state;
	check("from a-2-1\n"
	      "file f /usr/x content=22\n"
	      "to a-1-1\n"
	      "file f /usr/x content=1\n"
	      "stay b-1-1\n"
	      "file f /usr/x content=1\n"
	      "file f /usr/unrelated content=1\n",
	      ".\n"
	      "usr\n"
	      "usr/x -a +a =b algo8 size1 list\n");
}

static void packaged_paths_that_are_one(void **state)
{
	(void)state;
	check("from a-2-1\n"
	      "file f /bin/x content=2\n"
	      "to a-1-1\n"
	      "file f /usr/bin/x content=1\n"
	      "stay b-1-1\n"
	      "file f /bin/x content=1\n"
	      "disk l bin target=usr/bin\n"
	      "disk d usr/bin\n",
	      ".\n"
	      "usr\n"
	      "usr/bin\n"
	      "usr/bin/x -a +a =b algo8 size1 list\n");
}

static void digests_are_asked_for_where_they_tell_something(void **state)
{
	(void)state;
	/* in the algorithm of what comes first of all, and two at most */
	check("from a-2-1 algo=md5\n"
	      "file f /both content=2\n"
	      "file f /gone content=2\n"
	      "file f /gone.conf config content=2\n"
	      "to a-1-1\n"
	      "file f /both content=1\n"
	      "remove b-2-1 algo=sha1\n"
	      "file f /both content=2\n",
	      ".\n"
	      "both -a -b +a algo8 algo1 size1 list\n"
	      "gone -a\n"
	      "gone.conf -a algo1 aside\n"
	      "gone.conf.rpmnew algo1\n");
	/* never of ghosts, which may be as large as they like */
	check("from a-2-1\n"
	      "file f /log ghost content=\n"
	      "file f /conf ghost,config content=\n"
	      "to a-1-1\n"
	      "file f /log ghost content=\n"
	      "file f /conf ghost,config content=\n",
	      "conf -a +a\n"
	      "conf.rpmnew\n"
	      "log -a +a\n");
	/* of a configuration file whatever its size */
	check("from a-2-1\n"
	      "file f /c config content=22\n"
	      "to a-1-1 algo=md5\n"
	      "file f /c content=1\n",
	      ".\n"
	      "c -a +a algo1 algo8 list aside\n"
	      "c.rpmnew algo1 algo8\n");
	/* of two that come in different sizes as well */
	check("install a-1-1\n"
	      "file f /x content=1\n"
	      "install b-1-1\n"
	      "file f /x content=22\n",
	      ".\n"
	      "x +a +b algo8 list\n");
}

static void directories_that_may_go_are_listed(void **state)
{
	(void)state;
	check("from a-2-1\n"
	      "file d /goes\n"
	      "file d /comes\n"
	      "file d /file\n"
	      "file d /shared\n"
	      "file f /nobody/x content=2\n"
	      "to a-1-1\n"
	      "file d /comes\n"
	      "file f /file content=1\n"
	      "file f /shared/y content=1\n"
	      "stay b-1-1\n"
	      "file d /shared\n",
	      ".\n"
	      "comes -a +a\n"
	      "file -a +a algo8 size1 list\n"
	      "goes -a list\n"
	      "nobody list leftover\n"
	      "nobody/x -a\n"
	      "shared -a =b\n"
	      "shared/y +a algo8 size1 list\n");
}

static void a_kept_link_is_marked(void **state)
{
	(void)state;
	check("from a-2-1\n"
	      "file l /going target=dir\n"
	      "to a-1-1\n"
	      "file d /going\n"
	      "file d /kept\n"
	      "file f /kept/x content=1\n"
	      "file d /file\n"
	      "disk l going target=dir\n"
	      "disk l kept target=dir\n"
	      "disk l file target=nothing\n"
	      "disk d dir\n",
	      ".\n"
	      "dir\n"
	      "dir/x +a algo8 size1 list\n"
	      "file +a\n"
	      "going -a +a\n"
	      "kept +a kept\n");
}

/* The suffixes are rpm's. */
static void names_beside(void **state)
{
	(void)state;
	assert_string_equal(aside_suffix(ASIDE_RPMSAVE), ".rpmsave");
	assert_string_equal(aside_suffix(ASIDE_RPMNEW), ".rpmnew");
	assert_string_equal(aside_suffix(ASIDE_RPMORIG), ".rpmorig");
}

static void strays_are_found(void **state)
{
	static const char text[] =
		"from a-2-1\nfile l /l target=d\nto a-1-1\nfile d /l\n"
		"stay b-1-1\nfile f /l/x content=1\nfile f /d/y content=1\n"
		"disk l l target=d\ndisk f d/x content=1\n=>\n";
	cleanup_error struct error err = ERROR_INIT;
	const char *expected;
	struct lab_plan p;
	struct lab l;

	(void)state;
	lab_init(&l);
	assert_int_equal(lab_parse(&l, text, &expected, &err), 0);
	assert_int_equal(lab_plan(&l, &p, &err), 0);
	assert_int_equal(p.layout.strays.n, 1);
	assert_int_equal(p.layout.strays.v[0].file, 0);
	assert_string_equal(p.layout.strays.v[0].now, "d");
	assert_string_equal(p.layout.strays.v[0].after, "l");
	lab_plan_release(&p);
	lab_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_meet_at_slots),
		cmocka_unit_test(packaged_paths_that_are_one),
		cmocka_unit_test(digests_are_asked_for_where_they_tell_something),
		cmocka_unit_test(directories_that_may_go_are_listed),
		cmocka_unit_test(a_kept_link_is_marked),
		cmocka_unit_test(names_beside),
		cmocka_unit_test(strays_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
