/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A header on its way into the index over all sources: dependencies, paths, names. */

#include <rpm/header.h>
#include <string.h>

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
	uint32_t unfit;

	if (hdr_init(NULL) < 0)
		return;
	h = hdr_import(data, n, "input", NULL);
	if (!h || hdr_read(h, HDR_IDENTITY, "input", &p, NULL) < 0)
		return;
	c = catalog_new();
	repo = catalog_add_repo(c, "fuzz");
	catalog_set_location(c, catalog_add_header(c, repo, h, p), "input");
	/* a name that a header's reader lets pass, but that is no package's, is dropped */
	unfit = catalog_drop_unfit(c, repo);
	catalog_sort(c);
	catalog_prepare(c);
	FUZZ_CHECK(c->sorted.n + unfit ==
		   (strcmp(p->id.arch, "src") != 0 && strcmp(p->id.arch, "nosrc") != 0));
	for (uint32_t i = 0; i < c->sorted.n; i++) {
		again = catalog_pkg(c, c->sorted.v[i]);
		FUZZ_CHECK(strchr(p->id.release, '-') ||
			   nevra_is_same(&again->id, &p->id));
		pkg_free(again);
	}
	pkg_free(p);
	catalog_free(c);
}
