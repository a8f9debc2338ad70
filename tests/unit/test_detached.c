/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpmlab.h"

#include "rpm/detached.h"
#include "rpm/keyring.h"

/* A file of tests/fixtures/detached, where `signed` is what is signed. */
static void fixture(const char *name, struct buf *ret)
{
	cleanup_free char *path = xasprintf("../detached/%s", name);

	buf_str(ret, "");
	read_fixture(path, ret);
}

static struct keyring *keys(const char *name)
{
	cleanup_free char *path = xasprintf("%s/tests/fixtures/detached/%s",
					    getenv("PUTBACK_SRCDIR") ?: ".", name);
	cleanup_error struct error err = ERROR_INIT;
	struct keyring *k = keyring_new();

	if (keyring_add_path(k, path, &err))
		fail_msg("%s", err.msg);
	return k;
}

/* NULL for what is good, else what is said; kind: of that. The caller frees. */
static char *check(const struct keyring *k, const void *signature, size_t n,
		   const char *data, enum error_kind *ret_kind)
{
	cleanup_error struct error err = ERROR_INIT;

	if (detached_check(k, signature, n, data, strlen(data), "'it'", &err) == 0)
		return NULL;
	*ret_kind = err.kind;
	return xstrdup(err.msg);
}

static void assert_verdict(const struct keyring *k, const struct buf *signature,
			   const char *data, enum error_kind kind, const char *want)
{
	enum error_kind got_kind = kind;
	cleanup_free char *got = check(k, signature->s, signature->n, data, &got_kind);

	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "good", want);
	assert_int_equal(got_kind, kind);
}

static void test_good(void **state)
{
	static const char *const names[] = {"good.asc", "good.sig", "comment.asc"};
	struct keyring *k = keys("key-good.asc");
	cleanup_buf struct buf data = {0};

	(void)state;
	fixture("signed", &data);
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		cleanup_buf struct buf signature = {0};

		fixture(names[i], &signature);
		assert_verdict(k, &signature, data.s, ERR_FAILED, NULL);
		assert_verdict(
			k, &signature, "<repomd />", ERR_UNTRUSTED,
			"the signature of 'it' by good <good@putback.test> does not match: it "
			"was tampered with, or is being replaced");
		assert_verdict(
			k, &signature, "", ERR_UNTRUSTED,
			"the signature of 'it' by good <good@putback.test> does not "
			"match: it was tampered with, or is being replaced");
	}
	keyring_free(k);
}

static void test_not_by_us(void **state)
{
	struct keyring *k = keys("key-good.asc"), *none = keyring_new();
	struct keyring *expired = keys("key-expired.asc");
	cleanup_buf struct buf data = {0}, stranger = {0}, good = {0}, old = {0},
			       lapsed = {0};
	enum error_kind kind = ERR_FAILED;
	cleanup_free char *said = NULL, *without = NULL;

	(void)state;
	fixture("signed", &data);
	fixture("stranger.asc", &stranger);
	fixture("good.asc", &good);
	fixture("expired.asc", &old);
	fixture("lapsed.asc", &lapsed);
	said = check(k, stranger.s, stranger.n, data.s, &kind);
	assert_int_equal(kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(said, "'it' is signed with the key "));
	assert_non_null(strstr(said, ", which is not trusted here"));
	without = check(none, good.s, good.n, data.s, &kind);
	assert_int_equal(kind, ERR_UNAVAILABLE);
	assert_non_null(without);
	free(without);
	without = check(NULL, good.s, good.n, data.s, &kind);
	assert_int_equal(kind, ERR_UNAVAILABLE);
	/* the key was good when it signed this */
	assert_verdict(expired, &old, data.s, ERR_FAILED, NULL);
	assert_verdict(
		k, &lapsed, data.s, ERR_UNTRUSTED,
		"the signature of 'it' by good <good@putback.test> does not count: the "
		"key or the signature has expired or was revoked");
	keyring_free(k);
	keyring_free(none);
	keyring_free(expired);
}

#define NONE	"the signature of 'it' is none"
#define DAMAGED "the signature of 'it' is damaged"

static void test_damaged(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", NONE},
		{"nothing of the kind", NONE},
		{"-----BEGIN PGP SIGNATURE-----", NONE},
		{"-----BEGIN PGP SIGNATURE-----\n", NONE},
		{"-----BEGIN PGP SIGNATURE-----\nVersion: 1", NONE},
		{"-----BEGIN PGP SIGNATURE-----\n\n", NONE},
		{"-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n", NONE},
		{"-----BEGIN PGP SIGNATURE-----\n\n****\n-----END PGP SIGNATURE-----\n",
		 NONE},
		{"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n",
		 DAMAGED},
		{"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n", NONE},
		{"\x89", DAMAGED},
		{"\xc2\xff\xff\xff\xff\xff", DAMAGED},
	};
	struct keyring *k = keys("key-good.asc");
	cleanup_buf struct buf data = {0}, sig = {0}, asc = {0};

	(void)state;
	fixture("signed", &data);
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		enum error_kind kind = ERR_FAILED;
		cleanup_free char *got =
			check(k, cases[i].text, strlen(cases[i].text), data.s, &kind);

		if (!got || strcmp(got, cases[i].why) != 0)
			fail_msg("'%s': %s", cases[i].text, got ? got : "good");
		assert_int_equal(kind, ERR_UNTRUSTED);
	}
	/* cut short anywhere, and with each byte another */
	fixture("good.sig", &sig);
	for (size_t n = 0; n < sig.n; n++) {
		enum error_kind kind;
		cleanup_free char *got = check(k, sig.s, n, data.s, &kind);

		assert_non_null(got);
	}
	/* behind the hashed part stand what nobody hashed, and the first bytes of the digest, which are a hint */
	for (size_t i = 0; i < sig.n; i++) {
		enum error_kind kind;
		cleanup_free char *got = NULL;

		sig.s[i] = (char)(sig.s[i] ^ 0x10);
		got = check(k, sig.s, sig.n, data.s, &kind);
		if (!got && i < 40)
			fail_msg("good with another byte at %zu", i);
		sig.s[i] = (char)(sig.s[i] ^ 0x10);
	}
	/* a NUL within the text */
	fixture("good.asc", &asc);
	asc.s[100] = '\0';
	assert_verdict(k, &asc, data.s, ERR_UNTRUSTED, NONE);
	keyring_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_not_by_us),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
