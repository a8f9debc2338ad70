/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Nothing in the planner may take the square of the number of files. Each shape is planned in a small
 * and in a large size, and CPU times are compared: the large one may take its share several times
 * over, but not the square of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "planlab.h"

enum { SMALL = 1500, FACTOR = 16, SLACK = 5 };

static struct pkg *add_pkg(struct lab *l, const char *nevra, struct change *x, bool comes)
{
	struct pkg *p = lab_pkg(l, nevra, DIGEST_SHA256);

	pkgset_take(comes ? &l->changes.arriving : x ? &l->leaving : &l->staying, p);
	if (x)
		*(comes ? &x->to : &x->from) = p;
	else
		p->instance = ++l->last_instance;
	return p;
}

/* Version 2 in from, version 1 in to. */
struct shape {
	const char *name;
	const char *from, *to; /* content; NULL: has none of the files */
	bool flat, on_disk, dirs, linked, owners, notinstalled, shared, staying, config;
};

static double plan_it(const struct shape *s, uint32_t n)
{
	cleanup_error struct error err = ERROR_INIT;
	struct change *x;
	struct pkg *pkgs[2] = {0}, *stay = NULL;
	const char *const contents[2] = {s->from, s->to};
	struct lab_plan p;
	struct lab l;
	clock_t began, ended;

	lab_init(&l);
	x = array_push(&l.changes.list);
	for (int v = 0; v < 2; v++)
		if (contents[v])
			pkgs[v] = add_pkg(&l, v ? "foo-1-1" : "foo-2-1", x, v);
	if (s->staying)
		stay = add_pkg(&l, "bar-1-1", NULL, false);
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *path = s->flat ? xasprintf("/d/%u", i)
						  : xasprintf("/d/%u/%u", i / 30, i);
		struct pkgfile *f;

		for (int v = 0; v < 2; v++) {
			if (!pkgs[v])
				continue;
			f = lab_add_file(&l, pkgs[v], path,
					 (s->dirs ? S_IFDIR | 0755 : S_IFREG | 0644),
					 contents[v]);
			if (s->owners)
				f->user = f->group = arena_printf(&l.mem, "user%u", i);
			if (s->notinstalled) {
				f->flags = FILE_DOC;
				f->langs = i % 2 ? "de" : "";
				f->state = v	   ? STATE_NORMAL
					   : i % 3 ? STATE_NETSHARED
						   : STATE_NOTINSTALLED;
				/* each a new one */
				if (v)
					f->base = arena_printf(&l.mem, "new%u", i);
			}
			if (s->config)
				f->flags = FILE_CONFIG;
			if (s->linked && i) {
				f->link_first = 0;
				f->link_count = n;
			} else if (s->linked) {
				f->link_count = n;
			}
		}
		if (stay)
			lab_add_file(&l, stay, path, S_IFREG | 0644,
				     s->shared ? s->to : "bar");
		if (s->on_disk)
			lab_add(&l, path + 1, s->dirs ? FT_DIR : FT_REG)->content =
				s->from ? s->from : "";
	}
	if (s->linked) /* lab's facts count names in a slow way */
		for (uint32_t i = 0; i < l.disk.n; i++)
			l.disk.v[i].fact.nlink = n;
	began = clock();
	if (lab_plan(&l, &p, &err) < 0)
		fail_msg("%s", err.msg);
	ended = clock();
	lab_plan_release(&p);
	lab_release(&l);
	return (double)(ended - began) / CLOCKS_PER_SEC;
}

static void time_grows_with_size(void **state)
{
	const struct shape *s = *state;
	double small = 1e9, large = 1e9;

	for (int i = 0; i < 3; i++) {
		small = MIN(small, plan_it(s, SMALL));
		large = MIN(large, plan_it(s, SMALL * FACTOR));
		if (large < 0.05 || large < small * FACTOR * SLACK)
			return; /* a square would be FACTOR * FACTOR */
	}
	fail_msg("%s: %u files in %.3f s, %u in %.3f s", s->name, SMALL, small,
		 SMALL * FACTOR, large);
}

static const struct shape shapes[] = {
	{.name = "one directory, exchanged",
	 .flat = true,
	 .from = "2",
	 .to = "1",
	 .on_disk = true},
	{.name = "one directory, removed", .flat = true, .from = "2", .on_disk = true},
	{.name = "one directory, created", .flat = true, .to = "1"},
	{.name = "many directories, removed", .from = "2", .on_disk = true},
	{.name = "directories only, removed", .from = "2", .on_disk = true, .dirs = true},
	{.name = "hard links",
	 .flat = true,
	 .from = "2",
	 .to = "1",
	 .on_disk = true,
	 .linked = true},
	{.name = "unknown owners", .flat = true, .from = "2", .to = "1", .owners = true},
	{.name = "left out", .flat = true, .from = "2", .to = "1", .notinstalled = true},
	{.name = "shared with one that stays",
	 .from = "2",
	 .to = "1",
	 .on_disk = true,
	 .staying = true,
	 .shared = true},
	{.name = "in conflict with one that stays",
	 .to = "1",
	 .on_disk = true,
	 .staying = true},
	{.name = "configuration",
	 .from = "2",
	 .to = "1",
	 .on_disk = true,
	 .config = true},
};

int main(void)
{
	struct CMUnitTest tests[ELEMENTSOF(shapes)];

	for (size_t i = 0; i < ELEMENTSOF(shapes); i++)
		tests[i] = (struct CMUnitTest){.name = shapes[i].name,
					       .test_func = time_grows_with_size,
					       .initial_state = (void *)&shapes[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
