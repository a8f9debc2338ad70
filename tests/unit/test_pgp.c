/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpmlab.h"

#include <rpm/rpmpgp.h>

#include "rpm/pgp.h"

#define YEAR_2020 1577836800
#define YEAR_2021 1609459200

static void read_armored(const char *fixture, uint8_t **ret, size_t *ret_n)
{
	cleanup_buf struct buf b = {0};

	read_fixture(fixture, &b);
	assert_int_equal(pgpParsePkts(b.s, ret, ret_n), PGPARMOR_PUBKEY);
}

static void plain_key(void **state _unused_)
{
	cleanup_buf struct buf b = {0};
	struct pgp_cert c;
	size_t used;

	read_fixture("good.gpg", &b);
	assert_int_equal(pgp_cert_read((uint8_t *)b.s, b.n, &c, &used), 0);
	assert_int_equal(used, b.n);
	assert_string_equal(c.uid, "good <good@putback.test>");
	assert_int_equal(c.keys.n, 1);
	assert_int_equal(strlen(c.keys.v[0].keyid), 16);
	assert_int_equal(c.keys.v[0].created, YEAR_2020);
	assert_true(c.keys.v[0].expires == PGP_NEVER);
	assert_false(c.keys.v[0].revoked);
	assert_true(c.keys.v[0].can_sign);
	pgp_cert_release(&c);
}

static void two_keys_in_a_row(void **state _unused_)
{
	cleanup_buf struct buf b = {0};
	struct pgp_cert c;
	size_t used, half;

	read_fixture("good.gpg", &b);
	half = b.n;
	read_fixture("good.gpg", &b);
	assert_int_equal(pgp_cert_read((uint8_t *)b.s, b.n, &c, &used), 0);
	assert_int_equal(used, half);
	pgp_cert_release(&c);
}

static void newest_self_signature_says_when_it_expires(void **state _unused_)
{
	cleanup_free uint8_t *p = NULL;
	struct pgp_cert c;
	size_t n, used;

	read_armored("expired.asc", &p, &n);
	assert_int_equal(pgp_cert_read(p, n, &c, &used), 0);
	assert_int_equal(c.keys.v[0].expires, YEAR_2021);
	pgp_cert_release(&c);
}

/* A self-signature made at a time, by which the key expires so long after its own creation. */
static void put_self_sig(struct buf *b, const char *keyid, uint32_t made,
			 uint32_t expires)
{
	uint8_t p[] = {0xc2, 31, 4, 0x13, 1,  8, 0,  12, 5, 2, 0, 0, 0, 0, 5, 9,   0,
		       0,    0,	 0, 0,	  10, 9, 16, 0,	 0, 0, 0, 0, 0, 0, 0, 0xab};

	for (int i = 0; i < 4; i++) {
		p[10 + i] = (uint8_t)(made >> (24 - 8 * i));
		p[16 + i] = (uint8_t)(expires >> (24 - 8 * i));
	}
	for (int i = 0; i < 8; i++)
		p[24 + i] = (uint8_t)strtoul((char[]){keyid[2 * i], keyid[2 * i + 1], 0},
					     NULL, 16);
	buf_add(b, p, sizeof(p));
}

static void newest_counts_in_any_order(void **state _unused_)
{
	static const uint8_t key[] = {0xc6, 10, 4, 0, 0, 0, 100, 1, 0, 1, 1, 0};
	static const uint8_t uid[] = {0xcd, 1, 'x'};

	for (int newest_first = 0; newest_first < 2; newest_first++) {
		cleanup_buf struct buf b = {0};
		struct pgp_cert c;
		char keyid[PGP_KEYID];
		size_t used;

		buf_add(&b, key, sizeof(key));
		buf_add(&b, uid, sizeof(uid));
		assert_int_equal(pgp_cert_read((uint8_t *)b.s, b.n, &c, &used), 0);
		memcpy(keyid, c.keys.v[0].keyid, sizeof(keyid));
		pgp_cert_release(&c);
		put_self_sig(&b, keyid, newest_first ? 5000 : 4000,
			     newest_first ? 700 : 0);
		put_self_sig(&b, keyid, newest_first ? 4000 : 5000,
			     newest_first ? 0 : 700);
		/* somebody else's opinion */
		put_self_sig(&b, "0102030405060708", 9000, 1);
		assert_int_equal(pgp_cert_read((uint8_t *)b.s, b.n, &c, &used), 0);
		assert_int_equal(used, b.n);
		assert_int_equal(c.keys.v[0].expires, 100 + 700);
		pgp_cert_release(&c);
	}
}

static void revocation_is_seen(void **state _unused_)
{
	cleanup_free uint8_t *p = NULL;
	struct pgp_cert c;
	size_t n, used;

	read_armored("revoked.asc", &p, &n);
	assert_int_equal(pgp_cert_read(p, n, &c, &used), 0);
	assert_true(c.keys.v[0].revoked);
	pgp_cert_release(&c);
}

static void subkey_has_times_of_its_own(void **state _unused_)
{
	cleanup_free uint8_t *p = NULL;
	struct pgp_cert c;
	size_t n, used;

	read_armored("subkey.asc", &p, &n);
	assert_int_equal(pgp_cert_read(p, n, &c, &used), 0);
	assert_int_equal(c.keys.n, 2);
	assert_true(c.keys.v[0].expires == PGP_NEVER);
	assert_false(c.keys.v[0].can_sign);
	assert_int_equal(c.keys.v[1].expires, YEAR_2021);
	assert_true(c.keys.v[1].can_sign);
	pgp_cert_release(&c);
}

static void signature_of(const char *fixture, struct pgp_sig *ret)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture(fixture);
	cleanup_header Header h = NULL;
	cleanup_buf struct buf packet = {0};

	assert_int_equal(hdr_read_file(fd, fixture, &h, &err), 0);
	assert_true(hdr_signature(h, false, 0, &packet));
	assert_int_equal(pgp_sig_read((uint8_t *)packet.s, packet.n, ret), 0);
	assert_false(hdr_signature(h, false, 1, &packet));
}

static void signatures(void **state _unused_)
{
	cleanup_buf struct buf b = {0};
	struct pgp_sig s;
	struct pgp_cert c;
	size_t used;

	read_fixture("good.gpg", &b);
	assert_int_equal(pgp_cert_read((uint8_t *)b.s, b.n, &c, &used), 0);
	signature_of("good.rpm", &s);
	assert_int_equal(s.version, 4);
	assert_string_equal(s.keyid, c.keys.v[0].keyid);
	assert_string_equal(pgp_pubkey_name(s.pubkey_algo), "RSA");
	assert_int_equal(s.created, 1672531200); /* 2023-01-01 */
	assert_true(s.expires == PGP_NEVER);
	signature_of("sha1.rpm", &s);
	assert_string_equal(pgp_hash_name(s.hash_algo), "SHA1");
	pgp_cert_release(&c);
}

static void old_forms(void **state _unused_)
{
	/* version 3: type, time, key id, RSA, SHA-1; an old-format packet with one length byte */
	static const uint8_t v3[] = {0x88, 0x15, 3, 5, 0, 0x3b, 0x9a, 0xca, 0,	  1, 2, 3,
				     4,	   5,	 6, 7, 8, 1,	2,    0xab, 0xcd, 0, 0};
	/* version 4 that says nothing about itself */
	static const uint8_t v4[] = {0xc2, 0x0a, 4, 0, 17, 2, 0, 0, 0, 0, 0xab, 0xcd};
	struct pgp_sig s;

	assert_int_equal(pgp_sig_read(v3, sizeof(v3), &s), 0);
	assert_string_equal(s.keyid, "0102030405060708");
	assert_int_equal(s.created, 1000000000);
	assert_int_equal(s.hash_algo, 2);
	assert_int_equal(pgp_sig_read(v4, sizeof(v4), &s), 0);
	assert_string_equal(s.keyid, "");
	assert_int_equal(s.created, -1);
	assert_string_equal(pgp_pubkey_name(s.pubkey_algo), "DSA");
}

/* Cut short or changed at every place: never a crash, and no certificate out of a piece of one. */
static void damage(void **state _unused_)
{
	cleanup_buf struct buf b = {0};
	struct pgp_cert c;
	struct pgp_sig s;
	size_t used;

	read_fixture("good.gpg", &b);
	for (size_t n = 0; n < b.n; n++) {
		cleanup_free uint8_t *cut = xmemdup(b.s, n + 1);

		if (pgp_cert_read(cut, n, &c, &used) == 0) {
			/* whole packets only */
			assert_true(used == n);
			pgp_cert_release(&c);
		}
		assert_int_equal(pgp_sig_read(cut, n, &s), -1);
	}
	for (size_t at = 0; at < b.n; at++) {
		cleanup_free uint8_t *changed = xmemdup(b.s, b.n);

		for (int bit = 0; bit < 8; bit++) {
			changed[at] ^= (uint8_t)(1 << bit);
			if (pgp_cert_read(changed, b.n, &c, &used) == 0)
				pgp_cert_release(&c);
			changed[at] ^= (uint8_t)(1 << bit);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_key),
		cmocka_unit_test(two_keys_in_a_row),
		cmocka_unit_test(newest_self_signature_says_when_it_expires),
		cmocka_unit_test(newest_counts_in_any_order),
		cmocka_unit_test(revocation_is_seen),
		cmocka_unit_test(subkey_has_times_of_its_own),
		cmocka_unit_test(signatures),
		cmocka_unit_test(old_forms),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
