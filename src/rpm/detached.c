/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/detached.h"

#include <string.h>
#include <time.h>

#include <rpm/rpmbase64.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmpgp.h>

#include "base/buf.h"
#include "base/compat.h"
#include "rpm/judge.h"
#include "rpm/keyring.h"
#include "rpm/librpm.h"
#include "rpm/pgp.h"

/* librpm's verdict on the packet. */
static rpmRC ask_librpm(const struct keyring *k, const uint8_t *packet, size_t n,
			const void *data, size_t size)
{
	pgpDigParams params = NULL;
	DIGEST_CTX ctx;
	rpmRC rc = RPMRC_FAIL;

	if (pgpPrtParams(packet, n, PGPTAG_SIGNATURE, &params))
		return RPMRC_FAIL;
	ctx = rpmDigestInit((int)pgpDigParamsAlgo(params, PGPVAL_HASHALGO), 0);
	if (ctx) {
		rpmDigestUpdate(ctx, data, size);
		rc = rpmKeyringVerifySig(keyring_ring(k), params, ctx);
		rpmDigestFinal(ctx, NULL, NULL, 0);
	}
	pgpDigParamsFree(params);
	return rc;
}

static int judge_packet(const struct keyring *k, const uint8_t *packet, size_t n,
			const void *data, size_t size, const char *what,
			struct error *err)
{
	const struct keyring_key *key;
	struct pgp_sig sig;
	rpmRC rc;

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
	rc = ask_librpm(k, packet, n, data, size);
	if (rc != RPMRC_OK)
		return err_set(
			err, ERR_UNTRUSTED,
			"the signature of %s by %s does not match: it was tampered with, or is "
			"being replaced",
			what, key->uid);
	return 0;
}

/* What stands between the lines of the armor, without its headers and its checksum (RFC 4880, 6.2).
 * librpm reads that of keys only. The caller frees. */
static uint8_t *dearmor(const char *text, size_t *ret_n)
{
	static const char begin[] = "-----BEGIN PGP SIGNATURE-----";
	cleanup_buf struct buf base64 = {0};
	const char *at = strstr(text, begin), *end;
	void *packet = NULL;

	at = at ? strchr(at, '\n') : NULL;
	/* headers end with an empty line */
	while (at && at[1] && at[1 + strspn(at + 1, "\r")] != '\n')
		at = strchr(at + 1, '\n');
	if (!at || !at[1])
		return NULL;
	for (at++; *at && *at != '=' && *at != '-'; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		buf_add(&base64, at, strcspn(at, "\r\n"));
	}
	if (!base64.n || rpmBase64Decode(base64.s, &packet, ret_n) != 0)
		return NULL;
	return packet;
}

int detached_check(const struct keyring *k, const char *signature, size_t n,
		   const void *data, size_t size, const char *what, struct error *err)
{
	cleanup_free uint8_t *packet = NULL;
	size_t len = 0;

	if (librpm_init(err))
		return -1;
	if (n && (uint8_t)signature[0] & 0x80)
		return judge_packet(k, (const uint8_t *)signature, n, data, size, what,
				    err);
	packet = n && strlen(signature) == n ? dearmor(signature, &len) : NULL;
	if (!packet)
		return err_set(err, ERR_UNTRUSTED, "the signature of %s is none", what);
	return judge_packet(k, packet, len, data, size, what, err);
}
