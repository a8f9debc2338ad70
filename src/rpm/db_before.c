/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "rpm/db.h"
#include "rpm/db_copy.h"
#include "rpm/db_sqlite.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

static int take_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		    struct error *err)
{
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);
	struct pkg *p;

	if (!h || hdr_read_installed(h, instance, HDR_FILES, what, &p, err))
		return -1;
	pkgset_take(ctx, p);
	/* pages of several times would make headers that are none */
	return hdr_is_sound(h, &p->hdrdigest) ? 0 : err_set(err, ERR_FAILED, "damaged");
}

static bool has_log(struct root *r, const struct db *db)
{
	cleanup_free char *wal = xasprintf("%s/%s-wal", db->dir, db->file);
	struct statx st;

	return db->backend == DB_SQLITE && root_statx(r, wal, STATX_SIZE, &st) == 0 &&
	       st.stx_size > 0;
}

/* The copy loses its -wal. Whether that held something. */
static bool drop_log(const struct scratch *copy, const char *file)
{
	cleanup_free char *wal = xasprintf("%s-wal", file);
	struct stat st;

	return fstatat(copy->fd, wal, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0 &&
	       file_remove_in(copy->fd, wal) == 0;
}

/* -1: it is no whole database. */
static int read_all(const struct scratch *copy, const char *file, struct pkgset *ret)
{
	cleanup_free char *path = xasprintf("%s/%s", copy->path, file);
	cleanup_sqlite sqlite3 *db = NULL;
	struct pkgset found = {0};
	uint32_t count;

	if (db_sqlite_open(path, DB_SQLITE_ALL, &db, &count, NULL) ||
	    db_sqlite_each(db, take_row, &found, NULL) || found.n != count) {
		pkgset_release(&found);
		return -1;
	}
	pkgset_sort(&found);
	*ret = found;
	return 0;
}

int db_load_before(struct root *r, const struct db *db, struct pkgset *ret)
{
	const struct db_place place = {.dir = db->dir,
				       .found_at = db->found_at,
				       .file = db->file,
				       .backend = db->backend};
	struct scratch *copy = NULL;
	struct digest digest;
	uint64_t bytes;
	int rc;

	if (!has_log(r, db) || db_copy(r, &place, &copy, &bytes, &digest, NULL) < 0)
		return 0;
	rc = digest_is_same(&digest, &db->digest) && drop_log(copy, db->file) &&
	     read_all(copy, db->file, ret) == 0;
	scratch_free(copy);
	return rc;
}
