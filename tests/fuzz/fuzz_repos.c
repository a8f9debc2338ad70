/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The root's own repositories: .repo files, their variables, and the certificates that they name. */

#include "fuzz.h"
#include "source/repos.h"
#include "source/repository.h"

static void look_at(const struct repository *r)
{
	FUZZ_CHECK(r->bases.n || r->mirrors || r->folder);
	/* a folder is one of the root, and nothing else */
	FUZZ_CHECK(!r->folder || (*r->folder == '/' && r->root && !r->bases.n));
	FUZZ_CHECK(!r->mirrors || fetch_is_remote(r->mirrors));
	for (uint32_t i = 0; i < r->bases.n; i++)
		FUZZ_CHECK(fetch_is_remote(r->bases.v[i]));
	/* a file that the root names is a copy */
	FUZZ_CHECK(r->secrets || (!r->auth.cacert && !r->auth.cert && !r->auth.key));
}

static void expand(struct root *r, const char *spec)
{
	struct sources l = {0};

	sources_add_kind(&l, &repos_ops, spec, r);
	if (repos_expand(&l, l.v[0], NULL) == 0)
		for (uint32_t i = 1; i < l.n; i++)
			look_at(l.v[i]->data);
	sources_release(&l);
}

FUZZ_TARGET(repos)
{
	struct root *r = fuzz_root(data, n);

	expand(r, "repos");
	expand(r, "repos:*");
}
