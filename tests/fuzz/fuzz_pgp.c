/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* OpenPGP packets: signatures and certificates, one behind the other. */

#include "fuzz.h"
#include "rpm/pgp.h"

FUZZ_TARGET(pgp)
{
	struct pgp_cert cert;
	struct pgp_sig sig;
	size_t used;

	if (pgp_sig_read(data, n, &sig) == 0)
		FUZZ_CHECK(strlen(sig.keyid) < PGP_KEYID &&
			   pgp_hash_name(sig.hash_algo) &&
			   pgp_pubkey_name(sig.pubkey_algo));
	while (n > 0 && pgp_cert_read(data, n, &cert, &used) == 0) {
		FUZZ_CHECK(used > 0 && used <= n && cert.keys.n > 0);
		FUZZ_CHECK(utf8_is_valid(cert.uid));
		pgp_cert_release(&cert);
		data += used;
		n -= used;
	}
}
