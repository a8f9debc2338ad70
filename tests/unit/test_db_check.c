/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "changelab.h"

#define ANY 0

static Header pkg(const char *name, const char *version)
{
	Header h = lab_header(name, version);

	lab_dep(h, LAB_PROVIDE, name, RPMSENSE_EQUAL, version);
	return h;
}

static Header needing(Header h, const char *what, uint32_t sense, const char *version)
{
	lab_dep(h, LAB_REQUIRE, what, sense, version);
	return h;
}

static Header providing(Header h, const char *what, const char *version)
{
	lab_dep(h, LAB_PROVIDE, what, RPMSENSE_EQUAL, version);
	return h;
}

/* What the check says, in order: "R text" refuses, "N text" is a note. NULL ends. */
static void check_once(struct changelab *l, const char *const *want)
{
	cleanup_error struct error err = ERROR_INIT;
	struct problems p = {0};
	uint32_t i;

	if (db_check_deps(l->db, &l->changes, changelab_open, l, &p, &err))
		fail_msg("%s", err.msg);
	for (i = 0; i < p.list.n; i++) {
		const struct problem *q = &p.list.v[i];
		bool refuses = q->severity == SEV_REFUSE;

		assert_int_equal(q->kind,
				 refuses ? PROBLEM_DEPENDENCY : PROBLEM_DEPENDENCY_OLD);
		if (!want[i] || want[i][0] != (refuses ? 'R' : 'N') ||
		    strcmp(want[i] + 2, q->text) != 0)
			fail_msg("%c %s: %s", refuses ? 'R' : 'N', q->subject, q->text);
	}
	if (want[i])
		fail_msg("not said: %s", want[i]);
	problems_release(&p);
}

/* Also as where librpm does not know the database. */
static void check(struct changelab *l, const char *const *want)
{
	check_once(l, want);
	l->db->writable = false;
	check_once(l, want);
	l->db->writable = true;
}
#define CHECK(l, ...) check((l), (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void nothing_breaks(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("lib", "2"), needing(pkg("app", "1"), "lib",
					       RPMSENSE_GREATER | RPMSENSE_EQUAL, "1")};

	changelab_init(&l, h, ELEMENTSOF(h));
	CHECK(&l);
	change_to(&l, "lib", pkg("lib", "1"));
	CHECK(&l);
}

static void one_that_stays_breaks(void **state _unused_)
{
	cleanup_changelab struct changelab l, m;
	Header h[] = {pkg("lib", "2"), needing(pkg("app", "1"), "lib",
					       RPMSENSE_GREATER | RPMSENSE_EQUAL, "2")};
	Header g[] = {pkg("lib", "2"), needing(pkg("app", "1"), "lib", ANY, "")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "lib", pkg("lib", "1"));
	CHECK(&l, "R app-1-1.noarch needs lib >= 2, which no package would provide");
	changelab_init(&m, g, ELEMENTSOF(g));
	change_remove(&m, "lib");
	CHECK(&m, "R app-1-1.noarch needs lib, which no package would provide");
	/* another one takes over */
	change_to(&m, NULL, providing(pkg("lib-ng", "9"), "lib", "9"));
	CHECK(&m);
}

static void one_that_comes_breaks(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "2")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app", needing(pkg("app", "1"), "libold.so.1()(64bit)", ANY, ""));
	CHECK(&l,
	      "R app-1-1.noarch needs libold.so.1()(64bit), which no package would provide");
}

/* The same requirement was open before: of the version that is replaced, of one that stays. */
static void broken_before(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {needing(pkg("app", "2"), "ghost", ANY, ""), pkg("other", "1")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app",
		  needing(needing(pkg("app", "1"), "ghost", ANY, ""), "spirit", ANY, ""));
	CHECK(&l, "N app-1-1.noarch needs ghost, which no package provides, as before",
	      "R app-1-1.noarch needs spirit, which no package would provide");
}

static void broken_before_and_untouched(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {needing(pkg("app", "1"), "ghost", ANY, ""), pkg("other", "2")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "other", pkg("other", "1"));
	CHECK(&l);
}

static void conflicts(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "2"), pkg("rival", "1")};
	Header to = pkg("app", "1");

	changelab_init(&l, h, ELEMENTSOF(h));
	lab_dep(to, LAB_CONFLICT, "rival", RPMSENSE_LESS, "3");
	/* to conflict with oneself is a custom, not a conflict */
	lab_dep(to, LAB_CONFLICT, "app", RPMSENSE_LESS, "1");
	change_to(&l, "app", to);
	CHECK(&l, "R app-1-1.noarch conflicts with rival < 3, which would be installed");
	change_remove(&l, "rival");
	CHECK(&l);
}

static void rich(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("lib", "2"), pkg("plugin", "1"), pkg("app", "2")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app", needing(pkg("app", "1"), "(extra if plugin)", ANY, ""));
	CHECK(&l,
	      "R app-1-1.noarch needs (extra if plugin), which no package would provide");
	change_remove(&l, "plugin");
	CHECK(&l);
}

/* Whatever was before: this host's librpm would not read the package right. */
static void features_of_librpm(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {needing(pkg("app", "2"), "rpmlib(TimeTravel)",
			      RPMSENSE_RPMLIB | RPMSENSE_LESS | RPMSENSE_EQUAL, "9.0-1")};
	struct problems p = {0};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app",
		  needing(needing(pkg("app", "1"), "rpmlib(TimeTravel)",
				  RPMSENSE_RPMLIB | RPMSENSE_LESS | RPMSENSE_EQUAL,
				  "9.0-1"),
			  "rpmlib(CompressedFileNames)",
			  RPMSENSE_RPMLIB | RPMSENSE_LESS | RPMSENSE_EQUAL, "3.0.4-1"));
	assert_int_equal(db_check_deps(l.db, &l.changes, changelab_open, &l, &p, &err),
			 0);
	assert_int_equal(p.list.n, 1);
	assert_int_equal(p.list.v[0].severity, SEV_REFUSE);
	assert_non_null(
		strstr(p.list.v[0].text, "app-1-1.noarch needs rpmlib(TimeTravel)"));
	assert_non_null(strstr(p.list.v[0].text, "of this host does not have"));
	problems_release(&p);
}

/* Two kernels: one goes, the other stays; and one comes beside it. */
static void install_only(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("kernel", "2"),
		      needing(pkg("module", "1"), "kernel", RPMSENSE_EQUAL, "2")};

	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, NULL, pkg("kernel", "1"));
	CHECK(&l);
}

static void package_that_is_gone(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {pkg("app", "2")};
	struct problems p = {0};
	struct change *c;

	changelab_init(&l, h, ELEMENTSOF(h));
	c = change_to(&l, "app", pkg("app", "1"));
	unlink(c->location);
	assert_int_equal(db_check_deps(l.db, &l.changes, changelab_open, &l, &p, &err),
			 -1);
	assert_error(&err, ERR_FAILED,
		     "checking the dependencies: cannot open a package");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_breaks),
		cmocka_unit_test(one_that_stays_breaks),
		cmocka_unit_test(one_that_comes_breaks),
		cmocka_unit_test(broken_before),
		cmocka_unit_test(broken_before_and_untouched),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(rich),
		cmocka_unit_test(features_of_librpm),
		cmocka_unit_test(install_only),
		cmocka_unit_test(package_that_is_gone),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
