/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include <solv/pool.h>
#include <solv/repo.h>

#include "source/catalog.h"
#include "source/primary.h"
#include "source/repomd.h"

#define HEAD                                                         \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"               \
	"<metadata xmlns=\"http://linux.duke.edu/metadata/common\" " \
	"xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"1\">\n"
#define ENTRY(name, location)                                            \
	"<package type=\"rpm\"><name>" name "</name><arch>noarch</arch>" \
	"<version epoch=\"0\" ver=\"1\" rel=\"1\"/>" location "<format/></package>\n"
#define AT(place) "<location href=\"" place "\"/>"
#define TAIL	  "</metadata>\n"

/* "NAME at PLACE" per package and how many were unfit, or the error. The caller frees. */
static uint64_t open_max = REPOMD_OPEN_MAX;

static char *read_as(const char *name, const void *text, size_t n)
{
	cleanup_error struct error err = ERROR_INIT;
	struct catalog *c = catalog_new();
	Repo *repo = catalog_add_repo(c, "lab");
	struct buf b = {0};
	uint32_t unfit = 0;
	const int *ids;

	if (primary_read(repo, file_of(text, n), name, open_max, &unfit, &err)) {
		assert_int_equal(err.kind, ERR_FAILED);
		assert_int_equal(repo->nsolvables, 0);
		buf_printf(&b, "error: %s", err.msg);
	} else {
		n = catalog_list(c, repo, &ids);
		for (size_t i = 0; i < n; i++) {
			struct pkg *p = catalog_pkg(c, ids[i]);

			buf_printf(&b, "%s at %s, ", p->nevra,
				   catalog_location(c, ids[i]));
			pkg_free(p);
		}
		free((void *)(uintptr_t)ids);
		buf_printf(&b, "%u unfit", unfit);
	}
	catalog_free(c);
	return buf_steal(&b);
}

static void assert_read(const char *text, const char *want)
{
	cleanup_free char *got = read_as("primary.xml", text, strlen(text));

	assert_string_equal(got, want);
}

static void test_list(void **state)
{
	(void)state;
	assert_read(HEAD ENTRY("a", AT("p/a.rpm")) ENTRY("b", AT("b.rpm")) TAIL,
		    "a-1-1.noarch at p/a.rpm, b-1-1.noarch at b.rpm, 0 unfit");
	assert_read(HEAD TAIL, "0 unfit");
	assert_read(HEAD ENTRY("a", "<location xml:base=\"https://h/\" href=\"a.rpm\"/>")
			    TAIL,
		    "a-1-1.noarch at a.rpm, 0 unfit");
}

static void test_more_than_was_said(void **state)
{
	static const char list[] = HEAD ENTRY("a", AT("a.rpm")) TAIL;

	(void)state;
	open_max = sizeof(list) - 1;
	assert_read(list, "a-1-1.noarch at a.rpm, 0 unfit");
	open_max = sizeof(list) - 2;
	assert_read(list,
		    "error: 'primary.xml' unpacks to more than 300 bytes, which its "
		    "repomd.xml says that it has: it is damaged, or somebody's trap");
	open_max = REPOMD_OPEN_MAX;
}

static void test_what_leads_outside(void **state)
{
	static const char *const places[] = {
		AT("../a.rpm"),
		AT("p/../../a.rpm"),
		AT("/etc/passwd"),
		AT("file:///etc/passwd"),
		AT("http://h/a"),
		AT("%2e%2E/a.rpm"),
		AT("a.rpm?x"),
		AT("a&#10;.rpm"),
		AT(""),
		"",
		"<location xml:base=\"file:///etc\" href=\"passwd\"/>",
		"<location xml:base=\"ftp://h\" href=\"a.rpm\"/>",
		"<location xml:base=\"http:///\" href=\"a.rpm\"/>",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		cleanup_free char *text =
			xasprintf(HEAD "%s" ENTRY("b", AT("b.rpm")) TAIL, "");
		cleanup_free char *hostile = xasprintf(
			HEAD
			"<package type=\"rpm\"><name>a</name><arch>noarch</arch><version "
			"epoch=\"0\" ver=\"1\" rel=\"1\"/>%s<format/></package>" ENTRY(
				"b", AT("b.rpm")) TAIL,
			places[i]);
		cleanup_free char *got = read_as("primary.xml", hostile, strlen(hostile));

		assert_read(text, "b-1-1.noarch at b.rpm, 0 unfit");
		if (strcmp(got, "b-1-1.noarch at b.rpm, 1 unfit") != 0)
			fail_msg("'%s': '%s'", places[i], got);
	}
}

static void test_damaged(void **state)
{
	static const char whole[] = HEAD ENTRY("a", AT("a.rpm")) TAIL;
	static const char bomb[] =
		"<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"aaaa\"><!ENTITY b "
		"\"&a;&a;&a;\">]><metadata><package type=\"rpm\"><name>&b;</name>";
	static const char entity[] =
		HEAD "<package type=\"rpm\"><name>&c;</name></package>" TAIL;
	cleanup_free char *got = NULL;

	(void)state;
	/* nothing of it counts, however much of it could be read */
	for (size_t n = 1; n < sizeof(whole) - 2; n++) {
		cleanup_free char *cut = read_as("primary.xml", whole, n);

		if (strncmp(cut, "error: 'primary.xml' ", 21) != 0)
			fail_msg("cut after %zu: '%s'", n, cut);
	}
	assert_read(bomb, "error: 'primary.xml' has a document type, which nobody needs");
	assert_read("", "error: 'primary.xml' is no XML in UTF-8");
	assert_read("nothing of the kind", "error: 'primary.xml' is no XML in UTF-8");
	got = read_as("primary.xml", entity, sizeof(entity) - 1);
	assert_non_null(strstr(got, "error: 'primary.xml' cannot be read: "));
	assert_non_null(strstr(got, "undefined entity"));
}

static void test_numbers(void **state)
{
	static const char *const odd[] = {"-1",
					  "18446744073709551615",
					  "18446744073709551616",
					  "99999999999999999999999",
					  "x",
					  ""};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
		cleanup_free char *text = xasprintf(
			HEAD
			"<package type=\"rpm\"><name>a</name><arch>noarch</arch><version "
			"epoch=\"0\" ver=\"1\" rel=\"1\"/><time file=\"%s\" build=\"%s\"/><size "
			"package=\"%s\" installed=\"%s\"/>" AT(
				"a.rpm") "<format><rpm:header-range "
					 "start=\"%s\" end=\"%s\"/></format></package>" TAIL,
			odd[i], odd[i], odd[i], odd[i], odd[i], odd[i]);

		assert_read(text, "a-1-1.noarch at a.rpm, 0 unfit");
	}
}

/* Of a dependency that is nested without end, or goes on without end, libsolv ends the stack. */
static void test_endless_dependencies(void **state)
{
	static const char *const steps[] = {"(", "(a or ", "a or ", "&#40;", "\n(\n"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
		cleanup_buf struct buf text = {0};
		cleanup_free char *got = NULL;

		buf_str(&text, HEAD
			"<package type=\"rpm\"><name>a</name><arch>noarch</arch>"
			"<version epoch=\"0\" ver=\"1\" rel=\"1\"/>" AT(
				"a.rpm") "<format><rpm:requires><rpm:entry name=\"(");
		for (int k = 0; k < 500000; k++)
			buf_str(&text, steps[i]);
		buf_str(&text, "a\"/></rpm:requires></format></package>" TAIL);
		got = read_as("primary.xml", text.s, text.n);
		assert_string_equal(
			got,
			"error: 'primary.xml' has a text or a dependency without end");
	}
}

/* What is packed is unpacked by the end of its name; what is none of that is told. */
static void test_packed(void **state)
{
	static const char *const names[] = {"p.xml.gz", "p.xml.xz", "p.xml.zst",
					    "p.xml.bz2"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		static const char garbage[] =
			"\x1f\x8b\x08 this is not what it says it is";
		cleanup_free char *got = read_as(names[i], garbage, sizeof(garbage) - 1);

		if (strncmp(got, "error: 'p.xml.", 14) != 0)
			fail_msg("%s: %s", names[i], got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_more_than_was_said),
		cmocka_unit_test(test_what_leads_outside),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_endless_dependencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
