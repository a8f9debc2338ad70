/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <unistd.h>

#include "changelab.h"

#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/solver.h>

#include "source/catalog.h"
#include "source/sources.h"

static int no_index(struct source *s, const struct observer *o, struct error *err)
{
	(void)s;
	(void)o;
	(void)err;
	return 0;
}
static const struct source_ops by_hand = {.kind = "lab", .index = no_index};

/* Takes h, seals it, and puts it into a source. */
static void put(struct source *s, Header h, const char *location)
{
	cleanup_buf struct buf bytes = {0};
	cleanup_head struct head head = {0};

	h = lab_seal(h);
	lab_head(h, HEAD_DEPS, &bytes, &head);
	source_add_head(s, &head, location);
	headerFree(h);
}

static Header with(Header h, enum lab_dep kind, const char *name, uint32_t sense,
		   const char *version)
{
	lab_dep(h, kind, name, sense, version);
	return h;
}

static Header with_epoch(Header h, uint32_t epoch)
{
	headerPutUint32(h, RPMTAG_EPOCH, &epoch, 1);
	return h;
}

static Header of_arch(const char *name, const char *version, const char *arch)
{
	Header h = lab_header(name, version);

	headerDel(h, RPMTAG_ARCH);
	headerPutString(h, RPMTAG_ARCH, arch);
	return h;
}

static void index_all(struct sources *l)
{
	cleanup_error struct error err = ERROR_INIT;

	assert_int_equal(sources_index(l, NULL, &err), 0);
}

/* Locations of what has a NEVRA, in order, with blanks between. */
static void assert_found(const struct sources *l, struct nevra id, const char *want)
{
	cleanup_free const struct candidate **found = NULL;
	cleanup_buf struct buf got = {0};
	uint32_t n = sources_find(l, &id, &found);

	buf_str(&got, "");
	for (uint32_t i = 0; i < n; i++) {
		buf_printf(&got, "%s%s", i ? " " : "", found[i]->location);
		assert_true(nevra_is_same(&found[i]->pkg->id, &id));
		assert_ptr_equal(sources_candidate(l, found[i]->solvable), found[i]);
	}
	assert_string_equal(got.s, want);
}

static void a_package_is_found_by_all_of_its_name(void **state _unused_)
{
	struct sources l = {0};
	struct source *a = sources_add_kind(&l, &by_hand, "a", NULL);
	struct source *b = sources_add_kind(&l, &by_hand, "b", NULL);

	put(b, lab_header("x", "1"), "b/x-1");
	put(a, lab_header("x", "2"), "a/x-2");
	put(a, with_epoch(lab_header("x", "1"), 0), "a/x-1-again");
	put(a, lab_header("x", "1"), "a/x-1");
	put(a, with_epoch(lab_header("x", "1"), 7), "a/x-7-1");
	put(a, of_arch("x", "1", "i686"), "a/x-1-i686");
	put(b, lab_header("x", "1:2"), "b/colon");
	put(b, with_epoch(lab_header("x", "2"), 1), "b/epoch");
	index_all(&l);
	/* no epoch is an epoch of 0; one source after the other, in each by location */
	assert_found(&l, (struct nevra){"x", "1", "1", "noarch", EPOCH_NONE},
		     "a/x-1 a/x-1-again b/x-1");
	assert_found(&l, (struct nevra){"x", "1", "1", "noarch", 0},
		     "a/x-1 a/x-1-again b/x-1");
	assert_found(&l, (struct nevra){"x", "1", "1", "noarch", 7}, "a/x-7-1");
	assert_found(&l, (struct nevra){"x", "1", "1", "i686", 0}, "a/x-1-i686");
	assert_found(&l, (struct nevra){"x", "1:2", "1", "noarch", 0}, "b/colon");
	assert_found(&l, (struct nevra){"x", "2", "1", "noarch", 1}, "b/epoch");
	assert_found(&l, (struct nevra){"x", "3", "1", "noarch", 0}, "");
	assert_found(&l, (struct nevra){"x", "1", "1", "", 0}, "");
	assert_found(&l, (struct nevra){"nobody", "1", "1", "noarch", 0}, "");
	assert_int_equal(sources_count(&l), 8);
	sources_release(&l);
}

static void what_a_candidate_tells_is_what_its_header_says(void **state _unused_)
{
	struct sources l = {0};
	struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);
	cleanup_free const struct candidate **found = NULL;
	Header h = lab_header("x", "1");
	uint32_t built = 1700000000, size = 12345;
	struct digest digest;

	headerPutString(h, RPMTAG_VENDOR, "Lab & Sons");
	headerPutUint32(h, RPMTAG_BUILDTIME, &built, 1);
	headerPutUint32(h, RPMTAG_SIZE, &size, 1);
	h = lab_seal(h);
	hdr_digest(h, &digest);
	put(s, headerLink(h), "/x.rpm");
	index_all(&l);
	assert_int_equal(sources_find_name(&l, "x", NULL, &found), 1);
	assert_string_equal(found[0]->pkg->nevra, "x-1-1.noarch");
	assert_string_equal(found[0]->pkg->vendor, "Lab & Sons");
	assert_string_equal(found[0]->pkg->keyid, "");
	assert_int_equal(found[0]->pkg->buildtime, built);
	assert_int_equal(found[0]->pkg->size, size);
	assert_true(digest_is_same(&found[0]->pkg->hdrdigest, &digest));
	assert_string_equal(found[0]->location, "/x.rpm");
	headerFree(h);
	sources_release(&l);
}

/* A repository's metadata may say anything. */
static void what_cannot_be_a_package_is_passed_over(void **state _unused_)
{
	static const char *const odd[][3] = {
		{"../../etc", "1-1", "noarch"},
		{"x y", "1-1", "noarch"},
		{"", "1-1", "noarch"},
		{"x", "1", "noarch"},
		{"x", "-1", "noarch"},
		{"x", "1-", "noarch"},
		{"x", "1-1/2", "noarch"},
		{"x", "1:", "noarch"},
		{"x", "1-1", "a/b"},
		{"x", "", "noarch"},
	};
	struct sources l = {0};
	struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);
	Pool *pool = l.catalog->pool;

	for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
		Solvable *v = pool_id2solvable(pool, repo_add_solvable(s->repo));

		v->name = pool_str2id(pool, odd[i][0], 1);
		v->evr = pool_str2id(pool, odd[i][1], 1);
		v->arch = pool_str2id(pool, odd[i][2], 1);
	}
	put(s, of_arch("x", "1", "src"), "x.src.rpm");
	put(s, lab_header("x", "1"), "x.rpm");
	index_all(&l);
	assert_int_equal(sources_count(&l), 1);
	/* nor does the solver see them: one source package and one package are left */
	assert_int_equal(s->repo->nsolvables, 2);
	assert_int_equal(s->remarks.n, 1);
	assert_non_null(strstr(s->remarks.v[0], "10 packages are passed over"));
	sources_release(&l);
}

/* What the solver does to bring app-1 in; names and EVRs of what comes, in order of the pool. */
static void assert_solved(struct sources *l, const char *name, const char *want)
{
	Pool *pool = l->catalog->pool;
	cleanup_buf struct buf got = {0};
	const int *ids = NULL;
	Solver *solver;
	Queue job;
	Id p;

	catalog_prepare(l->catalog);
	assert_int_equal(catalog_find(l->catalog, name, NULL, NULL, &ids), 1);
	solver = solver_create(pool);
	solver_set_flag(solver, SOLVER_FLAG_ALLOW_DOWNGRADE, 1);
	queue_init(&job);
	queue_push2(&job, SOLVER_INSTALL | SOLVER_SOLVABLE, ids[0]);
	buf_str(&got, "");
	if (solver_solve(solver, &job)) {
		buf_str(&got, "unsolved");
	} else {
		FOR_POOL_SOLVABLES(p)
		if (solver_get_decisionlevel(solver, p) > 0 &&
		    !catalog_instance(l->catalog, p))
			buf_printf(&got, "%s%s", got.n ? " " : "",
				   sources_candidate(l, p)->pkg->nevra);
	}
	assert_string_equal(got.s, want);
	queue_free(&job);
	solver_free(solver);
}

static void the_solver_sees_dependencies_of_every_kind(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_changelab struct changelab lab;
	const uint32_t eq = RPMSENSE_EQUAL;
	Header installed[] = {
		with(lab_header("app", "2"), LAB_REQUIRE, "libx", eq, "2-1"),
		with(lab_header("libx", "2"), LAB_PROVIDE, "libx", eq, "2-1"),
		lab_header("has-condition", "1"),
	};
	struct sources l = {0};
	struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);
	Header app = lab_header("app", "1"), filer = lab_header("filer", "1");

	changelab_init(&lab, installed, ELEMENTSOF(installed));
	with(app, LAB_REQUIRE, "libx", eq, "0:1-1");
	with(app, LAB_REQUIRE, "/opt/filer/sub/file1", 0, "");
	with(app, LAB_REQUIRE, "(wanted if has-condition)", 0, "");
	with(app, LAB_REQUIRE, "(unwanted if lacks-condition)", 0, "");
	with(app, LAB_REQUIRE, "rpmlib(Anything)", RPMSENSE_RPMLIB | eq, "1");
	with(app, LAB_REQUIRE, "nobody-minds", RPMSENSE_MISSINGOK, "");
	lab_files(filer, "filer", 3);
	put(s, app, "app");
	put(s, filer, "filer");
	put(s, lab_header("libx", "1"),
	    "libx"); /* does not say that it provides itself */
	put(s, lab_header("wanted", "1"), "wanted");
	put(s, lab_header("unwanted", "1"), "unwanted");
	index_all(&l);
	if (catalog_add_installed(l.catalog, lab.db, &lab.installed, &err))
		fail_msg("%s", err.msg);
	/* the packages of the rpmdb are no candidates */
	assert_int_equal(sources_count(&l), 5);
	assert_solved(
		&l, "app",
		"app-1-1.noarch filer-1-1.noarch libx-1-1.noarch wanted-1-1.noarch");
	for (uint32_t i = 0; i < lab.installed.n; i++) {
		int id = catalog_installed_id(l.catalog, lab.installed.v[i]);

		assert_true(id > 0);
		assert_int_equal(catalog_instance(l.catalog, id),
				 lab.installed.v[i]->instance);
		assert_null(sources_candidate(&l, id));
	}
	sources_release(&l);
}

/* A package that somebody made to end our stack. */
static void endless_rich_dependencies_are_nobodys(void **state _unused_)
{
	static const char *const steps[] = {"(", "(a or ", "a or "};

	for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
		struct sources l = {0};
		struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);
		Header trap = lab_header("trap", "1");
		cleanup_buf struct buf dep = {0};

		buf_char(&dep, '(');
		for (int k = 0; k < 500000; k++)
			buf_str(&dep, steps[i]);
		put(s, with(trap, LAB_REQUIRE, dep.s, 0, ""), "trap");
		put(s, lab_header("libx", "1"), "libx");
		index_all(&l);
		assert_int_equal(sources_count(&l), 2);
		assert_solved(&l, "libx", "libx-1-1.noarch");
		sources_release(&l);
	}
}

/* Of a package with more folders than anybody's, in a time that does not grow with their square. */
static void folders_without_end(void **state _unused_)
{
	enum { FOLDERS = 200000 };
	struct pkg *p = pkg_new();
	struct head h = {.pkg = p};
	struct sources l = {0};
	struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);
	struct strlist dirs = {0};

	p->id = (struct nevra){"trap", "1", "1", "noarch", EPOCH_NONE};
	for (uint32_t i = 0; i < FOLDERS; i++) {
		strlist_take(&dirs, xasprintf("/d/%u/", i));
		array_add(&h.paths, (struct head_path){dirs.v[i], "x"});
	}
	alarm(30);
	source_add_head(s, &h, "trap");
	put(s, with(lab_header("app", "1"), LAB_REQUIRE, "/d/7/x", 0, ""), "app");
	index_all(&l);
	assert_solved(&l, "app", "trap-1-1.noarch app-1-1.noarch");
	alarm(0);
	sources_release(&l);
	strlist_release(&dirs);
	head_release(&h);
}

static void the_root_says_which_architectures_count(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_changelab struct changelab lab;
	Header installed[] = {of_arch("a", "1", "x86_64"), of_arch("b", "1", "x86_64"),
			      of_arch("c", "1", "i686"), lab_header("d", "1")};
	struct sources l = {0};
	struct source *s = sources_add_kind(&l, &by_hand, "s", NULL);

	changelab_init(&lab, installed, ELEMENTSOF(installed));
	put(s, of_arch("native", "1", "x86_64"), "1");
	put(s, of_arch("elder", "1", "i586"), "2");
	put(s, of_arch("foreign", "1", "aarch64"), "3");
	index_all(&l);
	if (catalog_add_installed(l.catalog, lab.db, &lab.installed, &err))
		fail_msg("%s", err.msg);
	assert_solved(&l, "native", "native-1-1.x86_64");
	assert_solved(&l, "elder", "elder-1-1.i586");
	assert_solved(&l, "foreign", "unsolved");
	sources_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_is_found_by_all_of_its_name),
		cmocka_unit_test(what_a_candidate_tells_is_what_its_header_says),
		cmocka_unit_test(what_cannot_be_a_package_is_passed_over),
		cmocka_unit_test(the_solver_sees_dependencies_of_every_kind),
		cmocka_unit_test(endless_rich_dependencies_are_nobodys),
		cmocka_unit_test(folders_without_end),
		cmocka_unit_test(the_root_says_which_architectures_count),
	};

	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
