/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "disk/mounts.h"
#include "txn/salvage_journal.h"
#include "txn/swap.h"

static int rename_aside(const struct area *a, const char *name, char **ret)
{
	for (int n = 0; n < 1000; n++) {
		cleanup_free char *to = n ? xasprintf("%s.unreadable.%d", name, n)
					  : xasprintf("%s.unreadable", name);

		if (swap_move((struct spot){a->fd, name}, (struct spot){a->fd, to}) ==
		    0) {
			*ret = steal_ptr(to);
			return 1;
		}
		if (errno == ENOENT)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

void salvage_journal_aside(struct run *t)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *main = NULL, *beside = NULL;
	struct area a;
	bool damaged;
	int rc = area_open_unnamed(t->root, "", &a, &damaged, &why);

	if (rc <= 0) {
		if (rc == 0)
			area_release(&a);
		return;
	}
	rc = rename_aside(&a, JOURNAL_FILE, &main);
	if (rc > 0 && rename_aside(&a, JOURNAL_FILE "-journal", &beside) < 0)
		rc = -1;
	if (rc < 0)
		run_warn(t,
			 "the journal that cannot be read stays where it is (%s); move "
			 "'/" AREA_DIR "/" JOURNAL_FILE "' away by hand",
			 strerror(errno));
	else if (main)
		run_warn(t,
			 "the journal that could not be read is kept as '/" AREA_DIR
			 "/%s'",
			 main);
	area_release(&a);
}

void salvage_journal_unnamed(struct run *t)
{
	struct mounts mounts = {0};

	if (mounts_read(t->root, &mounts, NULL) < 0)
		return;
	for (uint32_t i = 0; i < mounts.n; i++) {
		cleanup_error struct error why = ERROR_INIT;
		bool damaged;
		struct area a;

		if (mounts.v[i].missing ||
		    area_open_unnamed(t->root, mounts.v[i].path, &a, &damaged, NULL) < 0)
			continue;
		if (damaged && area_remove_id(&a, &why) < 0)
			run_warn(t, "%s", why.msg);
		else if (damaged)
			run_warn(
				t,
				"the file 'area' in '.putback' on %s, which told nothing, is "
				"removed",
				area_name(&a));
		area_release(&a);
	}
	mounts_release(&mounts);
}
