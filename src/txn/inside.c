/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/inside.h"

#include <strings.h>

/* Whether a task has the path in another case, where that makes no difference. */
static bool is_spelt_otherwise(const struct run *t, const struct task *k,
			       const char *path)
{
	for (uint32_t i = 0; t->areas.v[k->area].folds && i < t->tasks.list.n; i++)
		if (!strcasecmp(t->tasks.list.v[i].path, path))
			return true;
	return false;
}

int inside_strangers(struct run *t, const struct task *k, const char *place,
		     struct strlist *ret)
{
	struct strlist names = {0};

	if (root_list(t->root, place, &names) < 0)
		return -1;
	for (uint32_t i = 0; i < names.n; i++) {
		cleanup_free char *path = path_join(k->path, names.v[i]);
		uint32_t first;

		if (!tasks_at(&t->tasks, path, &first) && !is_spelt_otherwise(t, k, path))
			strlist_take(ret, steal_ptr(path));
	}
	strlist_release(&names);
	return 0;
}

static int holds_anything(struct run *t, const char *dir)
{
	struct strlist names = {0};
	int rc = root_list(t->root, dir, &names);

	if (rc == 0)
		rc = names.n > 0;
	strlist_release(&names);
	return rc;
}

int inside_is_filled(struct run *t, const struct task *k, const struct object *o,
		     bool dry)
{
	struct strlist strangers = {0};
	int rc;

	if (k->db || !object_is_dir(o))
		return 0;
	if (!dry)
		return holds_anything(t, k->path);
	rc = inside_strangers(t, k, k->path, &strangers);
	if (rc == 0)
		rc = strangers.n > 0;
	strlist_release(&strangers);
	return rc;
}
