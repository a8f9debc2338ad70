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
	cleanup_head struct head head = {0};
	cleanup_buf struct buf bytes = {0};
	struct catalog *c;
	struct s_Repo *repo;
	const struct pkg *p;
	struct pkg *again;
	uint32_t unfit;

	if (hdr_init(NULL) < 0)
		return;
	h = hdr_import(data, n, "input", NULL);
	if (!h || head_write(h, 0, HEAD_DEPS, "input", &bytes, NULL) < 0)
		return;
	/* who plans takes all that a sound reader gives */
	FUZZ_CHECK(head_read(bytes.s, bytes.n, 0, "input", &head, NULL) == 0);
	p = head.pkg;
	c = catalog_new();
	repo = catalog_add_repo(c, "fuzz");
	catalog_set_location(c, catalog_add_head(c, repo, &head), "input");
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
	catalog_free(c);
}
