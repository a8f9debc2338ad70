/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_sqlite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/dbguard.h"

/* Counts the steps of what was opened last. A user who stops need not wait for it: this is a child. */
static struct dbguard guard = {.most = 1000000000};

/* "file is damaged: text" for what SQLite says about it */
static int fail(sqlite3 *db, const char *doing, struct error *err)
{
	int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
	const char *text = db ? sqlite3_errmsg(db) : "out of memory";

	switch (code & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT: return err_set(err, ERR_FAILED, "damaged: %s", text);
	case SQLITE_INTERRUPT: return dbguard_err(&guard, err);
	case SQLITE_FULL:
		return err_set(err, ERR_FAILED, "%s: no room left for the working copy",
			       doing);
	}
	return err_set(err, ERR_FAILED, "%s: %s", doing, text);
}

int db_sqlite_exec(sqlite3 *db, const char *sql, struct error *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0
								    : fail(db, sql, err);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * https://www.sqlite.org/fileformat2.html, "The Database Header". The number of pages counts only
 * where it was written by a version that keeps it (its change counter is the file's), and a log
 * beside the file may hold the rest.
 */
static int check_header(const char *path, struct error *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *wal = xasprintf("%s-wal", path),
			  *journal = xasprintf("%s-journal", path);
	uint8_t h[100];
	uint64_t page, want;
	struct stat st, log;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, "cannot open the private copy '%s'", path);
	if (st.st_size == 0)
		return err_set(err, ERR_FAILED, "damaged: its file is empty");
	n = pread(fd, h, sizeof(h), 0);
	if (n < (ssize_t)sizeof(h) || memcmp(h, "SQLite format 3", 16) != 0)
		return err_set(err, ERR_FAILED,
			       "damaged: its file does not begin as a SQLite database");
	page = (uint64_t)h[16] << 8 | h[17];
	if (page == 1)
		page = 65536;
	if (page < 512 || (page & (page - 1)))
		return err_set(err, ERR_FAILED, "damaged: pages of %llu bytes",
			       (unsigned long long)page);
	want = page * be32(h + 28);
	if (memcmp(h + 24, h + 92, 4) != 0 || (uint64_t)st.st_size >= want)
		return 0;
	if ((stat(wal, &log) == 0 && log.st_size > 0) ||
	    (stat(journal, &log) == 0 && log.st_size > 0))
		return 0;
	return err_set(err, ERR_FAILED,
		       "damaged: its file is truncated, %lld bytes of %llu",
		       (long long)st.st_size, (unsigned long long)want);
}

/* One value of a query that gives one. */
static int query_number(sqlite3 *db, const char *sql, int64_t *ret, struct error *err)
{
	sqlite3_stmt *s = NULL;
	int rc = 0;

	*ret = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW)
		rc = fail(db, sql, err);
	else
		*ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc;
}

/* The structure of all pages; what it finds is worded by SQLite. */
static int check_pages(sqlite3 *db, struct error *err)
{
	sqlite3_stmt *s = NULL;
	const char *text;
	int rc = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW) {
		rc = fail(db, "cannot check it", err);
	} else {
		text = (const char *)sqlite3_column_text(s, 0);
		if (!text || strcmp(text, "ok") != 0)
			rc = err_set(err, ERR_FAILED, "damaged: %.200s",
				     text ? text : "no word of its check");
	}
	sqlite3_finalize(s);
	return rc;
}

static int check_schema(sqlite3 *db, uint32_t *ret_count, struct error *err)
{
	cleanup_free char *odd = NULL;
	int64_t n;
	int rc;

	if (query_number(db,
			 "SELECT count(*) FROM sqlite_master "
			 "WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'",
			 &n, err))
		return -1;
	if (n != 0)
		return err_set(
			err, ERR_FAILED,
			"it has triggers or views, which rpm never makes, and is not trusted");
	rc = dbguard_find_computed(db, &guard, &odd, err);
	if (rc)
		return rc < 0 ? -1
			      : err_set(err, ERR_FAILED,
					"%s, which rpm never makes, and it is not trusted",
					odd);
	/* librpm, which writes to it, would obey them */
	if (query_number(db,
			 "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%CHECK%'",
			 &n, err))
		return -1;
	if (n != 0)
		return err_set(
			err, ERR_FAILED,
			"it has CHECK constraints, which rpm never makes, and is not trusted");
	if (query_number(db,
			 "SELECT count(*) FROM pragma_table_info('Packages') WHERE "
			 "(name = 'hnum' AND pk = 1) OR (name = 'blob' AND pk = 0)",
			 &n, err))
		return -1;
	if (n != 2)
		return err_set(err, ERR_FAILED, "damaged: it has no table of packages");
	if (query_number(db, "SELECT count(*) FROM Packages", &n, err))
		return -1;
	if (n > UINT32_MAX / 2)
		return err_set(err, ERR_FAILED, "damaged: %lld packages", (long long)n);
	*ret_count = (uint32_t)n;
	return 0;
}

#define BUSY_MS 30000

int db_sqlite_open(const char *path, enum db_sqlite_look look, sqlite3 **ret,
		   uint32_t *ret_count, struct error *err)
{
	cleanup_sqlite sqlite3 *db = NULL;

	if (check_header(path, err))
		return -1;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE,
			    NULL) != SQLITE_OK)
		return fail(db, "cannot open it", err);
	/* several children may look at one private copy at once */
	sqlite3_busy_timeout(db, BUSY_MS);
	dbguard_settle(db);
	guard.steps = 0;
	dbguard_watch(db, &guard);
	/* temporary tables, and what VACUUM needs, stay off the host's disk */
	if (db_sqlite_exec(db, "PRAGMA temp_store = MEMORY", err) ||
	    db_sqlite_exec(db, "PRAGMA cell_size_check = ON", err) ||
	    db_sqlite_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", err) ||
	    check_schema(db, ret_count, err) ||
	    (look == DB_SQLITE_ALL && check_pages(db, err)))
		return -1;
	*ret = steal_ptr(db);
	return 0;
}

void db_sqlite_closep(sqlite3 **db)
{
	sqlite3_close(*db);
}

int db_sqlite_each(sqlite3 *db, db_row_fn fn, void *ctx, struct error *err)
{
	sqlite3_stmt *s = NULL;
	int rc = 0, step;

	if (sqlite3_prepare_v2(db, "SELECT hnum, blob FROM Packages", -1, &s, NULL) !=
	    SQLITE_OK)
		return fail(db, "cannot read its packages", err);
	while ((step = sqlite3_step(s)) == SQLITE_ROW) {
		int64_t instance = sqlite3_column_int64(s, 0);
		const void *blob = sqlite3_column_blob(s, 1);
		int n = sqlite3_column_bytes(s, 1);

		if (instance <= 0 || instance > UINT32_MAX) {
			rc = err_set(err, ERR_FAILED, "damaged: a package number %lld",
				     (long long)instance);
			break;
		}
		rc = fn(ctx, (uint32_t)instance, blob, blob ? (size_t)n : 0, err);
		if (rc)
			break;
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = fail(db, "cannot read its packages", err);
	sqlite3_finalize(s);
	return rc;
}

/* DELETE FROM one table, by a list of numbers that stands in a temporary one. */
static int remove_from(sqlite3 *db, const char *table, struct error *err)
{
	char *sql = sqlite3_mprintf(
		"DELETE FROM \"%w\" WHERE hnum IN (SELECT hnum FROM temp.leaving)",
		table);
	int rc = sql ? db_sqlite_exec(db, sql, err) : fail(NULL, "", err);

	sqlite3_free(sql);
	return rc;
}

/* Every table with a column hnum: Packages, and the indices that this rpm and later ones keep. */
static int list_tables(sqlite3 *db, struct strlist *ret, struct error *err)
{
	sqlite3_stmt *s = NULL;
	int rc = 0, step;

	if (sqlite3_prepare_v2(
		    db,
		    "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c "
		    "WHERE m.type = 'table' AND c.name = 'hnum'",
		    -1, &s, NULL) != SQLITE_OK)
		return fail(db, "cannot list its tables", err);
	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		strlist_add(ret, (const char *)sqlite3_column_text(s, 0));
	if (step != SQLITE_DONE)
		rc = fail(db, "cannot list its tables", err);
	sqlite3_finalize(s);
	return rc;
}

int db_sqlite_remove(sqlite3 *db, const uint32_t *instances, uint32_t n,
		     struct error *err)
{
	struct strlist tables = {0};
	sqlite3_stmt *s = NULL;
	int rc;

	rc = db_sqlite_exec(db, "CREATE TEMP TABLE leaving(hnum INTEGER PRIMARY KEY)",
			    err);
	if (rc == 0 &&
	    sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO temp.leaving VALUES(?)", -1, &s,
			       NULL) != SQLITE_OK)
		rc = fail(db, "cannot remove packages", err);
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		sqlite3_bind_int64(s, 1, instances[i]);
		if (sqlite3_step(s) != SQLITE_DONE)
			rc = fail(db, "cannot remove packages", err);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	if (rc == 0)
		rc = list_tables(db, &tables, err);
	for (uint32_t i = 0; i < tables.n && rc == 0; i++)
		rc = remove_from(db, tables.v[i], err);
	if (rc == 0)
		rc = db_sqlite_exec(db, "DROP TABLE temp.leaving", err);
	strlist_release(&tables);
	return rc;
}

int db_sqlite_get(sqlite3 *db, uint32_t instance, void **ret, size_t *ret_n,
		  struct error *err)
{
	sqlite3_stmt *s = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(db, "SELECT blob FROM Packages WHERE hnum = ?", -1, &s,
			       NULL) != SQLITE_OK)
		return fail(db, "cannot read a package", err);
	sqlite3_bind_int64(s, 1, instance);
	switch (sqlite3_step(s)) {
	case SQLITE_ROW:
		*ret_n = (size_t)sqlite3_column_bytes(s, 0);
		*ret = xmemdup(sqlite3_column_blob(s, 0), *ret_n);
		break;
	case SQLITE_DONE:
		rc = err_set(err, ERR_FAILED, "there is no package %u in the rpmdb",
			     instance);
		break;
	default: rc = fail(db, "cannot read a package", err);
	}
	sqlite3_finalize(s);
	return rc;
}

int db_sqlite_replace(sqlite3 *db, uint32_t instance, const void *blob, size_t n,
		      struct error *err)
{
	sqlite3_stmt *s = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(db, "UPDATE Packages SET blob = ? WHERE hnum = ?", -1, &s,
			       NULL) != SQLITE_OK)
		return fail(db, "cannot write a package", err);
	sqlite3_bind_blob64(s, 1, blob, n, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, instance);
	if (sqlite3_step(s) != SQLITE_DONE)
		rc = fail(db, "cannot write a package", err);
	else if (sqlite3_changes(db) != 1)
		rc = err_set(err, ERR_FAILED, "there is no package %u in the rpmdb",
			     instance);
	sqlite3_finalize(s);
	return rc;
}

int db_sqlite_shrink(sqlite3 *db, struct error *err)
{
	int64_t pages, unused;

	if (query_number(db, "PRAGMA page_count", &pages, err) ||
	    query_number(db, "PRAGMA freelist_count", &unused, err))
		return -1;
	return unused > 64 && unused >= pages / 3 ? db_sqlite_exec(db, "VACUUM", err) : 0;
}
