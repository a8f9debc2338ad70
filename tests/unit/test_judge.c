/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "rpm/judge.h"

#define NOW  1700000000
#define YEAR (365 * 24 * 3600LL)

static const struct keyring_key good = {.keyid = "0123456789abcdef",
					.uid = (char *)"builder",
					.created = NOW - 9 * YEAR,
					.expires = INT64_MAX,
					.trusted = true};
static const struct keyring_key ended = {.keyid = "0123456789abcdef",
					 .uid = (char *)"builder",
					 .created = NOW - 9 * YEAR,
					 .expires = NOW - 2 * YEAR,
					 .trusted = true};
static const struct keyring_key revoked = {.keyid = "0123456789abcdef",
					   .uid = (char *)"builder",
					   .expires = INT64_MAX,
					   .revoked = true,
					   .trusted = true};
static const struct keyring_key of_root = {
	.keyid = "0123456789abcdef", .uid = (char *)"vendor", .expires = INT64_MAX};

static const struct pgp_sig made_lately = {.version = 4,
					   .pubkey_algo = 1,
					   .hash_algo = 8,
					   .created = NOW - YEAR,
					   .expires = INT64_MAX,
					   .keyid = "0123456789abcdef"};
static const struct pgp_sig made_long_ago = {.version = 4,
					     .pubkey_algo = 1,
					     .hash_algo = 8,
					     .created = NOW - 3 * YEAR,
					     .expires = INT64_MAX,
					     .keyid = "0123456789abcdef"};
static const struct pgp_sig made_in_future = {.version = 4,
					      .pubkey_algo = 1,
					      .hash_algo = 8,
					      .created = NOW + YEAR,
					      .expires = INT64_MAX,
					      .keyid = "0123456789abcdef"};
static const struct pgp_sig with_sha1 = {.version = 3,
					 .pubkey_algo = 17,
					 .hash_algo = 2,
					 .created = NOW - YEAR,
					 .expires = INT64_MAX,
					 .keyid = "0123456789abcdef"};
static const struct pgp_sig short_lived = {.version = 4,
					   .pubkey_algo = 1,
					   .hash_algo = 8,
					   .created = NOW - YEAR,
					   .expires = NOW - YEAR + 1000,
					   .keyid = "0123456789abcdef"};

#define SIG_OK	     "    Header V4 RSA/SHA256 Signature, key ID 89abcdef: OK"
#define SIG_BAD	     "    Header V4 RSA/SHA256 Signature, key ID 89abcdef: BAD"
#define SIG_NOTFOUND "    RSA signature: NOTFOUND"
#define SIG_NOKEY    "    Header V4 RSA/SHA256 Signature, key ID 89abcdef: NOKEY"
#define DIGEST_OK    "    Header SHA256 digest: OK"
#define DIGEST_BAD   "    Payload SHA256 digest: BAD (Expected 1234 != 5678)"
#define POLICY                                                                           \
	"    Header V3 DSA/SHA1 Signature, key ID 89abcdef: NOTTRUSTED (Policy rejects " \
	"subkey: SHA1 is not considered secure since 2023)"

#define SIG_BAD_6                                                                             \
	"    Header OpenPGP V4 RSA/SHA256 signature, key fingerprint: 0123456789abcdef: BAD " \
	"(why)"

static const struct row {
	const char *name;
	bool accepted;
	const char *lines[3];
	const struct pgp_sig *sig;
	const struct keyring_key *key;
	bool hash_unknown;
	enum verdict want;
	const char *says; /* NULL: no text */
} rows[] = {
	{"all is well",
	 true,
	 {SIG_OK, DIGEST_OK},
	 &made_lately,
	 &good,
	 false,
	 TRUST_OK,
	 NULL},
	{"key expired since",
	 true,
	 {SIG_OK},
	 &made_long_ago,
	 &ended,
	 false,
	 TRUST_OK,
	 NULL},
	{"key expired before",
	 true,
	 {SIG_OK},
	 &made_lately,
	 &ended,
	 false,
	 TRUST_EXPIRED,
	 "signature made at 2022-11-14"},
	{"and not accepted",
	 false,
	 {SIG_BAD},
	 &made_lately,
	 &ended,
	 false,
	 TRUST_EXPIRED,
	 "key good until 2021-11-14"},
	{"key revoked",
	 true,
	 {SIG_OK},
	 &made_lately,
	 &revoked,
	 false,
	 TRUST_EXPIRED,
	 "revoked"},
	{"nobody's key",
	 false,
	 {SIG_NOKEY},
	 &made_lately,
	 NULL,
	 false,
	 TRUST_NO_KEY,
	 "--key"},
	{"the root's key",
	 false,
	 {SIG_NOKEY},
	 &made_lately,
	 &of_root,
	 false,
	 TRUST_NO_KEY,
	 "--trust-root-keys"},
	{"accepted by a key nobody knows",
	 true,
	 {SIG_OK},
	 &made_lately,
	 NULL,
	 false,
	 TRUST_NO_KEY,
	 "key"},
	{"no key is needed to see it",
	 false,
	 {SIG_BAD},
	 &made_lately,
	 NULL,
	 false,
	 TRUST_BAD,
	 "is bad"},
	{"signature bad",
	 false,
	 {SIG_BAD, DIGEST_OK},
	 &made_lately,
	 &good,
	 false,
	 TRUST_BAD,
	 "librpm says: Header V4 RSA/SHA256 Signature, key ID 89abcdef: BAD"},
	{"digest bad",
	 false,
	 {SIG_OK, DIGEST_BAD},
	 &made_lately,
	 &good,
	 false,
	 TRUST_BAD,
	 "librpm says: Payload SHA256 digest: BAD"},
	{"digest bad, no key",
	 false,
	 {SIG_NOKEY, DIGEST_BAD},
	 &made_lately,
	 NULL,
	 false,
	 TRUST_BAD,
	 "damaged"},
	{"digest bad, unsigned",
	 false,
	 {DIGEST_BAD},
	 NULL,
	 NULL,
	 false,
	 TRUST_BAD,
	 "damaged"},
	{"unsigned",
	 false,
	 {DIGEST_OK},
	 NULL,
	 NULL,
	 false,
	 TRUST_UNSIGNED,
	 "--allow-unsigned"},
	{"accepted without a signature",
	 true,
	 {DIGEST_OK},
	 NULL,
	 NULL,
	 false,
	 TRUST_UNSIGNED,
	 "not signed"},
	{"refused by policy",
	 false,
	 {POLICY},
	 &with_sha1,
	 &good,
	 false,
	 TRUST_OLD_ALGORITHM,
	 "DSA and SHA1"},
	{"hash not to be had",
	 false,
	 {SIG_BAD},
	 &with_sha1,
	 &good,
	 true,
	 TRUST_OLD_ALGORITHM,
	 "too old"},
	{"payload not covered",
	 false,
	 {SIG_OK, DIGEST_OK, SIG_NOTFOUND},
	 &made_lately,
	 &good,
	 false,
	 TRUST_BAD,
	 "covers only a part"},
	{"as rpm 6 words it",
	 false,
	 {SIG_BAD_6},
	 &made_lately,
	 &good,
	 false,
	 TRUST_BAD,
	 "key fingerprint: 0123456789abcdef: BAD"},
	{"SHA-1, but bad",
	 false,
	 {SIG_BAD},
	 &with_sha1,
	 &good,
	 false,
	 TRUST_BAD,
	 "is bad"},
	{"clock is behind",
	 false,
	 {SIG_BAD},
	 &made_in_future,
	 &good,
	 false,
	 TRUST_EXPIRED,
	 "this host's clock says 2023-11-14"},
	{"clock is behind, and librpm does not mind",
	 true,
	 {SIG_OK},
	 &made_in_future,
	 &good,
	 false,
	 TRUST_OK,
	 NULL},
	{"signature expired",
	 true,
	 {SIG_OK},
	 &short_lived,
	 &good,
	 false,
	 TRUST_EXPIRED,
	 "the signature of pkg has expired"},
	{"refused, and nothing else said",
	 false,
	 {NULL},
	 &made_lately,
	 &good,
	 false,
	 TRUST_BAD,
	 "is bad"},
};

static void verdicts(void **state _unused_)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct row *r = &rows[i];
		struct strlist lines = {0};
		struct judge_facts f = {.what = "pkg",
					.accepted = r->accepted,
					.lines = &lines,
					.sig = r->sig,
					.key = r->key,
					.hash_known = !r->hash_unknown,
					.now = NOW};
		struct trust_report got;

		for (size_t k = 0; k < 3 && r->lines[k]; k++)
			strlist_add(&lines, r->lines[k]);
		judge(&f, &got);
		if (got.verdict != r->want)
			fail_msg("%s: %s, wanted %s", r->name, verdict_name(got.verdict),
				 verdict_name(r->want));
		if (r->says ? !got.text || !strstr(got.text, r->says) : got.text != NULL)
			fail_msg("%s: says '%s'", r->name,
				 got.text ? got.text : "nothing");
		trust_report_release(&got);
		strlist_release(&lines);
	}
}

static void shape_comes_first(void **state _unused_)
{
	static const struct {
		struct frame frame;
		const char *damage;
		enum verdict want;
		const char *says;
	} shapes[] = {
		{{.state = FRAME_NOT_A_PACKAGE}, NULL, TRUST_NOT_A_PACKAGE, "not an rpm"},
		{{.state = FRAME_TRUNCATED, .file_size = 10, .want_size = 20},
		 NULL,
		 TRUST_TRUNCATED,
		 "10 bytes of 20"},
		{{.state = FRAME_TRUNCATED, .file_size = 10},
		 NULL,
		 TRUST_TRUNCATED,
		 "headers"},
		{{.state = FRAME_TOO_LONG, .file_size = 30, .want_size = 20},
		 NULL,
		 TRUST_BAD,
		 "30 bytes, and by its headers 20"},
		{{.state = FRAME_DAMAGED}, NULL, TRUST_BAD, "no header"},
		{{.state = FRAME_OK}, "tag[7]: BAD", TRUST_BAD, "tag[7]"},
	};

	for (size_t i = 0; i < ELEMENTSOF(shapes); i++) {
		struct judge_facts f = {.what = "pkg",
					.frame = shapes[i].frame,
					.damage = shapes[i].damage,
					.accepted = true,
					.sig = &made_lately,
					.key = &good,
					.now = NOW};
		struct trust_report got;

		judge(&f, &got);
		assert_int_equal(got.verdict, shapes[i].want);
		assert_non_null(strstr(got.text, shapes[i].says));
		assert_null(got.signer);
		trust_report_release(&got);
	}
}

static void who_signed(void **state _unused_)
{
	struct judge_facts f = {.what = "pkg",
				.accepted = true,
				.sig = &made_lately,
				.key = &good,
				.hash_known = true,
				.now = NOW};
	struct trust_report got;

	judge(&f, &got);
	assert_string_equal(got.keyid, "0123456789abcdef");
	assert_string_equal(got.signer, "builder");
	trust_report_release(&got);
	f.key = &of_root;
	judge(&f, &got);
	assert_string_equal(got.keyid, "0123456789abcdef");
	assert_null(got.signer);
	trust_report_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(shape_comes_first),
		cmocka_unit_test(who_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
