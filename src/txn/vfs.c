/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>

#include "base/failpoint.h"
#include "base/macros.h"
#include "txn/vfs.h"

struct fence {
	sqlite3_vfs vfs;   /* must come first */
	sqlite3_vfs *base; /* of the system */
	char *main, *journal;
	char name[32];
};

static struct fence *of(sqlite3_vfs *v)
{
	return (struct fence *)v;
}

static int is_inside(const struct fence *f, const char *name)
{
	return name && (!strcmp(name, f->main) || !strcmp(name, f->journal));
}

static int fence_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags,
		      int *ret_flags)
{
	file->pMethods = NULL;
	if (!is_inside(of(v), name))
		return SQLITE_CANTOPEN;
	return of(v)->base->xOpen(of(v)->base, name, file, flags, ret_flags);
}

static int fence_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	if (!is_inside(of(v), name))
		return SQLITE_IOERR_DELETE;
	return of(v)->base->xDelete(of(v)->base, name, sync_dir);
}

static int fence_access(sqlite3_vfs *v, const char *name, int flags, int *ret)
{
	*ret = 0;
	if (!is_inside(of(v), name))
		return SQLITE_OK;
	return of(v)->base->xAccess(of(v)->base, name, flags, ret);
}

static int fence_full_name(sqlite3_vfs *v, const char *name, int size, char *ret)
{
	(void)v;
	return snprintf(ret, size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

const char *vfs_register(const char *path)
{
	static unsigned count;
	sqlite3_vfs *base = sqlite3_vfs_find("unix");
	struct fence *f = xcalloc(1, sizeof(*f));

	if (!base)
		BUG("SQLite has no file layer of the system");
	f->base = base;
	f->main = xstrdup(path);
	f->journal = xasprintf("%s-journal", path);
	snprintf(f->name, sizeof(f->name), "putback-%u", count++);
	f->vfs = *base;
	f->vfs.pNext = NULL;
	f->vfs.zName = f->name;
	f->vfs.xOpen = fence_open;
	f->vfs.xDelete = fence_delete;
	f->vfs.xAccess = fence_access;
	f->vfs.xFullPathname = fence_full_name;
	if (sqlite3_vfs_register(&f->vfs, 0) != SQLITE_OK)
		BUG("SQLite takes no file layer");
	return f->name;
}

void vfs_unregister(const char *name)
{
	struct fence *f = of(sqlite3_vfs_find(name));

	if (!f || f->vfs.xOpen != fence_open)
		BUG("no file layer '%s'", name);
	sqlite3_vfs_unregister(&f->vfs);
	free(f->main);
	free(f->journal);
	free(f);
}
