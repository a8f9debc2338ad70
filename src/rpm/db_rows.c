/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_rows.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmts.h>

#include "base/log.h"
#include "rpm/child.h"
#include "rpm/db_ndb.h"
#include "rpm/db_sqlite.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

/* A child that says nothing for so long is in a loop of the file's making. */
#define SILENCE_SECONDS 30

/* --- what the file says of itself --------------------------------------------------------------- */

static uint32_t word(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
			       p[3]
		   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
			       p[0];
}

/* Berkeley DB's metadata page (its dbinc/db_page.h: DBMETA, HMETA), in either byte order. */
static int check_bdb(int fd, uint64_t size, uint32_t *ret_count, struct error *err)
{
	enum { HASH = 0x061561, BTREE = 0x053162, TYPE_HASH = 8 };
	uint8_t m[512];
	uint32_t magic, version, page, last, records;
	bool big;

	if (pread(fd, m, sizeof(m), 0) != (ssize_t)sizeof(m))
		return err_set(err, ERR_FAILED,
			       "damaged: %" PRIu64 " bytes are too few for a Berkeley DB",
			       size);
	big = word(m + 12, true) == HASH || word(m + 12, true) == BTREE;
	magic = word(m + 12, big);
	if (magic == BTREE)
		return err_set(
			err, ERR_FAILED,
			"damaged: a Berkeley DB tree, where rpm keeps packages in a hash");
	if (magic != HASH || m[25] != TYPE_HASH)
		return err_set(err, ERR_FAILED, "damaged: not a Berkeley DB");
	version = word(m + 16, big);
	if (version < 8 || version > 10)
		return err_set(
			err, ERR_FAILED,
			"a Berkeley DB hash of version %u, and librpm reads 8 to 10 only; "
			"db_upgrade of the machine's own time can bring a copy of it up",
			version);
	page = word(m + 20, big);
	last = word(m + 32, big);
	if (page < 512 || page > 65536 || (page & (page - 1)))
		return err_set(err, ERR_FAILED, "damaged: pages of %u bytes", page);
	if (size < ((uint64_t)last + 1) * page)
		return err_set(err, ERR_FAILED,
			       "damaged: truncated, %" PRIu64 " bytes of %" PRIu64, size,
			       ((uint64_t)last + 1) * page);
	/* record 0 is no package: it holds the highest number in use */
	records = word(m + 88, big);
	*ret_count = records > 0 ? records - 1 : 0;
	return 0;
}

int db_rows_check(int fd, enum db_backend backend, uint32_t *ret_count, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, "cannot look at the private copy");
	*ret_count = UINT32_MAX;
	if (backend == DB_BDB)
		return check_bdb(fd, (uint64_t)st.st_size, ret_count, err);
	if (backend == DB_NDB)
		return db_ndb_check(fd, ret_count, err);
	return 0;
}

/* --- Berkeley DB: librpm, in a child ------------------------------------------------------------------------ */

struct reading {
	const char *folder;
	uint64_t bytes_max; /* a chain of pages that bites its own tail would never end */
	uint32_t instance;  /* the one that is wanted; 0: all */
};

/* Whether librpm found no backend for the file, and took its "dummy" for it. */
static bool said_dummy(const struct librpm_log *log)
{
	for (uint32_t i = 0; i < log->lines.n; i++)
		if (strstr(log->lines.v[i], "dummy"))
			return true;
	return false;
}

static int put_row(struct buf *ret, uint32_t instance, Header h, uint64_t *left,
		   struct error *err)
{
	cleanup_free void *blob = NULL;
	uint32_t head[2];
	size_t n;

	blob = hdr_export(h, &n);
	if (!blob || n > UINT32_MAX || n > *left)
		return err_set(err, ERR_FAILED, "damaged: package %u cannot be read",
			       instance);
	*left -= n;
	head[0] = instance;
	head[1] = (uint32_t)n;
	buf_add(ret, head, sizeof(head));
	buf_add(ret, blob, n);
	return ret->n > 1 << 20 ? child_flush(ret) : 0;
}

static int read_rows(void *ctx, struct buf *ret, struct error *err)
{
	struct reading *r = ctx;
	struct librpm_log log;
	rpmdbMatchIterator mi;
	rpmts ts;
	Header h;
	int rc;

	librpm_macro_push("_dbpath", r->folder);
	librpm_macro_push("_db_backend", "bdb_ro");
	librpm_log_begin(&log);
	ts = librpm_ts();
	rc = rpmtsOpenDB(ts, O_RDONLY);
	if (said_dummy(&log))
		return err_set(err, ERR_FAILED,
			       "librpm of this host cannot read Berkeley DB; one that was "
			       "built with bdb_ro can");
	if (rc)
		return err_set(err, ERR_FAILED, "damaged: %s",
			       log.errors.n ? log.errors.v[0] : "librpm cannot open it");
	mi = rpmtsInitIterator(ts, RPMDBI_PACKAGES, r->instance ? &r->instance : NULL,
			       r->instance ? sizeof(r->instance) : 0);
	while ((h = rpmdbNextIterator(mi)))
		if (put_row(ret, rpmdbGetIteratorOffset(mi), h, &r->bytes_max, err))
			return -1;
	rpmdbFreeIterator(mi);
	if (log.errors.n > 0)
		return err_set(err, ERR_FAILED, "damaged: %s", log.errors.v[0]);
	return 0;
}

static int each_of(const struct buf *rows, db_row_fn fn, void *ctx, struct error *err)
{
	size_t at = 0;

	while (rows->n - at >= 8) {
		uint32_t head[2];
		int rc;

		memcpy(head, rows->s + at, sizeof(head));
		at += sizeof(head);
		if (rows->n - at < head[1])
			break;
		rc = fn(ctx, head[0], rows->s + at, head[1], err);
		if (rc)
			return rc;
		at += head[1];
	}
	return 0;
}

static int each_by_librpm(const char *folder, uint32_t instance, db_row_fn fn, void *ctx,
			  struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, db_backend_file(DB_BDB));
	cleanup_buf struct buf rows = {0};
	struct reading r = {folder, 0, instance};
	struct child *c;
	struct stat st;

	if (stat(path, &st))
		return err_errno(err, "cannot look at the private copy '%s'", path);
	r.bytes_max = 4 * (uint64_t)st.st_size;
	if (child_start(read_rows, &r, &c, err) ||
	    child_finish(c, SILENCE_SECONDS, &rows, err))
		return -1;
	return each_of(&rows, fn, ctx, err);
}

/* --- the others ------------------------------------------------------------------------------------ */

static int each_of_ndb(const char *folder, uint32_t instance, db_row_fn fn, void *ctx,
		       struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, db_backend_file(DB_NDB));
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open the private copy '%s'", path)
		      : db_ndb_each(fd, instance, fn, ctx, err);
}

static int each_unless_sqlite(const char *folder, enum db_backend backend,
			      uint32_t instance, db_row_fn fn, void *ctx,
			      struct error *err)
{
	return backend == DB_NDB ? each_of_ndb(folder, instance, fn, ctx, err)
				 : each_by_librpm(folder, instance, fn, ctx, err);
}

static int open_sqlite(const char *folder, sqlite3 **ret, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, db_backend_file(DB_SQLITE));
	uint32_t count;

	return db_sqlite_open(path, DB_SQLITE_KNOWN, ret, &count, err);
}

int db_rows_each(const char *folder, enum db_backend backend, db_row_fn fn, void *ctx,
		 struct error *err)
{
	cleanup_sqlite sqlite3 *db = NULL;

	if (backend != DB_SQLITE)
		return each_unless_sqlite(folder, backend, 0, fn, ctx, err);
	if (open_sqlite(folder, &db, err))
		return -1;
	return db_sqlite_each(db, fn, ctx, err);
}

struct only {
	db_row_fn fn;
	void *ctx;
	bool found;
};

static int take_only(void *ctx, uint32_t instance, const void *blob, size_t n,
		     struct error *err)
{
	struct only *o = ctx;

	o->found = true;
	return o->fn(o->ctx, instance, blob, n, err);
}

int db_rows_one(const char *folder, enum db_backend backend, uint32_t instance,
		db_row_fn fn, void *ctx, struct error *err)
{
	cleanup_sqlite sqlite3 *db = NULL;
	cleanup_free void *blob = NULL;
	struct only o = {fn, ctx, false};
	size_t n;

	if (backend != DB_SQLITE) {
		if (each_unless_sqlite(folder, backend, instance, take_only, &o, err))
			return -1;
		return o.found ? 0
			       : err_set(err, ERR_FAILED, "there is no package %u in it",
					 instance);
	}
	if (open_sqlite(folder, &db, err) || db_sqlite_get(db, instance, &blob, &n, err))
		return -1;
	return fn(ctx, instance, blob, n, err);
}

static int take_name(void *ctx, uint32_t instance, const void *blob, size_t n,
		     struct error *err)
{
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);

	if (!h)
		return -1;
	strlist_take(ctx, hdr_nevra(h));
	return 0;
}

int db_rows_names(const char *folder, enum db_backend backend, struct strlist *ret,
		  struct error *err)
{
	if (db_rows_each(folder, backend, take_name, ret, err))
		return -1;
	strlist_sort(ret);
	return 0;
}
