/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/traces.h"

static void look(struct root *r, const char *path, struct strlist *ret)
{
	cleanup_free char *canonical = NULL;
	struct statx st;

	if (root_resolve(r, path, true, &canonical, NULL) == 0 &&
	    root_statx(r, canonical, STATX_TYPE | STATX_SIZE, &st) == 0 &&
	    S_ISREG(st.stx_mode) && st.stx_size > 0)
		strlist_add(ret, canonical);
}

void traces_find(struct root *r, const char *db_dir, const char *db_file,
		 struct strlist *ret)
{
	static const char *const locks[] = {
		"var/lib/dnf/rpmdb_lock.pid", /* dnf 4: dnf/lock.py */
		"var/cache/dnf/download_lock.pid",
		"var/cache/dnf/metadata_lock.pid",
		"usr/lib/sysimage/libdnf5/rpmdb_lock.pid",
		"var/run/yum.pid",
		"var/run/zypp.pid",
	};
	static const char *const suffixes[] = {"-wal", "-journal"};
	cleanup_free char *env = xasprintf("%s/__db.001", db_dir);

	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
		cleanup_free char *path =
			xasprintf("%s/%s%s", db_dir, db_file, suffixes[i]);

		look(r, path, ret);
	}
	look(r, env, ret);
	for (size_t i = 0; i < ELEMENTSOF(locks); i++)
		look(r, locks[i], ret);
}
