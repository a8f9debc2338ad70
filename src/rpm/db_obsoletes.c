/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "rpm/db.h"
#include "rpm/evr.h"

int db_obsoletes(const struct db *db, const struct pkg *by,
		 const struct pkgset *installed, void (*fn)(void *ctx, struct pkg *p),
		 void *ctx, struct error *err)
{
	cleanup_head struct head h = {0};
	const struct head_dep *d;

	if (db_head(db, by->instance, HEAD_DEPS, -1, by->nevra, &h, err) < 0)
		return -1;
	array_foreach(d, &h.deps)
		for (uint32_t i = 0; d->kind == DEP_OBSOLETES && i < installed->n; i++) {
			struct pkg *p = installed->v[i];

			/* not the package's own older versions: they are updated, not obsoleted */
			if (!strcmp(p->id.name, d->name) &&
			    strcmp(d->name, by->id.name) != 0 &&
			    evr_is_within(d->evr, d->compare, &p->id))
				fn(ctx, p);
		}
	return 0;
}
