/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* repomd.xml: where a repository's list of packages is. */

#include "fuzz.h"
#include "source/repomd.h"

FUZZ_TARGET(repomd)
{
	struct repomd md = {0};

	if (repomd_read(fuzz_text(data, n), n, &md, NULL) < 0)
		return;
	FUZZ_CHECK(repomd_location_is_fit(md.location));
	FUZZ_CHECK(md.digest.len > 0 && md.digest.len == digest_length(md.digest.algo));
	FUZZ_CHECK(md.open_size && md.open_size <= REPOMD_OPEN_MAX);
	FUZZ_CHECK(md.size == UINT64_MAX || md.size <= REPOMD_PRIMARY_MAX);
	repomd_release(&md);
}
