/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "source/koji.h"

/* The URLs of a spec, one per line. Several keys have blanks between them. */
static char *urls(const char *spec, const struct koji_wanted *w)
{
	struct strlist l = {0}, keys = {0};
	struct buf b = {0};

	for (const char *at = w->keyid; at && *at;
	     at += strcspn(at, " ") + (strchr(at, ' ') != NULL))
		strlist_take(&keys, xstrndup(at, strcspn(at, " ")));
	koji_urls(spec, w, &keys, &l);
	strlist_release(&keys);
	for (uint32_t i = 0; i < l.n; i++)
		buf_printf(&b, "%s\n", l.v[i]);
	strlist_release(&l);
	return buf_steal(&b);
}

static void assert_urls(const char *spec, const struct koji_wanted *w, const char *want)
{
	cleanup_free char *got = urls(spec, w);

	assert_string_equal(got, want);
}

static const struct koji_wanted bash = {.id = {"bash-doc", "5.2", "1.fc38", "x86_64", 3},
					.source = "bash",
					.keyid = "0123456789abcdef"};

static void test_layout(void **state)
{
	static const struct koji_wanted bare = {.id = {"bash", "5.2", "1", "noarch",
						       EPOCH_NONE}},
					two_keys = {.id = {"a", "1", "1", "noarch",
							   EPOCH_NONE},
						    .keyid = "0123456789abcdef "
							     "fedcba9876543210"},
					short_key = {.id = {"a", "1", "1", "noarch",
							    EPOCH_NONE},
						     .source = "",
						     .keyid = "abc"};

	(void)state;
	assert_urls(
		"koji:https://k.example//", &bash,
		"https://k.example/packages/bash/5.2/1.fc38/data/signed/89abcdef/x86_64/"
		"bash-doc-5.2-1.fc38.x86_64.rpm\n"
		"https://k.example/packages/bash/5.2/1.fc38/x86_64/"
		"bash-doc-5.2-1.fc38.x86_64.rpm\n"
		"https://k.example/packages/bash-doc/5.2/1.fc38/data/signed/89abcdef/x86_64/"
		"bash-doc-5.2-1.fc38.x86_64.rpm\n"
		"https://k.example/packages/bash-doc/5.2/1.fc38/x86_64/"
		"bash-doc-5.2-1.fc38.x86_64.rpm\n");
	assert_urls(
		"koji:http://k:8080/pub", &bare,
		"http://k:8080/pub/packages/bash/5.2/1/noarch/bash-5.2-1.noarch.rpm\n");
	assert_urls(
		"koji:http://k", &two_keys,
		"http://k/packages/a/1/1/data/signed/89abcdef/noarch/a-1-1.noarch.rpm\n"
		"http://k/packages/a/1/1/data/signed/76543210/noarch/a-1-1.noarch.rpm\n"
		"http://k/packages/a/1/1/noarch/a-1-1.noarch.rpm\n");
	assert_urls("koji:http://k", &short_key,
		    "http://k/packages/a/1/1/noarch/a-1-1.noarch.rpm\n");
}

static void test_template(void **state)
{
	(void)state;
	assert_urls(
		"koji:https://h/{initial}/{source}/{name}-{version}-{release}.{arch}/{nevra}.rpm",
		&bash,
		"https://h/b/bash/bash-doc-5.2-1.fc38.x86_64/bash-doc-5.2-1.fc38.x86_64.rpm\n");
	/* what is no word stays, and is nothing for a URL */
	assert_urls("koji:http://h/{epoch}{nevra", &bash,
		    "http://h/%7Bepoch%7D%7Bnevra\n");
	assert_urls("koji:http://h/{}x", &bash, "http://h/%7B%7Dx\n");
}

/* Names come from the root's rpmdb. Whatever they are, the host is the user's. */
static void test_hostile_names(void **state)
{
	static const struct koji_wanted odd[] = {
		{.id = {"../../x", "1", "1", "noarch", EPOCH_NONE}},
		{.id = {"@evil.example/", ":80", "?q#f", "a b", EPOCH_NONE},
		 .source = "//e"},
		{.id = {"\n\r\x01", "\xff", "{name}", "%2f", EPOCH_NONE}},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
		static const char *const specs[] = {
			"koji:http://h.example/",
			"koji:http://h.example/{name}{release}{arch}"};

		for (size_t k = 0; k < ELEMENTSOF(specs); k++) {
			cleanup_free char *got = urls(specs[k], &odd[i]),
					  *rest = xstrdup(got);
			char *at = rest, *line;

			while ((line = strsep(&at, "\n")) && *line) {
				if (strncmp(line, "http://h.example/", 17) != 0)
					fail_msg("'%s'", line);
				for (const char *p = line; *p; p++)
					if (*p <= ' ' || *p == 0x7f || *p == '?' ||
					    *p == '#')
						fail_msg("'%s'", line);
			}
		}
	}
	/* a word is not filled twice, and a host is not filled at all */
	assert_urls("koji:http://h/{release}", &odd[2], "http://h/%7Bname%7D\n");
	assert_urls("koji:http://{name}/x", &bash, "http://{name}/x\n");
}

static void test_source_name(void **state)
{
	static const char *const cases[][2] = {
		{"bash-5.2-1.fc38.src.rpm", "bash"},
		{"a-b-c-1-1.src.rpm", "a-b-c"},
		{"bash-1.src.rpm", ""},
		{"bash", ""},
		{"", ""},
		{"--", ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		cleanup_free char *got = koji_source_name(cases[i][0]);

		assert_string_equal(got, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_source_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
