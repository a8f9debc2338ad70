/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A signature beside a file, repomd.xml.asc: armored or not, by a key that is trusted. */

#include <string.h>

#include "fuzz.h"
#include "rpm/detached.h"
#include "rpm/keyring.h"

static const struct keyring *keys(void)
{
	static struct keyring *k;
	const char *srcdir = getenv("PUTBACK_SRCDIR");
	cleanup_free char *path = xasprintf("%s/tests/fixtures/detached/key-good.asc",
					    srcdir ? srcdir : ".");

	if (!k) {
		k = keyring_new();
		if (keyring_add_path(k, path, NULL) < 0)
			BUG("no key '%s'", path);
	}
	return k;
}

FUZZ_TARGET(detached)
{
	/* what the seeds are signatures of */
	static const char file[] = "<repomd/>\n", other[] = "<repomd />";
	size_t length = sizeof(file) - 1;
	const char *signature = fuzz_text(data, n);

	fuzz_ignore(detached_check(keys(), signature, n, file, length, "it", NULL));
	FUZZ_CHECK(detached_check(keys(), signature, n, other, length, "it", NULL) < 0);
	FUZZ_CHECK(detached_check(NULL, signature, n, file, length, "it", NULL) < 0);
}
