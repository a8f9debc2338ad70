/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

#include "rpmlab.h"

#include <solv/repo.h>

#include "base/confine.h"
#include "source/depot.h"
#include "source/learned.h"
#include "source/sources.h"

enum { PACKAGES = 12 };

/* A package of a name and version, as NAME.rpm in the scene. */
static void put(const struct scene *s, const char *name, const char *version)
{
	cleanup_free char *file = xasprintf("%s.rpm", name), *path = scene_path(s, file),
			  *need = xasprintf("need-of-%s", name);
	Header h = lab_header(name, version);

	lab_dep(h, LAB_REQUIRE, need, 0, "");
	lab_files(h, name, 4);
	h = lab_seal(h);
	unlink(path);
	close(lab_package(path, h, NULL, 0));
	headerFree(h);
}

/* Packages p0 to p11, old enough to be learned. */
static struct scene make_scene(void)
{
	struct scene s = scene_new();

	for (unsigned i = 0; i < PACKAGES; i++) {
		cleanup_free char *name = xasprintf("p%u", i);

		put(&s, name, "1");
	}
	sleep(3);
	return s;
}

static uint64_t bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	unsigned long long n = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "rchar: %llu", &n), 1);
	fclose(f);
	return n;
}

static char *depot_of(const struct scene *s)
{
	return xasprintf("%s/depot", s->dir);
}

/* Indexes the scene with what is in the depot; bytes read for it. */
static uint64_t run(const struct scene *s, struct sources *l)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *depot = depot_of(s);
	uint64_t before;

	*l = (struct sources){0};
	if (sources_keep(l, depot, NULL, &err) || sources_add(l, s->root, NULL, &err))
		fail_msg("%s", err.msg);
	before = bytes_read();
	if (sources_index(l, NULL, &err))
		fail_msg("%s", err.msg);
	return bytes_read() - before;
}

/* "p0-1 p1-1 ...": what there is, with its needs and its paths known. */
static void assert_has(const struct scene *s, const char *want)
{
	cleanup_buf struct buf got = {0};
	struct sources l;

	run(s, &l);
	catalog_prepare(l.catalog);
	buf_str(&got, "");
	for (unsigned i = 0; i < PACKAGES + 2; i++) {
		cleanup_free const struct candidate **found = NULL;
		cleanup_free char *name = xasprintf("p%u", i);
		uint32_t n = sources_find_name(&l, name, NULL, &found);

		for (uint32_t k = 0; k < n; k++) {
			Pool *pool = l.catalog->pool;
			cleanup_free char *need = xasprintf("need-of-%s", name);
			const Solvable *v = pool_id2solvable(pool, found[k]->solvable);
			struct digest sound = found[k]->pkg->hdrdigest;
			cleanup_error struct error err = ERROR_INIT;
			struct pkg *p = NULL;

			buf_printf(&got, "%s%s-%s", got.n ? " " : "", name,
				   found[k]->pkg->id.version);
			assert_true(v->requires > 0);
			assert_string_equal(
				pool_id2str(pool, v->repo->idarraydata[v->requires]),
				need);
			if (sources_load(&l, found[k], &p, &err))
				fail_msg("%s", err.msg);
			assert_true(digest_is_same(&p->hdrdigest, &sound));
			pkg_free(p);
		}
	}
	assert_string_equal(got.s, want);
	sources_release(&l);
}

static const char all[] = "p0-1 p1-1 p2-1 p3-1 p4-1 p5-1 p6-1 p7-1 p8-1 p9-1 p10-1 p11-1";

static void a_second_run_reads_no_package(void **state _unused_)
{
	cleanup_scene struct scene s = make_scene();
	struct sources l;
	uint64_t first = run(&s, &l), second;

	assert_int_equal(sources_count(&l), PACKAGES);
	sources_release(&l);
	second = run(&s, &l);
	assert_int_equal(sources_count(&l), PACKAGES);
	sources_release(&l);
	/* the index is read twice: for its digest, and by libsolv */
	assert_true(second < first);
	assert_has(&s, all);
	/* the same with an index and without: what was saved is less than one package per package */
	assert_true(first > PACKAGES * 1000);
}

static void what_changed_is_read_again(void **state _unused_)
{
	cleanup_scene struct scene s = make_scene();
	cleanup_free char *gone = scene_path(&s, "p3.rpm"),
			  *moved = scene_path(&s, "p4.rpm"),
			  *here = scene_path(&s, "elsewhere.rpm");

	assert_has(&s, all);
	put(&s, "p1", "2");
	put(&s, "p12", "1");
	unlink(gone);
	assert_int_equal(rename(moved, here), 0);
	assert_has(&s, "p0-1 p1-2 p2-1 p4-1 p5-1 p6-1 p7-1 p8-1 p9-1 p10-1 p11-1 p12-1");
	/* what has just changed may change again within the same tick of the clock */
	put(&s, "p12", "3");
	assert_has(&s, "p0-1 p1-2 p2-1 p4-1 p5-1 p6-1 p7-1 p8-1 p9-1 p10-1 p11-1 p12-3");
	assert_has(&s, "p0-1 p1-2 p2-1 p4-1 p5-1 p6-1 p7-1 p8-1 p9-1 p10-1 p11-1 p12-3");
}

/* The only index in the depot; the caller frees. */
static char *index_of(const struct scene *s)
{
	cleanup_free char *depot = depot_of(s);
	cleanup_closedir DIR *d = opendir(depot);
	char *found = NULL;
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		assert_null(found);
		assert_non_null(strstr(e->d_name, ".index"));
		found = xasprintf("%s/%s", depot, e->d_name);
	}
	assert_non_null(found);
	return found;
}

static void flip(const char *path, off_t at)
{
	cleanup_close int fd = open(path, O_RDWR | O_CLOEXEC);
	char c;

	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
}

static void a_damaged_index_is_no_index(void **state _unused_)
{
	cleanup_scene struct scene s = make_scene();
	cleanup_free char *path = NULL;
	struct stat st;

	assert_has(&s, all);
	path = index_of(&s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (off_t at = 0; at < st.st_size; at += 1 + st.st_size / 40) {
		flip(path, at);
		assert_has(&s, all);
	}
	/* the last bytes: the trailer */
	for (off_t back = 1; back < 90; back += 7) {
		flip(path, st.st_size - back);
		assert_has(&s, all);
	}
	for (off_t size = st.st_size - 1; size >= 0; size -= 1 + st.st_size / 20) {
		assert_int_equal(truncate(path, size), 0);
		assert_has(&s, all);
	}
}

static void an_index_that_others_may_write_is_not_read(void **state _unused_)
{
	cleanup_scene struct scene s = make_scene();
	cleanup_free char *path = NULL, *away = NULL;
	struct depot d = {.named = true};
	cleanup_free char *depot = depot_of(&s);
	const char *name;

	assert_has(&s, all);
	d.path = depot;
	path = index_of(&s);
	name = strrchr(path, '/') + 1;
	{
		cleanup_close int fd = depot_open_file(&d, name);

		assert_true(fd >= 0);
	}
	assert_int_equal(chmod(path, 0622), 0);
	assert_int_equal(depot_open_file(&d, name), -1);
	assert_int_equal(chmod(path, 0600), 0);
	away = xasprintf("%s/away", s.dir);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink(away, path), 0);
	assert_int_equal(depot_open_file(&d, name), -1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(depot_open_file(&d, name), -1);
}

static void old_indices_go(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	struct depot d = {.path = s.root, .named = true};
	cleanup_free char *oldest = NULL, *newest = NULL, *other = NULL;

	for (unsigned i = 0; i < 5; i++) {
		cleanup_free char *name = xasprintf("%u.index", i),
				  *path = scene_path(&s, name);
		const struct timespec times[2] = {{1000 + i, 0}, {1000 + i, 0}};

		scene_file(&s, name, "x");
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
	scene_file(&s, "other", "x");
	depot_prune(&d, ".index", 2);
	oldest = scene_path(&s, "2.index");
	newest = scene_path(&s, "3.index");
	other = scene_path(&s, "other");
	assert_int_equal(access(oldest, F_OK), -1);
	assert_int_equal(access(newest, F_OK), 0);
	assert_int_equal(access(other, F_OK), 0);
}

static void a_depot_is_never_in_the_root_unless_it_is_named(void **state _unused_)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *inside = scene_path(&s, "home"),
			  *file = scene_path(&s, "file"),
			  *beneath = scene_path(&s, "file/x"),
			  *outside = xasprintf("%s/outside", s.dir),
			  *link = xasprintf("%s/link", s.dir);
	struct root *r = NULL;
	struct depot *d = NULL;
	struct stat st;

	scene_file(&s, "file", "");
	assert_int_equal(root_open(s.root, ROOT_READ, &r, &err), 0);
	setenv("XDG_CACHE_HOME", inside, 1);
	assert_int_equal(depot_open(NULL, r, &d, &err), 0);
	assert_null(d);
	assert_int_equal(stat(inside, &st), -1);
	/* through a link, too */
	assert_int_equal(symlink(s.root, link), 0);
	setenv("XDG_CACHE_HOME", link, 1);
	assert_int_equal(depot_open(NULL, r, &d, &err), 0);
	assert_null(d);
	setenv("XDG_CACHE_HOME", outside, 1);
	assert_int_equal(depot_open(NULL, r, &d, &err), 0);
	assert_non_null(d);
	assert_false(d->named);
	assert_int_equal(stat(d->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	depot_free(d);
	/* what the user names is taken, or told why not */
	assert_int_equal(depot_open(inside, r, &d, &err), 0);
	assert_true(d->named);
	depot_free(d);
	assert_int_equal(depot_open(beneath, r, &d, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, beneath));
	/* a place that nobody named and that cannot be had is none */
	setenv("XDG_CACHE_HOME", "/proc/self", 1);
	assert_int_equal(depot_open(NULL, r, &d, &err), 0);
	assert_null(d);
	root_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_run_reads_no_package),
		cmocka_unit_test(what_changed_is_read_again),
		cmocka_unit_test(a_damaged_index_is_no_index),
		cmocka_unit_test(an_index_that_others_may_write_is_not_read),
		cmocka_unit_test(old_indices_go),
		cmocka_unit_test(a_depot_is_never_in_the_root_unless_it_is_named),
	};

	confine_as_child(); /* what is read counts as ours */
	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
