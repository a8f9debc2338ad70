/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <rpm/header.h>
#include <solv/pool.h>
#include <solv/poolarch.h>
#include <solv/repo.h>

#include "rpm/db.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"
#include "source/catalog.h"

struct installing {
	struct catalog *c;
	const struct pkgset *installed;
};

static struct pkg *pkg_of(const struct pkgset *set, uint32_t instance)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (set->v[i]->instance == instance)
			return set->v[i];
	return NULL;
}

static int add_record(void *ctx, uint32_t instance, const void *blob, size_t n,
		      struct error *err)
{
	struct installing *i = ctx;
	const struct pkg *p = pkg_of(i->installed, instance);
	cleanup_free char *what = xasprintf("record %u of the rpmdb", instance);
	cleanup_header Header h = NULL;

	if (!p || pkg_is_pseudo(p))
		return 0;
	h = hdr_import(blob, n, what, err);
	if (!h)
		return -1;
	repo_set_num(i->c->installed, catalog_add_header(i->c, i->c->installed, h, p),
		     RPM_RPMDBID, instance);
	return 0;
}

/* The architecture of most packages says what machine this is. */
static const char *arch_of(const struct pkgset *installed)
{
	const char *best = NULL;
	uint32_t most = 0;

	for (uint32_t i = 0; i < installed->n; i++) {
		const char *arch = installed->v[i]->id.arch;
		uint32_t n = 0;

		if (!*arch || !strcmp(arch, "noarch") || (best && !strcmp(arch, best)))
			continue;
		for (uint32_t k = i; k < installed->n; k++)
			n += !strcmp(installed->v[k]->id.arch, arch);
		if (n > most) {
			most = n;
			best = arch;
		}
	}
	return best;
}

static void set_arch(Pool *pool, const char *arch)
{
	if (!arch)
		return; /* nothing but noarch tells nothing: then any is as good */
	pool_setarch(pool, arch);
	/* one that libsolv has not heard of runs its own and noarch */
	if (!pool_arch2score(pool, pool_str2id(pool, arch, 1)))
		pool_setarchpolicy(pool, arch);
}

int catalog_add_installed(struct catalog *c, const struct db *db,
			  const struct pkgset *installed, struct error *err)
{
	struct installing i = {.c = c, .installed = installed};

	if (c->installed)
		return 0;
	c->installed = catalog_add_repo(c, "@installed");
	if (db_each(db, add_record, &i, err))
		return -1;
	repo_internalize(c->installed);
	pool_set_installed(c->pool, c->installed);
	set_arch(c->pool, arch_of(installed));
	return 0;
}

uint32_t catalog_instance(const struct catalog *c, int id)
{
	const Solvable *s = pool_id2solvable(c->pool, id);

	if (!c->installed || s->repo != c->installed || !c->installed->rpmdbid)
		return 0;
	return (uint32_t)c->installed->rpmdbid[id - c->installed->start];
}

int catalog_installed_id(const struct catalog *c, const struct pkg *p)
{
	const Solvable *s;
	Id id;

	if (!c->installed)
		return 0;
	FOR_REPO_SOLVABLES(c->installed, id, s)
	{
		if (catalog_instance(c, id) == p->instance)
			return id;
	}
	return 0;
}
