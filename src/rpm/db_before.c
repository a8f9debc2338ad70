/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "rpm/db.h"
#include "rpm/db_copy.h"

static int take_row(void *ctx, uint32_t instance _unused_, struct head *h,
		    const char *why _unused_, struct error *err)
{
	/* pages of several times would make headers that are none */
	if (!h || !h->sound)
		return err_set(err, ERR_FAILED, "damaged");
	pkgset_take(ctx, steal_ptr(h->pkg));
	return 0;
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
static int read_all(struct db *db, struct pkgset *ret)
{
	struct pkgset found = {0};

	if (db_check_copy(db, NULL) < 0 ||
	    db_heads(db, HEAD_FILES, take_row, &found, NULL) < 0 ||
	    found.n != db->count) {
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
	struct db before = *db;
	struct digest digest;
	uint64_t bytes;
	int rc;

	if (!has_log(r, db) ||
	    db_copy(r, &place, &before.scratch, &bytes, &digest, NULL) < 0)
		return 0;
	rc = digest_is_same(&digest, &db->digest) && drop_log(before.scratch, db->file) &&
	     read_all(&before, ret) == 0;
	scratch_free(before.scratch);
	return rc;
}
