/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A metalink, or a list of mirrors: what comes out is reached by http or https. */

#include <string.h>

#include "fuzz.h"
#include "source/fetch.h"
#include "source/repomd.h"

FUZZ_TARGET(metalink)
{
	struct metalink m = {0};

	if (metalink_read(fuzz_text(data, n), n, &m, NULL) < 0)
		return;
	FUZZ_CHECK(m.bases.n > 0);
	for (uint32_t i = 0; i < m.bases.n; i++)
		FUZZ_CHECK(fetch_is_remote(m.bases.v[i]) &&
			   !strpbrk(m.bases.v[i], " \t\r\n"));
	for (uint32_t i = 0; i < m.digests.n; i++)
		FUZZ_CHECK(m.digests.v[i].algo >= DIGEST_SHA256);
	metalink_release(&m);
}
