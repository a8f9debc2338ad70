/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>

#include "base/failpoint.h"
#include "base/macros.h"
#include "txn/vfs.h"

#ifdef ENABLE_FAILPOINTS
/* What SQLite does with a file, with a place to fail after each write. */
struct points {
	sqlite3_io_methods methods; /* must come first */
	const sqlite3_io_methods *base;
};
#endif

struct fence {
	sqlite3_vfs vfs;   /* must come first */
	sqlite3_vfs *base; /* of the system */
	char *main, *journal;
	char name[32];
#ifdef ENABLE_FAILPOINTS
	struct points points[2]; /* of the database, of its journal */
#endif
};

static struct fence *of(sqlite3_vfs *v)
{
	return (struct fence *)v;
}

static int is_inside(const struct fence *f, const char *name)
{
	return name && (!strcmp(name, f->main) || !strcmp(name, f->journal));
}

#ifdef ENABLE_FAILPOINTS

static const sqlite3_io_methods *base_of(const sqlite3_file *file)
{
	return ((const struct points *)file->pMethods)->base;
}

static int fault(int code)
{
	return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL : code;
}

static int points_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	int rc = base_of(file)->xWrite(file, p, n, at);

	return rc == SQLITE_OK && FAILPOINT("journal-written") ? fault(SQLITE_IOERR_WRITE)
							       : rc;
}

static int points_sync(sqlite3_file *file, int flags)
{
	int rc = base_of(file)->xSync(file, flags);

	return rc == SQLITE_OK && FAILPOINT("journal-synced") ? fault(SQLITE_IOERR_FSYNC)
							      : rc;
}

static int points_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = base_of(file)->xTruncate(file, size);

	return rc == SQLITE_OK && FAILPOINT("journal-truncated")
		       ? fault(SQLITE_IOERR_TRUNCATE)
		       : rc;
}

/* The file stays the system's own; only its table of methods is ours, and calls the first one. */
static void points_insert(struct points *p, sqlite3_file *file)
{
	if (!file->pMethods)
		return;
	p->base = file->pMethods;
	p->methods = *p->base;
	p->methods.xWrite = points_write;
	p->methods.xSync = points_sync;
	p->methods.xTruncate = points_truncate;
	file->pMethods = &p->methods;
}

#endif

static int fence_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags,
		      int *ret_flags)
{
	int rc;

	file->pMethods = NULL;
	if (!is_inside(of(v), name))
		return SQLITE_CANTOPEN;
	rc = of(v)->base->xOpen(of(v)->base, name, file, flags, ret_flags);
#ifdef ENABLE_FAILPOINTS
	points_insert(&of(v)->points[strcmp(name, of(v)->main) != 0], file);
#endif
	return rc;
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
