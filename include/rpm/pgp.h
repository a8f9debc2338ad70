/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_PGP_H
#define PUTBACK_RPM_PGP_H
/*
 * What OpenPGP packets say about themselves: who signed, when, with what; until when a key is good.
 * Reading only. Whether a signature holds is librpm's to judge, but librpm's own parser (the one
 * without Sequoia) knows neither expiry nor revocation, and its messages name no date.
 *
 * Nothing here is verified cryptographically: it explains and narrows a verdict, it never makes
 * one better. Sources: RFC 4880 and RFC 9580, sections 4.2 (packets), 5.2 (signatures), 5.5 (keys).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

#define PGP_KEYID 17 /* 16 lower-case hex digits */
#define PGP_NEVER INT64_MAX
#define PGP_BINARY 0 /* type of a signature over a file, RFC 9580, 5.2.1 */

struct pgp_sig {
	uint8_t version, type, pubkey_algo, hash_algo;
	int64_t created;       /* seconds; -1: not said */
	int64_t expires;       /* seconds; PGP_NEVER */
	char keyid[PGP_KEYID]; /* of the issuer; "" where not said */
};

/* The signature packet that p begins with. -1: there is none, or it is damaged. */
int pgp_sig_read(const uint8_t *p, size_t n, struct pgp_sig *ret);

struct pgp_key {
	char keyid[PGP_KEYID];
	uint8_t algo;
	bool revoked, can_sign;
	int64_t created, expires; /* seconds; PGP_NEVER */
};

/* A certificate: primary key first, then its subkeys. */
struct pgp_cert {
	char *uid; /* the first user id, made fit for a terminal; "" if none */
	ARRAY(struct pgp_key) keys;
};

/*
 * The certificate that p begins with, up to the next primary key. *ret_used: its length. -1: p does
 * not begin with a public key, or packets are damaged. The caller releases ret.
 */
int pgp_cert_read(const uint8_t *p, size_t n, struct pgp_cert *ret, size_t *ret_used);
void pgp_cert_release(struct pgp_cert *c);

/* "SHA1", "RSA", or the number where there is no name; static or rotating, for messages only. */
const char *pgp_hash_name(int algo);
const char *pgp_pubkey_name(int algo);

#endif
