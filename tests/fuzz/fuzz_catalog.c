/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A header on its way into the index over all sources: dependencies, paths, names. */

#include <rpm/header.h>

#include "fuzz.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"
#include "source/catalog.h"

FUZZ_TARGET(catalog)
{
	cleanup_header Header h = NULL;
	struct catalog *c;
	struct s_Repo *repo;
	struct pkg *p = NULL, *again;
	const int *ids;

	if (hdr_init(NULL) < 0)
		return;
	h = hdr_import(data, n, "input", NULL);
	if (!h || hdr_read(h, HDR_IDENTITY, "input", &p, NULL) < 0)
		return;
	c = catalog_new();
	repo = catalog_add_repo(c, "fuzz");
	catalog_set_location(c, catalog_add_header(c, repo, h, p), "input");
	catalog_sort(c);
	catalog_prepare(c);
	/* what a header's own reader takes for a package is found again under the same name */
	FUZZ_CHECK(catalog_find(c, p->id.name, p->id.arch, &p->id, &ids) == 1);
	again = catalog_pkg(c, ids[0]);
	FUZZ_CHECK(nevra_is_same(&again->id, &p->id));
	pkg_free(again);
	pkg_free(p);
	catalog_free(c);
}
