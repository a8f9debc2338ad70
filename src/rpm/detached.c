/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/detached.h"

#include <string.h>
#include <time.h>

#include "rpm/armor.h"
#include "rpm/child.h"
#include "rpm/judge.h"
#include "rpm/keyring.h"
#include "rpm/librpm.h"
#include "rpm/pgp.h"
#include "rpm/sigcheck.h"

#define SILENCE_SECONDS 60

static int judge_packet(const struct keyring *k, const uint8_t *packet, size_t n,
			const void *data, size_t size, const char *what,
			struct error *err)
{
	const struct keyring_key *key;
	struct pgp_sig sig;

	if (pgp_sig_read(packet, n, &sig))
		return err_set(err, ERR_UNTRUSTED, "the signature of %s is damaged",
			       what);
	key = k ? keyring_find(k, sig.keyid) : NULL;
	if (!key || !key->trusted)
		return err_set(err, ERR_UNAVAILABLE,
			       "%s is signed with the key %s, which is not trusted here",
			       what, sig.keyid);
	/* librpm knows no signature that expires, and would call it a bad one */
	if (!judge_key_was_good(key, &sig) || sig.expires < (int64_t)time(NULL))
		return err_set(
			err, ERR_UNTRUSTED,
			"the signature of %s by %s does not count: the key or the signature has "
			"expired or was revoked",
			what, key->uid);
	if (!sigcheck_holds(k, packet, n, data, size))
		return err_set(
			err, ERR_UNTRUSTED,
			"the signature of %s by %s does not match: it was tampered with, or is "
			"being replaced",
			what, key->uid);
	return 0;
}

struct question {
	const struct keyring *keys;
	const char *signature;
	size_t n;
	const void *data;
	size_t size;
	const char *what;
};

static int judge_signature(void *ctx, struct buf *ret _unused_, struct error *err)
{
	const struct question *q = ctx;
	cleanup_free uint8_t *packet = NULL;
	size_t n = 0;

	if (q->n && (uint8_t)q->signature[0] & 0x80)
		return judge_packet(q->keys, (const uint8_t *)q->signature, q->n, q->data,
				    q->size, q->what, err);
	packet = q->n && strlen(q->signature) == q->n
			 ? armor_read(q->signature, "SIGNATURE", &n)
			 : NULL;
	if (!packet)
		return err_set(err, ERR_UNTRUSTED, "the signature of %s is none",
			       q->what);
	return judge_packet(q->keys, packet, n, q->data, q->size, q->what, err);
}

int detached_check(const struct keyring *k, const char *signature, size_t n,
		   const void *data, size_t size, const char *what, struct error *err)
{
	struct question q = {k, signature, n, data, size, what};
	int rc;

	if (librpm_init(err))
		return -1;
	rc = child_do(judge_signature, &q, SILENCE_SECONDS, NULL, err);
	if (rc < -1 && err) {
		err->kind = ERR_UNTRUSTED;
		err_prefix(err, "the signature of %s", what);
	}
	return rc ? -1 : 0;
}
