/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <solv/pool.h>
#include <solv/poolarch.h>
#include <solv/repo.h>

#include "rpm/db.h"
#include "source/catalog.h"

static int add_record(void *ctx, uint32_t instance, struct head *h, const char *why,
		      struct error *err)
{
	struct catalog *c = ctx;

	if (!h)
		return err_set(err, ERR_FAILED, "%s of the rpmdb", why);
	if (!pkg_is_pseudo(h->pkg))
		repo_set_num(c->installed, catalog_add_head(c, c->installed, h),
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
	if (c->installed)
		return 0;
	c->installed = catalog_add_repo(c, "@installed");
	if (db_heads(db, HEAD_DEPS, add_record, c, err))
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
