/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Where the package caches are, by the root's own configuration. */

#include "fuzz.h"
#include "source/cache.h"

FUZZ_TARGET(cache)
{
	struct root *r = fuzz_root(data, n);
	struct cache_dirs c = {0};

	if (cache_find(r, &c, NULL) < 0)
		return;
	for (uint32_t i = 0; i < c.n; i++)
		FUZZ_CHECK(*c.v[i].path && path_is_canonical(c.v[i].path));
	cache_dirs_release(&c);
}
