/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Key files, armored or not, as librpm and putback understand them. */

#include "fuzz.h"
#include "rpm/keyring.h"

FUZZ_TARGET(keys)
{
	struct keyring *k = keyring_new();

	if (keyring_add_path(k, fuzz_file(data, n), NULL) == 0)
		FUZZ_CHECK(keyring_count(k) > 0);
	(void)keyring_find(k, "0123456789abcdef");
	keyring_free(k);
}
