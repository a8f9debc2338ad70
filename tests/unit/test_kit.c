/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "source/kit.h"
#include "source/sources.h"

#define SUM   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIRST "putback kit 1\n"

/* --- the manifest --------------------------------------------------------------------------------------- */

static void test_manifest(void **state)
{
	static const char text[] =
		FIRST "package " SUM " 12 a-1-1.noarch a-1-1.noarch.rpm\n"
		      "# a remark\n\n"
		      "key " SUM " 18446744073709551615 KEY\n"
		      "missing b-2:1-1.noarch\n";
	cleanup_error struct error err = ERROR_INIT;
	struct kit_manifest m = {0};

	(void)state;
	if (kit_parse(text, sizeof(text) - 1, &m, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(m.entries.n, 2);
	assert_string_equal(m.entries.v[0].nevra, "a-1-1.noarch");
	assert_string_equal(m.entries.v[0].file, "a-1-1.noarch.rpm");
	assert_int_equal(m.entries.v[0].size, 12);
	assert_int_equal(m.entries.v[0].digest.bytes[1], 0x23);
	assert_string_equal(m.entries.v[1].kind, "key");
	assert_string_equal(m.entries.v[1].nevra, "");
	assert_true(m.entries.v[1].size == UINT64_MAX);
	assert_int_equal(m.missing.n, 1);
	assert_string_equal(m.missing.v[0], "b-2:1-1.noarch");
	kit_manifest_release(&m);
}

static void test_damaged_manifest(void **state)
{
#define NO_KIT "is no manifest of a kit"
#define LINE_2 "is damaged in line 2"
#define CASE(text, why)                     \
	{                                   \
		text, sizeof(text) - 1, why \
	}
	static const struct {
		const char *text;
		size_t n;
		const char *why;
	} cases[] = {
		CASE("", NO_KIT),
		CASE("\n", NO_KIT),
		CASE("putback kit 1", NO_KIT),
		CASE("putback kit 2\n", NO_KIT),
		CASE("putback kit 1\r\n", NO_KIT),
		CASE("<html>\n<body>\n", NO_KIT),
		CASE(FIRST "package", LINE_2),
		CASE(FIRST "\0\n", LINE_2),
		CASE(FIRST "else " SUM " 1 a\n", LINE_2),
		CASE(FIRST "missing \n", LINE_2),
		CASE(FIRST "missing\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a \n", LINE_2),
		CASE(FIRST "package " SUM " -1 a a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM " +1 a a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM " 1x a a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM "  a a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM " 18446744073709551616 a a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a ../a.rpm\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a /etc/passwd\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a ..\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a .hidden\n", LINE_2),
		CASE(FIRST "package " SUM " 1 a a b.rpm\n", LINE_2),
		CASE(FIRST "package " SUM "0 1 a a.rpm\n", LINE_2),
		CASE(FIRST "package x 1 a a.rpm\n", LINE_2),
		CASE(FIRST "key " SUM " 1 a/b\n", LINE_2),
		CASE(FIRST "key " SUM " 1 k\nkey " SUM " 1 k", "is damaged in line 3"),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_error struct error err = ERROR_INIT;
		struct kit_manifest m = {0};

		if (kit_parse(cases[i].text, cases[i].n, &m, &err) == 0)
			fail_msg("'%s' passes", cases[i].text);
		if (strcmp(err.msg, cases[i].why) != 0)
			fail_msg("'%s': '%s'", cases[i].text, err.msg);
		assert_int_equal(m.entries.n, 0);
	}
}

/* --- making one, and going by it ------------------------------------------------------------------------- */

/* A package as a file of the scene: an open descriptor. */
static int package(const struct scene *s, const char *name)
{
	cleanup_free char *file = xasprintf("%s.rpm", name), *path = scene_path(s, file);
	Header h = lab_seal(lab_header(name, "1"));
	int fd = lab_package(path, h, "payload", 7);

	headerFree(h);
	assert_true(fd >= 0);
	return fd;
}

static char *make_kit(const struct scene *s, const char *const *names)
{
	cleanup_error struct error err = ERROR_INIT;
	char *path = scene_path(s, "kit");
	struct kit *k;

	if (kit_open(path, &k, &err))
		fail_msg("%s", err.msg);
	for (; *names; names++) {
		cleanup_free char *nevra = xasprintf("%s-1-1.noarch", *names);
		cleanup_close int fd = package(s, *names);

		if (kit_add_package(k, fd, nevra, &err))
			fail_msg("%s", err.msg);
	}
	kit_add_missing(k, "lost-1-1.noarch", NULL);
	if (kit_finish(k, &err))
		fail_msg("%s", err.msg);
	kit_free(k);
	return path;
}

/* What the kit comes to as a source: how many packages, and its remarks. */
static uint32_t index_kit(const char *path, struct strlist *remarks, struct error *err)
{
	cleanup_free char *spec = xasprintf("kit:%s", path);
	struct sources l = {0};
	uint32_t n = UINT32_MAX;

	sources_add_kind(&l, &kit_ops, spec, NULL);
	if (sources_index(&l, NULL, err) == 0) {
		n = sources_count(&l);
		for (uint32_t i = 0; i < l.v[0]->remarks.n; i++)
			strlist_add(remarks, l.v[0]->remarks.v[i]);
	}
	sources_release(&l);
	return n;
}

static void test_make_and_read(void **state)
{
	static const char *const first[] = {"one", "two", NULL}, *const more[] = {"three",
										  NULL};
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = make_kit(&s, first);
	struct strlist remarks = {0};

	(void)state;
	assert_int_equal(index_kit(path, &remarks, &err), 2);
	assert_int_equal(remarks.n, 1);
	assert_non_null(
		strstr(remarks.v[0],
		       ": lost-1-1.noarch could not be had when the kit was made"));
	strlist_release(&remarks);
	/* added to: what was there stays, what was missing is looked for anew */
	free(path);
	path = make_kit(&s, more);
	assert_int_equal(index_kit(path, &remarks, &err), 3);
	assert_int_equal(remarks.n, 1);
	strlist_release(&remarks);
}

static void test_what_does_not_match(void **state)
{
	static const char *const names[] = {"one", "two", "three", "four", "five", NULL};
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = make_kit(&s, names);
	cleanup_free char *whole = scene_path(&s, "kit/packages/one-1-1.noarch.rpm"),
			  *gone = scene_path(&s, "kit/packages/two-1-1.noarch.rpm"),
			  *link = scene_path(&s, "kit/packages/three-1-1.noarch.rpm"),
			  *fifo = scene_path(&s, "kit/packages/four-1-1.noarch.rpm");
	cleanup_close int fd = open(whole, O_WRONLY | O_CLOEXEC);
	struct strlist remarks = {0};
	cleanup_buf struct buf all = {0};

	(void)state;
	/* the last byte, of the payload: the header is what it was */
	assert_int_equal(pwrite(fd, "X", 1, lseek(fd, 0, SEEK_END) - 1), 1);
	assert_int_equal(unlink(gone), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("five-1-1.noarch.rpm", link), 0);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(index_kit(path, &remarks, &err), 1);
	for (uint32_t i = 0; i < remarks.n; i++)
		buf_printf(&all, "%s\n", remarks.v[i]);
	strlist_release(&remarks);
	assert_non_null(strstr(all.s,
			       "one-1-1.noarch.rpm: is not what the kit's manifest says: "
			       "damaged, or another file\n"));
	assert_non_null(
		strstr(all.s, "two-1-1.noarch.rpm': No such file or directory\n"));
	assert_non_null(strstr(
		all.s, "three-1-1.noarch.rpm': Too many levels of symbolic links\n"));
	assert_non_null(strstr(all.s, "four-1-1.noarch.rpm' is not a regular file\n"));
}

static void test_no_kit(void **state)
{
	cleanup_scene struct scene s = scene_new();
	cleanup_error struct error none = ERROR_INIT, bare = ERROR_INIT, odd = ERROR_INIT;
	cleanup_free char *path = scene_path(&s, "kit");
	struct strlist remarks = {0};

	(void)state;
	assert_int_equal(index_kit(path, &remarks, &none), UINT32_MAX);
	assert_error(&none, ERR_FAILED, "cannot open the kit '");
	scene_dir(&s, "kit");
	assert_int_equal(index_kit(path, &remarks, &bare), UINT32_MAX);
	assert_error(&bare, ERR_FAILED, "/kit/manifest': No such file or directory");
	scene_file(&s, "kit/manifest", "something else\n");
	assert_int_equal(index_kit(path, &remarks, &odd), UINT32_MAX);
	assert_error(&odd, ERR_FAILED, "/kit/manifest': is no manifest of a kit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_damaged_manifest),
		cmocka_unit_test(test_make_and_read),
		cmocka_unit_test(test_what_does_not_match),
		cmocka_unit_test(test_no_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
