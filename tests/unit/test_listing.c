/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "source/listing.h"

static void assert_names(const char *html, const char *want)
{
	struct strlist l = {0};
	struct buf b = {0};

	listing_read(html, &l);
	for (uint32_t i = 0; i < l.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", l.v[i]);
	assert_string_equal(b.n ? b.s : "", want);
	buf_release(&b);
	strlist_release(&l);
}

/* As these servers write them. */
static void test_servers(void **state)
{
	(void)state;
	/* Apache */
	assert_names(
		"<table><tr><th><a href=\"?C=N;O=D\">Name</a></th></tr>\n"
		"<tr><td><a href=\"/packages/\">Parent Directory</a></td></tr>\n"
		"<tr><td><a href=\"5.2.9/\">5.2.9/</a></td><td>2022-11-09</td></tr>\n"
		"<tr><td><a href=\"5.2.15/\">5.2.15/</a></td></tr></table>",
		"5.2.15 5.2.9");
	/* nginx */
	assert_names("<h1>Index of /</h1><hr><pre><a href=\"../\">../</a>\n"
		     "<a href=\"1.fc38/\">1.fc38/</a>    09-Nov-2022 10:00     -\n"
		     "<a href=\"a%2Bb-1-1.x86_64.rpm\">a+b-1-1.x86_64.rpm</a>  1\n</pre>",
		     "1.fc38 a+b-1-1.x86_64.rpm");
	/* lighttpd, and Python's http.server */
	assert_names(
		"<td class=\"n\"><a href=\"../\">..</a>/</td><a href=\"1%7E2/\">1~2</a>/"
		"<li><a href=\"1.0%5Egit/\">1.0^git/</a></li>",
		"1.0^git 1~2");
	assert_names(
		"<A HREF='one'>x</A><a class=x href = two>y</a><a href=./three/>z</a>",
		"one three two");
	assert_names("<a href=\"a/\"><img></a><a href=\"a/\">a</a><a href=\"a\">a</a>",
		     "a");
}

static void test_elsewhere(void **state)
{
	(void)state;
	assert_names("", "");
	assert_names("nothing here", "");
	assert_names("<a href", "");
	assert_names("<a href=", "");
	assert_names("<a href=\"\">", "");
	assert_names("<a href=\"never closed", "never closed");
	assert_names(
		"<a href=\"http://other/x\"><a href=\"//other/x\"><a href=\"mailto:x\">"
		"<a href=\"x/y\"><a href=\"#x\"><a href=\"x#y\"><a href=\"x&amp;y\">",
		"");
	assert_names("<a href=\".\"><a href=\"./\"><a href=\"..\"><a href=\"/\">", "");
	/* a slash or an end in disguise */
	assert_names("<a href=\"..%2F..%2Fetc\"><a href=\"%2e%2e\"><a href=\"%2E/\">"
		     "<a href=\"a%00b\"><a href=\"%\"><a href=\"%4\"><a href=\"%zz\">",
		     "% %4 %zz");
}

static void test_long(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_str(&b, "<a href=\"");
	for (int i = 0; i < 255; i++)
		buf_str(&b, "%61");
	buf_str(&b, "/\">");
	{
		struct strlist l = {0};

		listing_read(b.s, &l);
		assert_int_equal(l.n, 1);
		assert_int_equal(strlen(l.v[0]), 255);
		strlist_release(&l);
	}
	buf_clear(&b);
	buf_str(&b, "<a href=\"");
	for (int i = 0; i < 256; i++)
		buf_char(&b, 'a');
	buf_str(&b, "/\">");
	assert_names(b.s, "");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
