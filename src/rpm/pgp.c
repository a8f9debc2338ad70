/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/pgp.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/digest.h"

/* Numbers of RFC 4880 and RFC 9580. */
enum { TAG_SIGNATURE = 2, TAG_PUBLIC_KEY = 6, TAG_USER_ID = 13, TAG_PUBLIC_SUBKEY = 14 };
enum {
	SIG_CERT_FIRST = 0x10,
	SIG_CERT_LAST = 0x13,
	SIG_SUBKEY_BINDING = 0x18,
	SIG_DIRECT = 0x1f,
	SIG_KEY_REVOCATION = 0x20,
	SIG_SUBKEY_REVOCATION = 0x28
};
enum {
	SUB_CREATED = 2,
	SUB_SIG_EXPIRES = 3,
	SUB_KEY_EXPIRES = 9,
	SUB_ISSUER = 16,
	SUB_KEY_FLAGS = 27,
	SUB_ISSUER_FINGERPRINT = 33
};
#define FLAG_CAN_SIGN 0x02

struct packet {
	int tag;
	const uint8_t *body;
	size_t n;
	size_t total; /* header and body */
};

/* What only signatures over keys say. */
struct self_sig {
	struct pgp_sig sig;
	int64_t key_expires_after; /* seconds after the key's creation; 0: never */
	bool has_flags;
	uint8_t flags;
};

static uint32_t be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* Length octets as in new-format packets and in subpackets; 0: truncated or a partial length. */
static size_t read_length(const uint8_t *p, size_t n, bool subpacket, size_t *ret)
{
	if (n >= 1 && p[0] < 192) {
		*ret = p[0];
		return 1;
	}
	if (n >= 2 && p[0] < (subpacket ? 255 : 224)) {
		*ret = ((size_t)(p[0] - 192) << 8) + p[1] + 192;
		return 2;
	}
	if (n >= 5 && p[0] == 255) {
		*ret = be(p + 1, 4);
		return 5;
	}
	return 0;
}

static int next_packet(const uint8_t *p, size_t n, struct packet *ret)
{
	size_t lenlen, len = 0;

	if (n < 2 || !(p[0] & 0x80))
		return -1;
	if (p[0] & 0x40) {
		ret->tag = p[0] & 0x3f;
		lenlen = read_length(p + 1, n - 1, false, &len);
		if (lenlen == 0)
			return -1;
	} else {
		ret->tag = p[0] >> 2 & 0xf;
		if ((p[0] & 3) ==
		    3) /* up to the end of the file: not for keys and signatures */
			return -1;
		lenlen = (size_t)1 << (p[0] & 3);
		if (n < 1 + lenlen)
			return -1;
		len = be(p + 1, lenlen);
	}
	if (len > n - 1 - lenlen)
		return -1;
	ret->body = p + 1 + lenlen;
	ret->n = len;
	ret->total = 1 + lenlen + len;
	return 0;
}

static void put_keyid(char *ret, const uint8_t *id)
{
	for (int i = 0; i < 8; i++)
		snprintf(ret + 2 * i, 3, "%02x", id[i]);
}

/* One area of subpackets. Times and flags count in the hashed one only (RFC 4880, 5.2.3.4). */
static int read_subpackets(const uint8_t *p, size_t n, bool hashed, struct self_sig *s)
{
	int64_t expires_after = 0;

	while (n > 0) {
		size_t len, lenlen = read_length(p, n, true, &len);
		const uint8_t *v;

		if (lenlen == 0 || len == 0 || len > n - lenlen)
			return -1;
		v = p + lenlen + 1;
		switch (p[lenlen] & 0x7f) {
		case SUB_CREATED:
			if (hashed && len == 5)
				s->sig.created = be(v, 4);
			break;
		case SUB_SIG_EXPIRES:
			if (hashed && len == 5)
				expires_after = be(v, 4);
			break;
		case SUB_KEY_EXPIRES:
			if (hashed && len == 5)
				s->key_expires_after = be(v, 4);
			break;
		case SUB_KEY_FLAGS:
			if (hashed && len >= 2) {
				s->has_flags = true;
				s->flags = v[0];
			}
			break;
		case SUB_ISSUER:
			if (len == 9 && !s->sig.keyid[0])
				put_keyid(s->sig.keyid, v);
			break;
		case SUB_ISSUER_FINGERPRINT:
			/* version 4 ends in the key id, version 6 begins with it */
			if (len == 22 && v[0] == 4)
				put_keyid(s->sig.keyid, v + 1 + 12);
			else if (len == 34 && v[0] == 6)
				put_keyid(s->sig.keyid, v + 1);
			break;
		}
		p += lenlen + len;
		n -= lenlen + len;
	}
	if (expires_after && s->sig.created >= 0)
		s->sig.expires = s->sig.created + expires_after;
	return 0;
}

static int read_signature(const struct packet *k, struct self_sig *s)
{
	const uint8_t *p = k->body;
	size_t n = k->n, lenlen, at;

	*s = (struct self_sig){.sig = {.created = -1, .expires = PGP_NEVER}};
	if (n < 1)
		return -1;
	s->sig.version = p[0];
	if (p[0] == 3) {
		if (n < 19 || p[1] != 5)
			return -1;
		s->sig.type = p[2];
		s->sig.created = be(p + 3, 4);
		put_keyid(s->sig.keyid, p + 7);
		s->sig.pubkey_algo = p[15];
		s->sig.hash_algo = p[16];
		return 0;
	}
	if ((p[0] != 4 && p[0] != 6) || n < 4)
		return -1;
	s->sig.type = p[1];
	s->sig.pubkey_algo = p[2];
	s->sig.hash_algo = p[3];
	lenlen = p[0] == 4 ? 2 : 4;
	at = 4;
	for (int hashed = 1; hashed >= 0; hashed--) {
		size_t len;

		if (n - at < lenlen)
			return -1;
		len = be(p + at, lenlen);
		at += lenlen;
		if (len > n - at || read_subpackets(p + at, len, hashed, s))
			return -1;
		at += len;
	}
	return 0;
}

int pgp_sig_read(const uint8_t *p, size_t n, struct pgp_sig *ret)
{
	struct packet k;
	struct self_sig s;

	if (next_packet(p, n, &k) || k.tag != TAG_SIGNATURE || read_signature(&k, &s))
		return -1;
	*ret = s.sig;
	return 0;
}

/* Key id: of the fingerprint, which is a digest over the packet's body (RFC 9580, 5.5.4). */
static int read_key(const struct packet *k, struct pgp_key *ret)
{
	uint8_t head[5] = {0x99, (uint8_t)(k->n >> 8), (uint8_t)k->n};
	struct digester *d;
	struct digest fingerprint;
	bool v6 = k->n > 0 && k->body[0] == 6;

	if (k->n < 6 || (k->body[0] != 4 && !v6) || (!v6 && k->n > 0xffff))
		return -1;
	d = digester_new(v6 ? DIGEST_SHA256 : DIGEST_SHA1);
	if (!d)
		return -1;
	if (v6) {
		head[0] = 0x9b;
		for (int i = 0; i < 4; i++)
			head[1 + i] = (uint8_t)(k->n >> (24 - 8 * i));
	}
	digester_update(d, head, v6 ? 5 : 3);
	digester_update(d, k->body, k->n);
	digester_finish(d, &fingerprint);
	if (fingerprint.algo == DIGEST_NONE)
		return -1;
	*ret = (struct pgp_key){
		.created = be(k->body + 1, 4), .expires = PGP_NEVER, .algo = k->body[5]};
	put_keyid(ret->keyid, v6 ? fingerprint.bytes : fingerprint.bytes + 12);
	return 0;
}

/* A signature that follows a key or user id: the newest of the key itself counts. */
static void apply_self_sig(struct pgp_cert *c, const struct self_sig *s,
			   int64_t newest[2])
{
	struct pgp_key *primary = &c->keys.v[0], *last = &c->keys.v[c->keys.n - 1];
	bool on_subkey = s->sig.type == SIG_SUBKEY_BINDING;
	struct pgp_key *key = on_subkey ? last : primary;

	if (s->sig.keyid[0] && strcmp(s->sig.keyid, primary->keyid) != 0)
		return; /* somebody else's certification */
	if (s->sig.type == SIG_KEY_REVOCATION) {
		primary->revoked = true;
		return;
	}
	if (s->sig.type == SIG_SUBKEY_REVOCATION) {
		if (last != primary)
			last->revoked = true;
		return;
	}
	if (on_subkey ? last == primary
		      : s->sig.type != SIG_DIRECT && (s->sig.type < SIG_CERT_FIRST ||
						      s->sig.type > SIG_CERT_LAST))
		return;
	if (s->sig.created < newest[on_subkey])
		return;
	newest[on_subkey] = s->sig.created;
	key->expires =
		s->key_expires_after ? key->created + s->key_expires_after : PGP_NEVER;
	if (s->has_flags)
		key->can_sign = s->flags & FLAG_CAN_SIGN;
	else
		key->can_sign = !on_subkey;
}

int pgp_cert_read(const uint8_t *p, size_t n, struct pgp_cert *ret, size_t *ret_used)
{
	struct pgp_cert c = {0};
	int64_t newest[2] = {INT64_MIN, INT64_MIN};
	struct self_sig s;
	size_t at = 0;
	bool orphaned = false; /* behind a subkey of a kind we cannot read */

	while (at < n) {
		struct packet k;
		struct pgp_key key;

		if (next_packet(p + at, n - at, &k))
			goto damaged;
		if (c.keys.n == 0 && k.tag != TAG_PUBLIC_KEY)
			goto damaged;
		if (k.tag == TAG_PUBLIC_KEY) {
			if (c.keys.n > 0)
				break;
			if (read_key(&k, &key))
				goto damaged;
			key.can_sign = true;
			array_add(&c.keys, key);
		} else if (k.tag == TAG_PUBLIC_SUBKEY) {
			orphaned = read_key(&k, &key) != 0;
			if (!orphaned)
				array_add(&c.keys, key);
			newest[1] = INT64_MIN;
		} else if (k.tag == TAG_USER_ID && !c.uid) {
			cleanup_free char *text = xstrndup((const char *)k.body, k.n);

			c.uid = quoted(text);
		} else if (k.tag == TAG_SIGNATURE && !orphaned &&
			   read_signature(&k, &s) == 0) {
			apply_self_sig(&c, &s, newest);
		}
		at += k.total;
	}
	if (c.keys.n == 0)
		goto damaged;
	if (!c.uid)
		c.uid = xstrdup("");
	*ret = c;
	*ret_used = at;
	return 0;
damaged:
	pgp_cert_release(&c);
	return -1;
}

void pgp_cert_release(struct pgp_cert *c)
{
	free(c->uid);
	array_release(&c->keys);
	c->uid = NULL;
}

static const char *number_name(int n)
{
	static _Thread_local char text[4][24];
	static _Thread_local unsigned at;
	char *s = text[at++ % ELEMENTSOF(text)];

	snprintf(s, sizeof(text[0]), "algorithm %d", n);
	return s;
}

const char *pgp_hash_name(int algo)
{
	switch (algo) {
	case 1: return "MD5";
	case 2: return "SHA1";
	case 3: return "RIPEMD160";
	case 8: return "SHA256";
	case 9: return "SHA384";
	case 10: return "SHA512";
	case 11: return "SHA224";
	case 12: return "SHA3-256";
	case 14: return "SHA3-512";
	}
	return number_name(algo);
}

const char *pgp_pubkey_name(int algo)
{
	switch (algo) {
	case 1:
	case 3: return "RSA";
	case 17: return "DSA";
	case 19: return "ECDSA";
	case 22: return "EdDSA";
	case 27: return "Ed25519";
	case 28: return "Ed448";
	}
	return number_name(algo);
}
