/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"

/* A statement of the input that takes longer is an accident, or a loop. */
#define STEPS_MAX     100
#define STEPS_BETWEEN 10000
#define LENGTH_MAX    (1 << 20)
#define IMAGE_MAX     (16 << 20)

static int count_steps(void *ctx)
{
	return ++*(int *)ctx > STEPS_MAX;
}

/* No other file is opened, and what decides how this one is written stays as it is. */
static int authorize(void *ctx _unused_, int action, const char *a,
		     const char *b _unused_, const char *c _unused_,
		     const char *d _unused_)
{
	static const char *const harmless[] = {"application_id", "user_version",
					       "auto_vacuum",	 "writable_schema",
					       "encoding",	 "page_size"};

	if (action == SQLITE_ATTACH || action == SQLITE_DETACH)
		return SQLITE_DENY;
	if (action != SQLITE_PRAGMA)
		return SQLITE_OK;
	for (size_t i = 0; i < ELEMENTSOF(harmless); i++)
		if (a && strcmp(a, harmless[i]) == 0)
			return SQLITE_OK;
	return SQLITE_DENY;
}

/* Each statement of sql, whatever becomes of it; the next one begins behind the one that failed. */
static void try_all(sqlite3 *db, const char *sql)
{
	while (*sql) {
		sqlite3_stmt *s = NULL;
		const char *rest = NULL;
		int steps = 0;

		sqlite3_progress_handler(db, STEPS_BETWEEN, count_steps, &steps);
		if (sqlite3_prepare_v2(db, sql, -1, &s, &rest) == SQLITE_OK)
			while (s && sqlite3_step(s) == SQLITE_ROW)
				;
		sqlite3_finalize(s);
		if (!rest || rest == sql) {
			rest = strchr(sql, ';');
			if (!rest)
				return;
			rest++;
		}
		sql = rest;
	}
}

static void read_all(const char *path, struct buf *ret)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[65536];
	ssize_t n = -1;

	while (fd >= 0 && (n = file_read_full(fd, block, sizeof(block))) > 0)
		buf_add(ret, block, (size_t)n);
	if (n < 0)
		BUG("cannot read '%s': %m", path);
}

static void make_base(struct fuzz_base *base)
{
	const char *path = fuzz_file(NULL, 0);
	sqlite3 *db = NULL;
	char *why = NULL;

	if (base->make) {
		unlink(path);
		base->make(path);
	}
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, base->sql ? base->sql : "", NULL, NULL, &why) != SQLITE_OK)
		BUG("no database '%s': %s", path, why ? why : sqlite3_errmsg(db));
	sqlite3_close(db);
	read_all(path, &base->image);
}

/* In memory, where that can be had: a file, its locks and its journal take longer than most statements. */
static sqlite3 *open_copy(const struct buf *image)
{
	sqlite3 *db = NULL;
#ifdef HAVE_SQLITE3_DESERIALIZE
	sqlite3_int64 n = (sqlite3_int64)image->n, most = IMAGE_MAX;
	unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)n);

	memcpy(copy, image->s, image->n);
	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_deserialize(db, "main", copy, n, n,
				SQLITE_DESERIALIZE_FREEONCLOSE |
					SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK)
		BUG("no database in memory: %s", sqlite3_errmsg(db));
	sqlite3_file_control(db, "main", SQLITE_FCNTL_SIZE_LIMIT, &most);
#else
	if (sqlite3_open(fuzz_file((const uint8_t *)image->s, image->n), &db) !=
		    SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL,
			 NULL, NULL) != SQLITE_OK)
		BUG("no database: %s", sqlite3_errmsg(db));
#endif
	return db;
}

/* Closes it. */
static void take_image(sqlite3 *db, struct buf *ret)
{
#ifdef HAVE_SQLITE3_DESERIALIZE
	sqlite3_int64 n;
	const unsigned char *image =
		sqlite3_serialize(db, "main", &n, SQLITE_SERIALIZE_NOCOPY);

	if (!image)
		BUG("the database is gone");
	buf_add(ret, image, (size_t)n);
	sqlite3_close(db);
#else
	cleanup_free char *path = xstrdup(sqlite3_db_filename(db, "main"));

	sqlite3_close(db);
	read_all(path, ret);
#endif
}

void fuzz_sqlite(struct fuzz_base *base, const uint8_t *data, size_t n, struct buf *ret)
{
	static const char magic[] = "SQLite format 3";
	sqlite3 *db;

	if (n >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0) {
		buf_add(ret, data, n);
		return;
	}
	if (!base->image.n)
		make_base(base);
	db = open_copy(&base->image);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
	sqlite3_set_authorizer(db, authorize, NULL);
	try_all(db, fuzz_text(data, n));
	take_image(db, ret);
}
