/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>

#include "txn/litter.h"
#include "txn/manifest.h"
#include "txn/orphan.h"
#include "txn/salvage.h"
#include "txn/stands.h"

static int disown(struct areas *l, int64_t id, struct error *err)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].fd >= 0 && manifest_remove(&l->v[i], id, err) < 0)
			return -1;
	return 0;
}

static int drop(struct root *r, struct areas *l, int64_t id, struct error *err)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].fd >= 0 && (area_remove_slots(&l->v[i], id, err) < 0 ||
					area_remove(r, &l->v[i], err) < 0))
			return -1;
	return 0;
}

/* What lies on a file system that is not mounted would stand alone when it is again, and be half of it. */
static int check_areas(struct orphan *o, bool force, struct strlist *warnings,
		       struct error *err)
{
	for (uint32_t i = 0; i < o->run.areas.n; i++) {
		const struct area *a = &o->run.areas.v[i];

		if (!orphan_lacks(o, i))
			continue;
		if (!force)
			return err_set(
				err, ERR_REFUSED,
				"'.putback' on %s is not there, or is another: mount what was "
				"mounted at '/%s' when transaction %" PRId64
				" was made, or, if it was removed by hand, give --force",
				area_name(a), a->top, o->run.id);
		strlist_take(warnings, xasprintf("'.putback' on %s is not there, or is "
						 "another: should it come back, "
						 "forget %" PRId64 " again",
						 area_name(a), o->run.id));
	}
	return 0;
}

static int give_up(struct orphan *o, bool force, struct strlist *warnings,
		   struct error *err)
{
	struct run *t = &o->run;

	if (!force && stands_of(t) == STANDS_HALF)
		return err_set(err, ERR_UNFINISHED,
			       "the root stands in the middle of transaction %" PRId64
			       ": `recover --salvage --yes %" PRId64
			       "` first; where that cannot be, give --force",
			       t->id, t->id);
	return check_areas(o, force, warnings, err) < 0 ||
			       disown(&t->areas, t->id, err) < 0 ||
			       drop(t->root, &t->areas, t->id, err) < 0 ||
			       drop(t->root, &o->bare, t->id, err) < 0
		       ? -1
		       : 0;
}

int txn_salvage_forget(struct root *r, int64_t id, bool force, struct txn_result *ret,
		       struct error *err)
{
	struct txn_result result = {.id = id};
	struct orphans all = {0};
	struct orphan *o = NULL;
	int rc = orphans_find(r, &all, err);

	for (uint32_t i = 0; i < all.n && rc == 0 && !o; i++)
		if (all.v[i].run.id == id)
			o = &all.v[i];
	if (rc == 0)
		rc = o ? give_up(o, force, &result.warnings, err)
		       : err_set(err, ERR_USAGE,
				 "no area holds anything of a transaction %" PRId64
				 " that the journal does not know",
				 id);
	orphans_release(&all);
	litter_clear(r);
	if (rc < 0) {
		txn_result_release(&result);
		return -1;
	}
	*ret = result;
	return 0;
}
