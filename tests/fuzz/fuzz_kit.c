/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* What a kit has in it, as its manifest says. */

#include <string.h>

#include "fuzz.h"
#include "source/kit.h"

FUZZ_TARGET(kit)
{
	struct kit_manifest m = {0};
	const struct kit_entry *e;

	if (kit_parse(fuzz_text(data, n), n, &m, NULL) < 0)
		return;
	array_foreach(e, &m.entries) {
		FUZZ_CHECK(!strcmp(e->kind, "package") || !strcmp(e->kind, "key"));
		FUZZ_CHECK(*e->file && *e->file != '.' && !strchr(e->file, '/'));
		FUZZ_CHECK(e->nevra && e->digest.algo == DIGEST_SHA256);
	}
	for (uint32_t i = 0; i < m.missing.n; i++)
		FUZZ_CHECK(*m.missing.v[i]);
	kit_manifest_release(&m);
}
