/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A repository's list of packages, packed or not, on its way into the index over all sources. */

#include <solv/pool.h>
#include <solv/repo.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "source/catalog.h"
#include "source/fetch.h"
#include "source/primary.h"
#include "source/repomd.h"

/* As the first bytes say. */
static const char *name_of(const uint8_t *data, size_t n)
{
	static const struct {
		const char *magic, *name;
	} packers[] = {{"\x1f\x8b", "primary.xml.gz"},
		       {"\xfd\x37", "primary.xml.xz"},
		       {"\x28\xb5", "primary.xml.zst"},
		       {"BZ", "primary.xml.bz2"}};

	for (size_t i = 0; i < ELEMENTSOF(packers); i++)
		if (n > 2 && memcmp(data, packers[i].magic, 2) == 0)
			return packers[i].name;
	return "primary.xml";
}

static void look_at(struct catalog *c, Repo *repo)
{
	const char *base, *place;
	const int *ids;
	uint32_t n = catalog_list(c, repo, &ids);

	for (uint32_t i = 0; i < n; i++) {
		Solvable *v = pool_id2solvable(c->pool, ids[i]);

		place = catalog_location(c, ids[i]);
		FUZZ_CHECK(place && repomd_location_is_fit(place));
		base = solvable_lookup_str(v, SOLVABLE_MEDIABASE);
		FUZZ_CHECK(!base || fetch_is_remote(base));
		pkg_free(catalog_pkg(c, ids[i]));
	}
	free((void *)ids);
}

FUZZ_TARGET(primary)
{
	cleanup_error struct error err = ERROR_INIT;
	struct catalog *c = catalog_new();
	Repo *repo = catalog_add_repo(c, "fuzz");
	uint32_t unfit;

	/* the descriptor is taken */
	if (primary_read(repo, dup(fuzz_fd(data, n)), name_of(data, n), 16 << 20,
			 &unfit, &err) <
	    0) {
		FUZZ_CHECK(err.msg && repo->nsolvables == 0);
	} else {
		(void)catalog_drop_unfit(c, repo);
		catalog_sort(c);
		catalog_prepare(c);
		look_at(c, repo);
	}
	catalog_free(c);
}
