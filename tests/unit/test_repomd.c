/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "source/repomd.h"

#define SUM    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define SUM512 SUM OTHER

/* --- repomd.xml --------------------------------------------------------------------------------------- */

/* A repomd.xml with this in the place of its primary's data. */
static char *document(const char *data)
{
	return xasprintf(
		"<?xml version=\"1.0\"?><repomd xmlns=\"x\"><revision>1</revision>"
		"<data type=\"filelists\"><checksum type=\"sha256\">" OTHER
		"</checksum><location href=\"f\"/></data>%s</repomd>",
		data);
}

static void test_open_size(void **state)
{
	static const struct {
		const char *said;
		uint64_t want;
	} cases[] = {{"", REPOMD_OPEN_MAX},
		     {"<open-size>0</open-size>", REPOMD_OPEN_MAX},
		     {"<open-size>4096</open-size>", 4096},
		     {"<open-size>99999999999</open-size>", REPOMD_OPEN_MAX}};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *data = xasprintf(
			"<data type=\"primary\"><checksum type=\"sha512\">" SUM512
			"</checksum><location href=\"repodata/p.xml\"/>%s</data>",
			cases[i].said);
		cleanup_free char *text = document(data);
		struct repomd md = {0};

		assert_int_equal(repomd_read(text, strlen(text), &md, NULL), 0);
		assert_true(md.open_size == cases[i].want);
		repomd_release(&md);
	}
}

static void test_repomd(void **state)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *text = document(
		"<data type=\"primary\"><checksum type=\"sha512\"> " SUM512
		"\n</checksum>"
		"<open-checksum type=\"sha256\">x</open-checksum>"
		"<location href=\"repodata/p.xml.zst\"/><size>42</size>"
		"<open-size>-1</open-size></data>"
		/* only the first counts */
		"<data type=\"primary\"><checksum type=\"x\">y</checksum></data>");
	struct repomd md = {0};

	(void)state;
	if (repomd_read(text, strlen(text), &md, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(md.location, "repodata/p.xml.zst");
	assert_int_equal(md.size, 42);
	assert_true(md.open_size == REPOMD_OPEN_MAX); /* -1 is as good as nothing */
	assert_int_equal(md.digest.algo, DIGEST_SHA512);
	assert_int_equal(md.digest.bytes[0], 0x01);
	assert_int_equal(md.digest.bytes[63], 0xff);
	repomd_release(&md);
	assert_null(md.location);
}

#define DATA(inner)  "<data type=\"primary\">" inner "</data>"
#define CHECKSUM     "<checksum type=\"sha256\">" SUM "</checksum>"
#define LOCATION(at) "<location href=\"" at "\"/>"
#define OUTSIDE	     "names no file beneath the repository as its primary metadata"
#define NONSENSE     "gives a size of its primary metadata that makes no sense"
#define UNKNOWN	     "gives a checksum of a kind that nobody knows, or a damaged one"
#define INCOMPLETE   "names no primary metadata with a location and a checksum"

static void test_hostile_repomd(void **state)
{
	static const struct {
		const char *data, *why;
	} cases[] = {
		{"", INCOMPLETE},
		{DATA(CHECKSUM), INCOMPLETE},
		{DATA(LOCATION("p")), INCOMPLETE},
		{DATA(CHECKSUM LOCATION("../p")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("a/../../p")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("a/..")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("/etc/shadow")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("file:///etc/shadow")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("http://h/p")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("%2E%2e/p")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("a\\..\\p")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("p?x")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("p#x")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("a&#10;b")), OUTSIDE},
		{DATA(CHECKSUM LOCATION("")), OUTSIDE},
		{DATA(CHECKSUM "<location/>"), OUTSIDE},
		{DATA(CHECKSUM "<location xml:base=\"http://h/\" href=\"p\"/>"),
		 "keeps its primary metadata elsewhere (xml:base)"},
		{DATA(CHECKSUM LOCATION("p") "<size>-1</size>"), NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size>+1</size>"), NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size>1k</size>"), NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size></size>"), NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size>1073741825</size>"), NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size>18446744073709551616</size>"),
		 NONSENSE},
		{DATA(CHECKSUM LOCATION("p") "<size>18446744073709551615</size>"),
		 NONSENSE},
		{DATA("<checksum type=\"crc32\">00</checksum>" LOCATION("p")), UNKNOWN},
		{DATA("<checksum>" SUM "</checksum>" LOCATION("p")), UNKNOWN},
		{DATA("<checksum type=\"sha256\">" SUM "0</checksum>" LOCATION("p")),
		 UNKNOWN},
		{DATA("<checksum type=\"sha256\">g123456789abcdef0123456789abcdef"
		      "0123456789abcdef0123456789abcdef</checksum>" LOCATION("p")),
		 UNKNOWN},
		{DATA("<checksum type=\"sha256\"></checksum>" LOCATION("p")), UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_free char *text = document(cases[i].data);
		struct repomd md = {0};

		if (repomd_read(text, strlen(text), &md, &err) == 0)
			fail_msg("'%s' passes", cases[i].data);
		if (strcmp(err.msg, cases[i].why) != 0)
			fail_msg("'%s': '%s'", cases[i].data, err.msg);
		assert_int_equal(err.kind, ERR_FAILED);
		assert_null(md.location);
	}
}

static void test_no_repomd(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "is no proper XML: line 1: no element found"},
		{"<html><body>Welcome</body></html>", "is no repomd.xml"},
		{"<!DOCTYPE html><html/>", "has a document type, which nobody needs"},
		{"<repomd><data>", "is no proper XML: line 1: no element found"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_error struct error err = ERROR_INIT;
		struct repomd md = {0};

		assert_int_equal(
			repomd_read(cases[i].text, strlen(cases[i].text), &md, &err), -1);
		assert_string_equal(err.msg, cases[i].why);
	}
}

static void test_digest(void **state)
{
	struct digest d;

	(void)state;
	repomd_digest("SHA256", SUM, &d);
	assert_int_equal(d.algo, DIGEST_SHA256);
	assert_int_equal(d.len, 32);
	repomd_digest("sha", "0123456789ABCDEF0123456789abcdef01234567", &d);
	assert_int_equal(d.algo, DIGEST_SHA1);
	assert_int_equal(d.bytes[7], 0xef);
	repomd_digest(NULL, SUM, &d);
	assert_int_equal(d.algo, DIGEST_NONE);
	repomd_digest("sha512", SUM, &d);
	assert_int_equal(d.algo, DIGEST_NONE);
}

/* --- metalinks, lists of mirrors ------------------------------------------------------------------------ */

/* What a list comes to: its mirrors and its digests' first bytes. */
static char *mirrors_of(const char *text)
{
	cleanup_error struct error err = ERROR_INIT;
	struct metalink m = {0};
	struct buf b = {0};

	buf_str(&b, "");
	if (metalink_read(text, strlen(text), &m, &err)) {
		buf_printf(&b, "error: %s", err.msg);
		return buf_steal(&b);
	}
	for (uint32_t i = 0; i < m.bases.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", m.bases.v[i]);
	for (uint32_t i = 0; i < m.digests.n; i++)
		buf_printf(&b, " %02x", m.digests.v[i].bytes[0]);
	metalink_release(&m);
	return buf_steal(&b);
}

static void test_metalink(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		/* MirrorManager's: the higher the better; what is weak or of another file does not count */
		{"<metalink><files><file name=\"other\"><hash type=\"sha256\">" OTHER
		 "</hash><url>http://no/</url></file><file name=\"repomd.xml\">"
		 "<hash type=\"md5\">0123456789abcdef0123456789abcdef</hash>"
		 "<hash type=\"sha256\">" SUM "</hash><hash type=\"sha512\">" SUM512
		 "</hash>"
		 "<mm0:hash xmlns:mm0=\"x\" type=\"sha256\">" OTHER "</mm0:hash>"
		 "<url preference=\"10\">http://b/r/repodata/repomd.xml</url>"
		 "<url preference=\"99\"> https://a/repodata/repomd.xml\n</url>"
		 "<url preference=\"98\">rsync://c/repodata/repomd.xml</url>"
		 "<url preference=\"97\">file:///d/repodata/repomd.xml</url>"
		 "<url preference=\"96\">http://b/r/repodata/repomd.xml</url>"
		 "</file></files></metalink>",
		 "https://a/ http://b/r/ 01 01 ff"},
		/* RFC 5854: the lower the better, and a dash in the name of a digest */
		{"<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\"><file name=\"repomd.xml\">"
		 "<hash type=\"sha-256\">" SUM "</hash>"
		 "<url priority=\"2\">http://b/repodata/repomd.xml</url>"
		 "<url priority=\"1\">http://a/repodata/repomd.xml</url>"
		 "<url>http://first/x</url></file></metalink>",
		 "http://first/x http://a/ http://b/ 01"},
		{"<metalink/>",
		 "error: names no mirror that can be reached by http or https"},
		{"<html/>", "error: is no metalink"},
		{"<!DOCTYPE x><metalink/>",
		 "error: has a document type, which nobody needs"},
		{"<metalink>", "error: is no proper XML: line 1: no element found"},
		{"\n <metalink><file name=\"repomd.xml\"><hash>" SUM
		 "</hash><hash type=\"-\">" SUM
		 "</hash><url preference=\"9999999999999999999999\">http://a/</url>"
		 "<url priority=\"-9223372036854775807\">http://b/ x</url></file></metalink>",
		 "http://a/"},
		/* lines */
		{"# of a mirror list\nhttp://a/x/\r\nHTTPS://b/y?z=1\n\nftp://c/\nfile:///d\n"
		 "http://a/x/\n  http://indented/\n/e\nhttp://f/ g",
		 "http://a/x/ HTTPS://b/y?z=1"},
		{"", "error: names no mirror that can be reached by http or https"},
		{"http://repodata/repomd.xml\nhttp://\n",
		 "error: names no mirror that can be reached by http or https"},
		{"file:///etc/\n",
		 "error: names no mirror that can be reached by http or https"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *got = mirrors_of(cases[i].text);

		assert_string_equal(got, cases[i].want);
	}
}

static void test_many_mirrors(void **state)
{
	cleanup_buf struct buf text = {0};
	struct metalink m = {0};

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, "http://mirror%d/\n", i);
	assert_int_equal(metalink_read(text.s, text.n, &m, NULL), 0);
	assert_int_equal(m.bases.n, 500);
	assert_string_equal(m.bases.v[499], "http://mirror499/");
	metalink_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_size),
		cmocka_unit_test(test_repomd),	  cmocka_unit_test(test_hostile_repomd),
		cmocka_unit_test(test_no_repomd), cmocka_unit_test(test_digest),
		cmocka_unit_test(test_metalink),  cmocka_unit_test(test_many_mirrors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
