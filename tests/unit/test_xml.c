/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rpmlab.h"

#include "source/xml.h"

/* What a document came to: "<a x=1>" for a beginning, "</a:text>" for an end. */
static void on_begin(void *ctx, const char *element, const char **attributes)
{
	buf_printf(ctx, "<%s", element);
	for (; *attributes; attributes += 2)
		buf_printf(ctx, " %s=%s", attributes[0], attributes[1]);
	buf_char(ctx, '>');
}

static void on_end(void *ctx, const char *element, const char *text)
{
	buf_printf(ctx, "</%s:%s>", element, text);
}

static const struct xml_handler handler = {on_begin, on_end};

static void assert_reads(const char *text, const char *want)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf got = {0};

	if (xml_read(text, strlen(text), &handler, &got, &err))
		fail_msg("'%s': %s", text, err.msg);
	assert_string_equal(got.s, want);
}

static void assert_refused(const char *text, size_t n, const char *why)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_buf struct buf got = {0};

	assert_int_equal(xml_read(text, n, &handler, &got, &err), -1);
	assert_int_equal(err.kind, ERR_FAILED);
	assert_string_equal(err.msg, why);
}

static void test_document(void **state)
{
	(void)state;
	assert_reads("<a><b x='1' y=\"2\">  text \n</b><c/></a>",
		     "<a><b x=1 y=2></b:text><c></c:></a:>");
	assert_reads(
		"<?xml version='1.0' encoding='UTF-8'?><a>&amp;&#65;<![CDATA[<x>]]></a>",
		"<a></a:&A<x>>");
}

static void test_hostile(void **state)
{
	static const char bomb[] =
		"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;'>]><a>&c;</a>";
	static const char outside[] = "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>x</a>";
	static const char nul[] = "<a>x\0y</a>";
	cleanup_buf struct buf deep = {0};

	(void)state;
	assert_refused(bomb, strlen(bomb), "has a document type, which nobody needs");
	assert_refused(outside, strlen(outside),
		       "has a document type, which nobody needs");
	for (int i = 0; i < 33; i++)
		buf_str(&deep, "<a>");
	assert_refused(deep.s, deep.n, "is nested too deeply");
	assert_refused(nul, sizeof(nul) - 1,
		       "is no proper XML: line 1: not well-formed (invalid token)");
	assert_refused("<a>\n\xff</a>", 9,
		       "is no proper XML: line 2: not well-formed (invalid token)");
	assert_refused("<a>&b;</a>", 10, "is no proper XML: line 1: undefined entity");
}

static void test_cut_short(void **state)
{
	static const char whole[] = "<a><b x='1'>text</b></a>";

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		cleanup_error struct error err = ERROR_INIT;
		cleanup_buf struct buf got = {0};

		assert_int_equal(xml_read(whole, n, &handler, &got, &err), -1);
		assert_error(&err, ERR_FAILED, "is no proper XML: line 1: ");
	}
}

/* --- the guard ---------------------------------------------------------------------------------------- */

/* All that comes through, in pieces; the reason where it ends with an error. */
static char *guarded(const char *text, size_t n, unsigned long long max,
		     const char **ret_reason)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, n, "r"), *f;
	struct buf got = {0};
	char piece[7];
	size_t k;

	assert_non_null(in);
	f = xml_guard(in, max, ret_reason);
	assert_non_null(f);
	buf_str(&got, "");
	while ((k = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&got, piece, k);
	assert_int_equal(ferror(f) != 0, *ret_reason != NULL);
	fclose(f);
	return buf_steal(&got);
}

static void test_guard_passes(void **state)
{
	static const char *const sound[] = {
		"<a>text</a>",
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>text</a>",
		"<?xml version='1.0' encoding = 'utf-8'?><!-- <!DOCTYPE x> --><?x y?>\n<a/>",
		"\xef\xbb\xbf<a/>",
	};
	cleanup_buf struct buf big = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(sound); i++) {
		const char *reason;
		cleanup_free char *got =
			guarded(sound[i], strlen(sound[i]), 1000, &reason);

		assert_null(reason);
		assert_string_equal(got, sound[i]);
	}
	buf_str(&big, "<a>");
	while (big.n < 100000)
		buf_str(&big, "0123456789");
	for (int more = 0; more < 2; more++) {
		const char *reason;
		cleanup_free char *got =
			guarded(big.s, big.n, big.n - (size_t)more, &reason);

		if (more)
			assert_ptr_equal(reason, xml_too_long);
		else
			assert_string_equal(got, big.s);
	}
}

static void test_guard_refuses(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *why;
	} cases[] = {
#define CASE(text, why) {text, sizeof(text) - 1, why}
		CASE("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
		     "has a document type, which nobody needs"),
		CASE("<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE a><a/>",
		     "has a document type, which nobody needs"),
		CASE("<?xml version='1.0' encoding='UTF-16'?><a/>", "is no XML in UTF-8"),
		CASE("<?xml version='1.0' encoding='latin1'?><a/>", "is no XML in UTF-8"),
		CASE("\xff\xfe<\0a\0", "is no XML in UTF-8"),
		CASE("<a\0/>", "is no XML in UTF-8"),
		CASE(" <a/>", "is no XML in UTF-8"),
		CASE("", "is no XML in UTF-8"),
		CASE("nothing of the kind", "is no XML in UTF-8"),
		CASE("<?xml version='1.0'", "does not begin as XML does"),
		CASE("<!-- <a/>", "does not begin as XML does"),
		CASE("<?xml version='1.0'?>text", "does not begin as XML does"),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const char *reason;
		/* fmemopen() takes no size of 0 */
		cleanup_free char *got =
			guarded(cases[i].n ? cases[i].text : "\n",
				MAX(cases[i].n, (size_t)1), 1000, &reason);

		if (!reason || strcmp(reason, cases[i].why) != 0)
			fail_msg("'%s': %s", cases[i].text, reason ? reason : "passes");
		assert_string_equal(got, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),      cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cut_short),     cmocka_unit_test(test_guard_passes),
		cmocka_unit_test(test_guard_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
