/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "changelab.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "rpm/db_rows.h"

static Header pkg(const char *name, const char *version, uint32_t files)
{
	Header h = lab_header(name, version);
	uint32_t color = 3;

	lab_dep(h, LAB_PROVIDE, name, RPMSENSE_EQUAL, version);
	if (files)
		lab_files(h, name, files);
	headerPutUint32(h, RPMTAG_INSTALLCOLOR, &color, 1);
	return h;
}

static struct scratch *rewrite(struct changelab *l, struct plan *plan)
{
	cleanup_error struct error err = ERROR_INIT;
	struct scratch *out = NULL;

	plan->changes = &l->changes;
	if (db_rewrite(l->db, plan, changelab_open, l, &out, &err))
		fail_msg("%s", err.msg);
	return out;
}

struct reading {
	struct pkgset set;
	uint32_t color[16]; /* by instance */
	bool prefixes[16];
};

static int take(void *ctx, uint32_t instance, const void *blob, size_t n,
		struct error *err)
{
	struct reading *r = ctx;
	cleanup_header Header h = hdr_import(blob, n, "record", err);
	struct pkg *p = NULL;

	assert_non_null(h);
	assert_int_equal(hdr_read_installed(h, instance, HDR_FILES, "record", &p, err),
			 0);
	pkgset_take(&r->set, p);
	assert_true(instance < ELEMENTSOF(r->color));
	r->color[instance] = hdr_install_color(h);
	r->prefixes[instance] = headerIsEntry(h, RPMTAG_INSTPREFIXES);
	return 0;
}

static void read_new(const struct scratch *s, struct reading *r)
{
	cleanup_error struct error err = ERROR_INIT;

	*r = (struct reading){0};
	if (db_rows_each(s->path, DB_SQLITE, take, r, &err))
		fail_msg("%s", err.msg);
	pkgset_sort(&r->set);
}

static int64_t number(const struct scratch *s, const char *sql)
{
	cleanup_free char *path = xasprintf("%s/rpmdb.sqlite", s->path);
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void only_the_main_file(const struct scratch *s)
{
	DIR *d = opendir(s->path);
	const struct dirent *e;
	int n = 0;

	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			assert_string_equal(e->d_name, "rpmdb.sqlite");
			n++;
		}
	closedir(d);
	assert_int_equal(n, 1);
}

static void is(const struct pkgset *s, const char *const *want)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (!want[i] || strcmp(want[i], s->v[i]->nevra) != 0)
			fail_msg("%s, wanted %s", s->v[i]->nevra,
				 want[i] ? want[i] : "no more");
	assert_null(want[i]);
}
#define IS(s, ...) is((s), (const char *const[]){__VA_ARGS__, NULL})

static void all_kinds_of_changes(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "2", 4), pkg("gone", "1", 2), pkg("same", "1", 3),
		      pkg("stays", "1", 5), pkg("kernel", "2", 1)};
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;
	uint32_t old_instance;

	changelab_init(&l, h, ELEMENTSOF(h));
	old_instance = installed(&l, "stays")->instance;
	change_to(&l, "app", pkg("app", "1", 3));
	change_remove(&l, "gone");
	change_to(&l, "same", pkg("same", "1", 3)); /* reinstalled */
	change_to(&l, NULL, pkg("kernel", "1", 1)); /* beside the other */
	change_to(&l, NULL, pkg("fresh", "1", 0));
	s = rewrite(&l, &plan);
	only_the_main_file(s);
	read_new(s, &r);
	IS(&r.set, "app-1-1.noarch", "fresh-1-1.noarch", "kernel-1-1.noarch",
	   "kernel-2-1.noarch", "same-1-1.noarch", "stays-1-1.noarch");
	assert_int_equal(r.set.v[0]->files.n, 3);
	assert_true(r.set.v[0]->installtime > 1600000000);
	assert_int_equal(r.set.v[0]->installtid, r.set.v[2]->installtid);
	assert_int_equal(r.set.v[5]->instance, old_instance);
	assert_true(digest_is_same(&r.set.v[0]->hdrdigest,
				   &l.changes.list.v[0].to->hdrdigest));
	/* of the package replaced; of the others, where none is */
	assert_int_equal(r.color[r.set.v[0]->instance], 3);
	assert_int_equal(r.color[r.set.v[1]->instance], 3);
	/* the indices are those of these packages and no others */
	assert_int_equal(number(s, "SELECT count(*) FROM Name"), 6);
	assert_int_equal(number(s, "SELECT count(*) FROM Name WHERE key = 'gone'"), 0);
	assert_int_equal(number(s, "SELECT count(*) FROM Basenames"),
			 3 + 0 + 1 + 1 + 3 + 5);
	assert_int_equal(number(s, "SELECT count(*) FROM Basenames WHERE hnum NOT IN "
				   "(SELECT hnum FROM Packages)"),
			 0);
	assert_int_equal(number(s, "SELECT count(*) FROM Providename"), 6);
	pkgset_release(&r.set);
	scratch_free(s);
}

/* The root's last transaction is younger than this host's clock says it is now. */
static void clock_that_is_behind(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "2", 1), pkg("stays", "1", 1)};
	uint32_t future = 4000000000;
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;

	headerPutUint32(h[0], RPMTAG_INSTALLTID, &future, 1);
	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app", pkg("app", "1", 1));
	s = rewrite(&l, &plan);
	read_new(s, &r);
	assert_int_equal(r.set.v[0]->installtid, 4000000001);
	assert_int_equal(r.set.v[0]->installtime, 4000000001);
	pkgset_release(&r.set);
	scratch_free(s);
}

static void states_are_the_plans(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "2", 3), pkg("stays", "1", 4), pkg("other", "1", 2)};
	static const uint8_t was[4] = {0, STATE_NOTINSTALLED, 0, 0};
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;

	h[1] = lab_seal(h[1]);
	assert_int_equal(hdr_set_states(h[1], was, 4, NULL), 0);
	changelab_init(&l, h, ELEMENTSOF(h));
	change_to(&l, "app", pkg("app", "1", 3));
	array_add(&plan.states, (struct state_fix){SIDE_ARRIVING, 0, 2, STATE_NETSHARED});
	array_add(&plan.states,
		  (struct state_fix){SIDE_STAYING, installed(&l, "stays")->instance, 0,
				     STATE_REPLACED});
	array_add(&plan.states,
		  (struct state_fix){SIDE_STAYING, installed(&l, "stays")->instance, 3,
				     STATE_WRONGCOLOR});
	s = rewrite(&l, &plan);
	only_the_main_file(s);
	read_new(s, &r);
	IS(&r.set, "app-1-1.noarch", "other-1-1.noarch", "stays-1-1.noarch");
	assert_int_equal(r.set.v[0]->files.v[0].state, STATE_NORMAL);
	assert_int_equal(r.set.v[0]->files.v[2].state, STATE_NETSHARED);
	assert_int_equal(r.set.v[2]->files.v[0].state, STATE_REPLACED);
	assert_int_equal(r.set.v[2]->files.v[1].state, STATE_NOTINSTALLED);
	assert_int_equal(r.set.v[2]->files.v[2].state, STATE_NORMAL);
	assert_int_equal(r.set.v[2]->files.v[3].state, STATE_WRONGCOLOR);
	assert_int_equal(r.set.v[2]->instance, installed(&l, "stays")->instance);
	assert_true(digest_is_same(&r.set.v[2]->hdrdigest,
				   &installed(&l, "stays")->hdrdigest));
	array_release(&plan.states);
	pkgset_release(&r.set);
	scratch_free(s);
}

/* A real package that stays, whose record holds all that rpm puts there. */
static void states_of_a_real_package(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	Header h[] = {NULL, pkg("app", "2", 1)};
	static const uint8_t none[32];
	struct hdr_install how = {1, 2, 3, none, 0, NULL, 0};
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;
	struct pkg *p = NULL;

	assert_int_equal(hdr_read_file(fd, "good", &h[0], &err), 0);
	assert_int_equal(hdr_read(h[0], HDR_FILES, "good", &p, &err), 0);
	how.n = p->files.n;
	assert_int_equal(hdr_make_installed(h[0], &how, &err), 0);
	changelab_init(&l, h, ELEMENTSOF(h));
	change_remove(&l, "app");
	array_add(&plan.states,
		  (struct state_fix){SIDE_STAYING, installed(&l, "fixture")->instance, 3,
				     STATE_REPLACED});
	s = rewrite(&l, &plan);
	read_new(s, &r);
	IS(&r.set, "fixture-2:1.0-3.noarch");
	assert_int_equal(r.set.v[0]->files.v[3].state, STATE_REPLACED);
	assert_int_equal(r.set.v[0]->files.v[4].state, STATE_NORMAL);
	assert_true(digest_is_same(&r.set.v[0]->hdrdigest, &p->hdrdigest));
	array_release(&plan.states);
	pkgset_release(&r.set);
	pkg_free(p);
	scratch_free(s);
}

static void states_of_files_that_are_not_there(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {pkg("app", "2", 3), pkg("stays", "1", 4)};
	struct plan plan = {.changes = &l.changes};
	struct scratch *s = NULL;

	changelab_init(&l, h, ELEMENTSOF(h));
	change_remove(&l, "app");
	array_add(&plan.states,
		  (struct state_fix){SIDE_STAYING, installed(&l, "stays")->instance, 4,
				     STATE_REPLACED});
	assert_int_equal(db_rewrite(l.db, &plan, changelab_open, &l, &s, &err), -1);
	assert_error(&err, ERR_FAILED, "has 4 files, and no 4");
	array_release(&plan.states);
}

/* One package twice in the rpmdb, as a killed rpm leaves it: the instance counts. */
static void one_of_two_alike(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	Header h[] = {pkg("app", "1", 2), pkg("app", "1", 2)};
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;
	uint32_t leaves;

	changelab_init(&l, h, ELEMENTSOF(h));
	leaves = l.installed.v[0]->instance;
	change_remove(&l, "app");
	s = rewrite(&l, &plan);
	read_new(s, &r);
	IS(&r.set, "app-1-1.noarch");
	assert_int_not_equal(r.set.v[0]->instance, leaves);
	pkgset_release(&r.set);
	scratch_free(s);
}

static void another_package_than_planned(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {pkg("app", "2", 1)};
	struct plan plan = {.changes = &l.changes};
	struct scratch *s = NULL;
	struct change *c;

	changelab_init(&l, h, ELEMENTSOF(h));
	c = change_to(&l, "app", pkg("app", "1", 1));
	c->to->hdrdigest.bytes[7] ^= 1;
	assert_int_equal(db_rewrite(l.db, &plan, changelab_open, &l, &s, &err), -1);
	assert_error(&err, ERR_UNTRUSTED, "app-1-1.noarch is another one than");
}

static void relocatable_and_signed(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_free char *path = xasprintf("%s/tests/fixtures/rpm/good.rpm",
					    getenv("PUTBACK_SRCDIR") ?: ".");
	Header h[] = {pkg("fixture", "9", 1)}, to = pkg("moved", "1", 1);
	struct plan plan = {0};
	struct reading r;
	struct scratch *s = NULL;

	changelab_init(&l, h, ELEMENTSOF(h));
	change_fd(&l, "fixture", open_fixture("good.rpm"), path);
	headerPutString(to, RPMTAG_PREFIXES, "/opt");
	change_to(&l, NULL, to);
	s = rewrite(&l, &plan);
	read_new(s, &r);
	IS(&r.set, "fixture-2:1.0-3.noarch", "moved-1-1.noarch");
	assert_false(r.prefixes[r.set.v[0]->instance]);
	assert_true(r.prefixes[r.set.v[1]->instance]);
	/* what the signature header held is in the record, as rpm keeps it */
	assert_int_equal(strlen(r.set.v[0]->keyid), 16);
	assert_int_equal(number(s, "SELECT count(*) FROM Sigmd5"), 1);
	pkgset_release(&r.set);
	scratch_free(s);
}

static void journal_mode_stays(void **state _unused_)
{
	cleanup_changelab struct changelab l, m;
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *file = NULL;
	Header h[] = {pkg("app", "2", 1), pkg("b", "1", 1)};
	Header g[] = {pkg("app", "2", 1), pkg("b", "1", 1)};
	struct plan plan = {0};
	struct scratch *s = NULL;
	struct root *r = NULL;
	sqlite3 *db;

	changelab_init(&l, h, ELEMENTSOF(h));
	change_remove(&l, "app");
	s = rewrite(&l, &plan);
	assert_int_equal(
		number(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	scratch_free(s);

	/* "parked", as rpm 6 can leave it */
	changelab_init(&m, g, ELEMENTSOF(g));
	db_free(steal_ptr(m.db));
	file = scene_path(&m.scene, "var/lib/rpm/rpmdb.sqlite");
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL), 0);
	sqlite3_close(db);
	assert_int_equal(root_open(m.scene.root, ROOT_READ, &r, &err), 0);
	assert_int_equal(db_open(r, &m.db, &err), 0);
	root_free(r);
	change_remove(&m, "app");
	s = rewrite(&m, &plan);
	only_the_main_file(s);
	assert_int_equal(
		number(s, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
	scratch_free(s);
}

/* Whatever librpm does not write is put down for the root's own rpm, as Berkeley DB. */
static void read_only_backend(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {pkg("app", "2", 1), pkg("lib", "1", 1), pkg("old", "1", 1)};
	struct plan plan = {.changes = &l.changes};
	cleanup_free char *path = NULL;
	cleanup_close int fd = -1;
	struct scratch *s;
	uint32_t count = 0;

	changelab_init(&l, h, ELEMENTSOF(h));
	change_remove(&l, "app");
	l.db->writable = false;
	s = rewrite(&l, &plan);
	path = xasprintf("%s/Packages", s->path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(db_rows_check(fd, DB_BDB, &count, &err), 0);
	assert_int_equal(count, 2);
	scratch_free(s);
	/* unless nobody knows whether librpm does */
	l.db->unknown = xstrdup("no room");
	assert_int_equal(db_rewrite(l.db, &plan, changelab_open, &l, &s, &err), -1);
	assert_error(&err, ERR_FAILED, "no room");
}

static void given_up(void **state _unused_)
{
	cleanup_changelab struct changelab l;
	cleanup_error struct error err = ERROR_INIT;
	Header h[] = {pkg("app", "2", 1)};
	struct plan plan = {.changes = &l.changes};
	struct db_rewrite *job = NULL;

	changelab_init(&l, h, ELEMENTSOF(h));
	change_remove(&l, "app");
	assert_int_equal(db_rewrite_start(l.db, &plan, changelab_open, &l, &job, &err),
			 0);
	db_rewrite_free(job);
	db_rewrite_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_of_changes),
		cmocka_unit_test(clock_that_is_behind),
		cmocka_unit_test(states_are_the_plans),
		cmocka_unit_test(states_of_a_real_package),
		cmocka_unit_test(states_of_files_that_are_not_there),
		cmocka_unit_test(one_of_two_alike),
		cmocka_unit_test(another_package_than_planned),
		cmocka_unit_test(relocatable_and_signed),
		cmocka_unit_test(journal_mode_stays),
		cmocka_unit_test(read_only_backend),
		cmocka_unit_test(given_up),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
