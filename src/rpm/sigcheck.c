/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/sigcheck.h"

#include <rpm/rpmkeyring.h>
#include <rpm/rpmpgp.h>

#include "base/compat.h"
#include "rpm/keyring.h"
#include "rpm/librpm.h"

/* NULL: librpm cannot read it. What it says to that is nobody's business. */
static pgpDigParams parse(const uint8_t *packet, size_t n)
{
	pgpDigParams params = NULL;
	struct librpm_log log = {0};
	int rc;

	librpm_log_begin(&log);
	rc = pgpPrtParams(packet, n, PGPTAG_SIGNATURE, &params);
	librpm_log_end(&log);
	librpm_log_release(&log);
	return rc ? NULL : params;
}

bool sigcheck_is_known(const uint8_t *packet, size_t n)
{
	pgpDigParams params = parse(packet, n);
	DIGEST_CTX ctx = NULL;

	if (params)
		ctx = rpmDigestInit((int)pgpDigParamsAlgo(params, PGPVAL_HASHALGO), 0);
	if (ctx)
		rpmDigestFinal(ctx, NULL, NULL, 0);
	pgpDigParamsFree(params);
	return ctx != NULL;
}

bool sigcheck_holds(const struct keyring *k, const uint8_t *packet, size_t n,
		    const void *data, size_t size)
{
	pgpDigParams params = parse(packet, n);
	rpmRC rc = RPMRC_FAIL;
	DIGEST_CTX ctx;

	if (!params)
		return false;
	ctx = rpmDigestInit((int)pgpDigParamsAlgo(params, PGPVAL_HASHALGO), 0);
	if (ctx) {
		rpmDigestUpdate(ctx, data, size);
		rc = rpmKeyringVerifySig(keyring_ring(k), params, ctx);
		rpmDigestFinal(ctx, NULL, NULL, 0);
	}
	pgpDigParamsFree(params);
	return rc == RPMRC_OK;
}
