/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "scene.h"

#include "base/file.h"
#include "base/ini.h"
#include "rpm/hdr.h"
#include "source/sources.h"

/* The fixture of that name, as path in the scene (relative to its root). */
static void put(const struct scene *s, const char *fixture, const char *path)
{
	cleanup_free char *from = xasprintf("%s/tests/fixtures/source/%s",
					    getenv("PUTBACK_SRCDIR") ?: ".", fixture);
	cleanup_free char *to = scene_path(s, path);
	cleanup_close int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;

	assert_true(in >= 0);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(out >= 0);
	assert_int_equal(file_copy(in, out), 0);
}

static void add(struct sources *l, const struct scene *s, const char *path)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(sources_add(l, full, NULL, &err), 0);
}

static void index_all(struct sources *l)
{
	cleanup_error struct error err = ERROR_INIT;

	assert_int_equal(sources_index(l, NULL, &err), 0);
}

static const struct nevra probe1 = {"probe", "1", "1", "noarch", EPOCH_NONE};
static const struct nevra probe2 = {"probe", "2", "1", "noarch", 0};

/* How many packages the list has of a NEVRA. */
static uint32_t count(const struct sources *l, const struct nevra *id)
{
	cleanup_free const struct candidate **found = NULL;

	return sources_find(l, id, &found);
}

static bool has_remark(const struct source *s, const char *part)
{
	for (uint32_t i = 0; i < s->remarks.n; i++)
		if (strstr(s->remarks.v[i], part))
			return true;
	return false;
}

static void a_folder_is_gone_through_to_its_depth(void **state)
{
	cleanup_scene struct scene s = scene_new();
	const struct candidate **found;
	struct sources l = {0};

	(void)state;
	scene_dir(&s, "b");
	scene_dir(&s, "b/deep");
	scene_dir(&s, "a");
	put(&s, "probe-1-1.noarch.rpm", "b/deep/x.rpm");
	put(&s, "probe-1-1.noarch.rpm", "a/y.rpm");
	put(&s, "probe-2-1.noarch.rpm", "b/z.rpm");
	put(&s, "probe-2-1.noarch.rpm", "b/no-package-by-name");
	add(&l, &s, "");
	index_all(&l);
	assert_int_equal(sources_count(&l), 3);
	assert_int_equal(l.v[0]->remarks.n, 0);
	assert_int_equal(count(&l, &probe2), 1);
	assert_int_equal(sources_find(&l, &probe1, &found), 2);
	/* in the order of their paths, whatever the order on the disk */
	assert_non_null(strstr(found[0]->location, "/root/a/y.rpm"));
	assert_non_null(strstr(found[1]->location, "/root/b/deep/x.rpm"));
	assert_string_equal(found[0]->pkg->nevra, "probe-1-1.noarch");
	assert_int_equal(found[0]->pkg->files.n, 0);
	free(found);
	sources_release(&l);
}

static void what_is_of_no_use_in_a_folder_is_told(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct sources l = {0};

	(void)state;
	put(&s, "probe-1-1.src.rpm", "source.rpm");
	put(&s, "probe-1-1.noarch.rpm", "good.rpm");
	scene_file(&s, "text.rpm", "http://example.org/a.rpm\n");
	scene_file(&s, "empty.rpm", "");
	scene_file(&s, "readme", "no matter");
	scene_fifo(&s, "fifo.rpm");
	scene_dir(&s, "folder.rpm");
	scene_link(&s, "nowhere", "dangling.rpm");
	scene_link(&s, "good.rpm", "again.rpm");
	scene_link(&s, "../outside", "elsewhere");
	scene_link(&s, ".", "loop");
	add(&l, &s, "");
	index_all(&l);
	assert_int_equal(sources_count(&l), 2);
	assert_int_equal(count(&l, &probe1), 2);
	assert_true(has_remark(l.v[0], "source.rpm: a source package"));
	assert_true(has_remark(l.v[0], "text.rpm"));
	assert_true(has_remark(l.v[0], "empty.rpm"));
	assert_true(has_remark(l.v[0], "fifo.rpm: not a regular file"));
	assert_true(has_remark(l.v[0], "elsewhere: a link to a folder is not followed"));
	assert_true(has_remark(l.v[0], "loop: a link to a folder is not followed"));
	assert_int_equal(l.v[0]->remarks.n, 6);
	/* the source package, and the link to what is gone through anyway */
	assert_int_equal(l.v[0]->asides.n, 2);
	sources_release(&l);
}

static void the_order_of_sources_is_kept(void **state)
{
	cleanup_scene struct scene s = scene_new();
	const struct candidate **found;
	struct sources l = {0};

	(void)state;
	scene_dir(&s, "a");
	scene_dir(&s, "b");
	put(&s, "probe-1-1.noarch.rpm", "a/x.rpm");
	put(&s, "probe-1-1.noarch.rpm", "b/x.rpm");
	put(&s, "probe-2-1.noarch.rpm", "single");
	add(&l, &s, "b/");
	add(&l, &s, "a");
	add(&l, &s, "single");
	index_all(&l);
	assert_int_equal(sources_find(&l, &probe1, &found), 2);
	assert_int_equal(found[0]->source, 0);
	assert_non_null(strstr(found[0]->location, "/root/b/x.rpm"));
	assert_int_equal(found[1]->source, 1);
	free(found);
	assert_int_equal(sources_find(&l, &probe2, &found), 1);
	assert_ptr_equal(l.v[found[0]->source]->ops, &rpmfile_ops);
	free(found);
	assert_int_equal(sources_find_name(&l, "probe", NULL, &found), 3);
	free(found);
	assert_int_equal(sources_find_name(&l, "probe", "noarch", &found), 3);
	free(found);
	assert_int_equal(sources_find_name(&l, "probe", "x86_64", &found), 0);
	assert_null(found);
	assert_int_equal(sources_find_name(&l, "prob", NULL, &found), 0);
	sources_release(&l);
}

static void an_empty_folder_is_no_error(void **state)
{
	cleanup_scene struct scene s = scene_new();
	struct sources l = {0};

	(void)state;
	add(&l, &s, "");
	index_all(&l);
	assert_int_equal(sources_count(&l), 0);
	assert_int_equal(l.v[0]->looked_at.n, 1);
	assert_string_equal(l.v[0]->looked_at.v[0], l.v[0]->spec);
	sources_release(&l);
}

static void what_does_not_exist_is_a_wrong_argument(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *nowhere = scene_path(&s, "nowhere");
	cleanup_free char *fifo = scene_path(&s, "fifo");
	struct sources l = {0};

	(void)state;
	scene_fifo(&s, "fifo");
	assert_int_equal(sources_add(&l, nowhere, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, nowhere));
	assert_non_null(strstr(err.msg, "No such file"));
	assert_int_equal(sources_add(&l, fifo, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "neither a folder, a package file nor an image"));
	assert_int_equal(l.n, 0);
}

static void a_package_is_loaded_with_its_files(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free const struct candidate **found = NULL;
	struct sources l = {0};
	struct pkg *p = NULL;

	(void)state;
	put(&s, "probe-1-1.noarch.rpm", "x.rpm");
	add(&l, &s, "x.rpm");
	index_all(&l);
	assert_int_equal(sources_find(&l, &probe1, &found), 1);
	assert_int_equal(sources_load(&l, found[0], &p, &err), 0);
	assert_int_equal(p->files.n, 2);
	assert_true(digest_is_same(&p->hdrdigest, &found[0]->pkg->hdrdigest));
	pkg_free(p);
	/* another package under the same name */
	put(&s, "probe-2-1.noarch.rpm", "x.rpm");
	assert_int_equal(sources_load(&l, found[0], &p, &err), -1);
	assert_non_null(strstr(err.msg, "has changed"));
	sources_release(&l);
}

static bool stop_at_once(void *ctx)
{
	(void)ctx;
	return true;
}

/* What is chosen is read by another process than the one that read all that lay about. */
static void who_read_all_reads_nothing_more(void **state)
{
	cleanup_free char *path = xasprintf("/proc/self/task/%d/children", getpid());
	cleanup_scene struct scene s = scene_new();
	struct sources l = {0};
	FILE *f;

	(void)state;
	put(&s, "probe-1-1.noarch.rpm", "x.rpm");
	add(&l, &s, "");
	index_all(&l);
	assert_int_equal(sources_count(&l), 1);
	f = fopen(path, "re");
	if (!f)
		skip();
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	sources_release(&l);
}

static void indexing_stops_when_asked_to(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	const struct observer o = {.stop = stop_at_once};
	struct sources l = {0};

	(void)state;
	put(&s, "probe-1-1.noarch.rpm", "x.rpm");
	add(&l, &s, "");
	assert_int_equal(sources_index(&l, &o, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	sources_release(&l);
}

static void assert_ini(const char *text, const char *section, const char *key,
		       const char *expected)
{
	cleanup_free char *value = ini_value(text, strlen(text), section, key);

	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
}

static void ini_files_are_read(void **state)
{
	static const char *const text = "early=1\n"
					"# cachedir=/comment\n"
					"[main]\r\n"
					"cachedir = /a b \r\n"
					"; other=1\n"
					"colon: x=y\n"
					"lines = one\n"
					"\ttwo\n"
					"   # not this\n"
					"empty =\n"
					"no sign\n"
					"=no key\n"
					"[ other ]\n"
					"cachedir=/other\n"
					"[main]\n"
					"twice=1\n"
					"twice=2";

	(void)state;
	assert_ini(text, "", "early", "1");
	assert_ini(text, "main", "cachedir", "/a b");
	assert_ini(text, "other", "cachedir", "/other");
	assert_ini(text, "main", "colon", "x=y");
	assert_ini(text, "main", "lines", "one\ntwo");
	assert_ini(text, "main", "empty", "");
	assert_ini(text, "main", "twice", "2");
	assert_ini(text, "main", "other", NULL);
	assert_ini(text, "main", "early", NULL);
	assert_ini(text, "main", "", NULL);
	assert_ini("[main\nk=v", "", "k", "v");
	assert_ini("", "main", "k", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_gone_through_to_its_depth),
		cmocka_unit_test(what_is_of_no_use_in_a_folder_is_told),
		cmocka_unit_test(the_order_of_sources_is_kept),
		cmocka_unit_test(an_empty_folder_is_no_error),
		cmocka_unit_test(what_does_not_exist_is_a_wrong_argument),
		cmocka_unit_test(a_package_is_loaded_with_its_files),
		cmocka_unit_test(who_read_all_reads_nothing_more),
		cmocka_unit_test(indexing_stops_when_asked_to),
		cmocka_unit_test(ini_files_are_read),
	};

	if (hdr_init(NULL))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
