/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "txn/salvage_lost.h"
#include "txn/stands.h"

void salvage_lost(struct orphan *o, struct strlist *ret)
{
	struct run *t = &o->run;

	for (uint32_t i = 0; i < t->areas.n; i++)
		if (orphan_lacks(o, i))
			strlist_take(ret, xasprintf("'.putback' on %s is not there",
						    area_name(&t->areas.v[i])));
	for (uint32_t i = 0; i < o->bare.n; i++)
		strlist_take(ret, xasprintf("there is no manifest on %s",
					    area_name(&o->bare.v[i])));
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		cleanup_free char *shown = NULL;

		if (!stands_is_lost(t, i))
			continue;
		shown = quoted(t->tasks.list.v[i].path);
		strlist_take(ret, xasprintf("the original of '/%s' is gone", shown));
	}
}
