/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/area_id.h"

#include <string.h>

#include "base/array.h"
#include "txn/manifest.h"
#include "txn/run.h"

/* By the manifest of one transaction. */
static bool is_told(struct root *r, struct area *a, int64_t id)
{
	struct manifest m = {0};
	struct area own;
	struct run t;
	bool told = false;

	if (area_open(r, a->top, &own, NULL) < 0)
		return false;
	run_init(&t, r, NULL, NULL);
	t.id = id;
	if (own.fd >= 0 && area_open_slots(&own, id, NULL) > 0 &&
	    manifest_read(&own, &t, &m, NULL) > 0)
		for (uint32_t i = 0; i < t.areas.n; i++)
			if (t.areas.v[i].fd >= 0) {
				memcpy(a->id, t.areas.v[i].id, sizeof(a->id));
				told = true;
			}
	manifest_release(&m);
	area_release(&own);
	run_release(&t);
	return told;
}

void area_id_choose(struct root *r, struct area *a)
{
	struct ids ids = {0};
	bool told = false;

	if (a->fd >= 0 && area_list_slots(a, &ids, NULL) == 0)
		for (uint32_t i = 0; i < ids.n && !told; i++)
			told = is_told(r, a, ids.v[i]);
	array_release(&ids);
	if (!told)
		area_random_id(a->id);
}
