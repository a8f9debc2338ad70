/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db.h"

#include <fcntl.h>

#include "base/log.h"
#include "rpm/child.h"
#include "rpm/db_copy.h"
#include "rpm/db_make.h"
#include "rpm/db_sqlite.h"
#include "rpm/librpm.h"

#define PROGRESS_EVERY 64
/* to go through all of it */
#define SILENCE_SECONDS 600

static int count_row(void *ctx, uint32_t instance _unused_, const void *blob _unused_,
		     size_t n _unused_, struct error *err _unused_)
{
	++*(uint32_t *)ctx;
	return 0;
}

/* How many packages there are, and how many there should be, by what the file says. */
struct counts {
	uint32_t there, said;
};

/* Reads the copy far enough to know that all can be had. In a child. */
static int count_copy(void *ctx, struct buf *ret, struct error *err)
{
	const struct db *db = ctx;
	cleanup_free char *path = xasprintf("%s/%s", db->scratch->path, db->file);
	cleanup_sqlite sqlite3 *sqlite = NULL;
	cleanup_close int fd = -1;
	struct counts c = {0};

	if (db->backend == DB_SQLITE) {
		if (db_sqlite_open(path, DB_SQLITE_ALL, &sqlite, &c.there, err))
			return -1;
		c.said = c.there;
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_errno(err, "cannot open the private copy '%s'", path);
		if (db_rows_check(fd, db->backend, &c.said, err) ||
		    db_rows_each(db->scratch->path, db->backend, count_row, &c.there,
				 err))
			return -1;
	}
	buf_add(ret, &c, sizeof(c));
	return 0;
}

int db_check_copy(struct db *db, struct error *err)
{
	cleanup_buf struct buf found = {0};
	struct counts c;

	if (child_do(count_copy, db, SILENCE_SECONDS, &found, err))
		return -1;
	if (found.n != sizeof(c))
		return err_set(err, ERR_FAILED, "damaged: librpm does not count it");
	memcpy(&c, found.s, sizeof(c));
	if (c.said > 0 && c.there == 0)
		return err_set(
			err, ERR_FAILED,
			"damaged: it says it has %u packages, and librpm finds none",
			c.said);
	if (c.said != c.there)
		log_warning(
			"the rpmdb '%s/%s' says it has %u packages, and %u can be read",
			db->dir, db->file, c.said, c.there);
	db->count = c.there;
	return 0;
}

static int open_place(struct root *r, const struct db_place *place, struct db **ret,
		      struct error *err)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->dir = xstrdup(place->dir);
	db->found_at = xstrdup(place->found_at);
	db->file = place->file;
	db->backend = place->backend;
	if (db_copy(r, place, &db->scratch, &db->bytes, &db->digest, err)) {
		db_free(db);
		return -1;
	}
	if (db_check_copy(db, err)) {
		err_prefix(err, "rpmdb '%s/%s' in the root", place->dir, place->file);
		db_free(db);
		return -1;
	}
	*ret = db;
	return 0;
}

/*
 * The first that holds packages. One that holds none may be what a query by another rpm left there;
 * it counts where nothing better is to be had. A damaged one stops the search: the next may be a
 * leftover of years ago.
 */
static int choose(struct root *r, const struct db_places *places, struct db **ret,
		  struct error *err)
{
	struct db *empty = NULL;

	for (uint32_t i = 0; i < places->n; i++) {
		struct db *db;

		if (open_place(r, &places->v[i], &db, err)) {
			db_free(empty);
			return -1;
		}
		if (db->count > 0) {
			if (empty)
				log_warning(
					"the rpmdb '%s/%s' is empty; going by '%s/%s'",
					empty->dir, empty->file, db->dir, db->file);
			db_free(empty);
			for (uint32_t k = i + 1; k < places->n; k++)
				log_warning(
					"there is another rpmdb at '%s/%s'; going by '%s/%s'",
					places->v[k].dir, places->v[k].file, db->dir,
					db->file);
			*ret = db;
			return 0;
		}
		if (empty)
			db_free(db);
		else
			empty = db;
	}
	*ret = empty;
	return 0;
}

int db_open(struct root *r, struct db **ret, struct error *err)
{
	struct db_places places = {0};
	int rc;

	if (librpm_init(err) || db_find(r, &places, err))
		return -1;
	rc = choose(r, &places, ret, err);
	db_find_release(&places);
	if (rc == 0)
		(*ret)->writable = db_make_is_possible((*ret)->backend, &(*ret)->unknown);
	return rc;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	scratch_free(db->scratch);
	free(db->dir);
	free(db->found_at);
	free(db->unknown);
	free(db);
}

int db_each(const struct db *db, db_row_fn fn, void *ctx, struct error *err)
{
	return db_rows_each(db->scratch->path, db->backend, fn, ctx, err);
}

int db_one(const struct db *db, uint32_t instance, db_row_fn fn, void *ctx,
	   struct error *err)
{
	return db_rows_one(db->scratch->path, db->backend, instance, fn, ctx, err);
}

int db_heads(const struct db *db, unsigned parts, reader_fn fn, void *ctx,
	     struct error *err)
{
	const struct reader_db where = {db->scratch->path, db->backend};

	return reader_rows(&where, parts, fn, ctx, err);
}

int db_head(const struct db *db, uint32_t instance, unsigned parts, int copy,
	    const char *what, struct head *ret, struct error *err)
{
	const struct reader_db where = {db->scratch->path, db->backend};

	return reader_row(&where, instance, parts, copy, what, ret, err);
}

struct loading {
	const struct db *db;
	const struct observer *observer;
	struct pkgset set;
};

static int load_row(void *ctx, uint32_t instance, struct head *h, const char *why,
		    struct error *err)
{
	struct loading *l = ctx;
	struct pkg *p;

	if (!h)
		return err_set(err, ERR_FAILED, "%s", why);
	p = steal_ptr(h->pkg);
	pkgset_take(&l->set, p);
	if (!h->sound)
		return err_set(
			err, ERR_FAILED,
			"package %u (%s) is damaged: its header is not the one that was digested",
			instance, p->nevra);
	if (l->set.n % PROGRESS_EVERY == 0)
		observer_progress(l->observer, PHASE_READ_DB, l->set.n, l->db->count,
				  false, 0);
	return 0;
}

int db_load(struct db *db, struct pkgset *ret, const struct observer *o,
	    struct error *err)
{
	struct loading l = {.db = db, .observer = o};
	int rc = db_heads(db, HEAD_FILES, load_row, &l, err);

	if (rc == 0 && l.set.n != db->count)
		rc = err_set(err, ERR_FAILED, "damaged: %u of %u packages can be read",
			     l.set.n, db->count);
	if (rc) {
		pkgset_release(&l.set);
		return err_prefix(err, "rpmdb '%s/%s' in the root", db->dir, db->file);
	}
	pkgset_sort(&l.set);
	observer_progress(o, PHASE_READ_DB, db->count, db->count, false, 0);
	*ret = l.set;
	return 0;
}

int db_digest(struct root *r, const char *dir, struct digest *ret, struct error *err)
{
	return db_copy_digest(r, dir, ret, err);
}

int db_digest_with(struct root *r, const char *dir, const char *made, bool whole,
		   struct digest *ret, struct error *err)
{
	return db_copy_digest_over(r, dir, made, whole, ret, err);
}
