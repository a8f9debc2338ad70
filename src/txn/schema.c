/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "txn/journal.h"
#include "txn/schema.h"
#include "txn/sql.h"

/* Since version 2. */
#define STRIPS ", strips INTEGER NOT NULL DEFAULT 0"

/* In the order in which they are made; SQLite keeps the text as it stands here. */
static const char *const tables[] = {
	"CREATE TABLE states(code INTEGER PRIMARY KEY, name TEXT NOT NULL)",

	"CREATE TABLE transactions(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, "
	"seq INTEGER NOT NULL, begun INTEGER NOT NULL, ended INTEGER NOT NULL, "
	"forced INTEGER NOT NULL, unsigned_allowed INTEGER NOT NULL, "
	"changes INTEGER NOT NULL, ops INTEGER NOT NULL, "
	"held_done INTEGER NOT NULL, held_undone INTEGER NOT NULL, "
	"title TEXT NOT NULL, command TEXT NOT NULL, putback TEXT NOT NULL)",

	"CREATE TABLE changes(txn INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL, "
	"pkg_from TEXT, pkg_to TEXT, source TEXT, location TEXT, signer TEXT, reason TEXT, "
	"unsigned_allowed INTEGER NOT NULL, PRIMARY KEY(txn, n)) WITHOUT ROWID",

	"CREATE TABLE areas(txn INTEGER NOT NULL, n INTEGER NOT NULL, path TEXT NOT NULL, "
	"id TEXT NOT NULL, ino INTEGER NOT NULL, btime INTEGER NOT NULL, "
	"PRIMARY KEY(txn, n)) WITHOUT ROWID",

	"CREATE TABLE ops(txn INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL, "
	"reason INTEGER NOT NULL, db INTEGER NOT NULL, area INTEGER NOT NULL, "
	"path TEXT NOT NULL, path2 TEXT, "
	"old_ino INTEGER NOT NULL, old_btime INTEGER NOT NULL, old_mode INTEGER NOT NULL, "
	"old_uid INTEGER NOT NULL, old_gid INTEGER NOT NULL, old_mtime INTEGER NOT NULL, "
	"old_size INTEGER NOT NULL, old_caps BLOB NOT NULL, "
	"new_ino INTEGER NOT NULL, new_btime INTEGER NOT NULL, new_mode INTEGER NOT NULL, "
	"new_uid INTEGER NOT NULL, new_gid INTEGER NOT NULL, new_mtime INTEGER NOT NULL, "
	"new_size INTEGER NOT NULL, new_caps BLOB NOT NULL" STRIPS ", "
	"PRIMARY KEY(txn, n)) WITHOUT ROWID",

	"CREATE TABLE dirs(txn INTEGER NOT NULL, n INTEGER NOT NULL, area INTEGER NOT NULL, "
	"path TEXT NOT NULL, ino INTEGER NOT NULL, btime INTEGER NOT NULL, "
	"sides INTEGER NOT NULL, mtime_after INTEGER NOT NULL, mtime_before INTEGER NOT NULL, "
	"PRIMARY KEY(txn, n)) WITHOUT ROWID",

	"CREATE TABLE pins(txn INTEGER NOT NULL, n INTEGER NOT NULL, area INTEGER NOT NULL, "
	"path TEXT NOT NULL, ino INTEGER NOT NULL, btime INTEGER NOT NULL, "
	"immutable INTEGER NOT NULL, append INTEGER NOT NULL, stays INTEGER NOT NULL, "
	"PRIMARY KEY(txn, n)) WITHOUT ROWID",

	"CREATE TABLE ctimes(txn INTEGER PRIMARY KEY, old BLOB NOT NULL, new BLOB NOT NULL)",

	("CREATE TABLE rpmdb(txn INTEGER PRIMARY KEY, dir TEXT NOT NULL, old BLOB NOT NULL, "
	 "new BLOB NOT NULL)"),

	"CREATE TABLE meta(n INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)",
};

int schema_make(sqlite3 *db, struct error *err)
{
	cleanup_free char *marks =
		xasprintf("PRAGMA application_id=%d; PRAGMA user_version=%d",
			  JOURNAL_APPLICATION, JOURNAL_VERSION);

	for (size_t i = 0; i < ELEMENTSOF(tables); i++)
		if (sql_exec(db, tables[i], err) < 0)
			return -1;
#define X(id, name)                                                  \
	if (sql_do(db, err, "INSERT INTO states VALUES(?, ?)", "is", \
		   journal_state_code(id), name) < 0)                \
		return -1;
	TXN_STATES(X)
#undef X
	return sql_exec(db, marks, err);
}

/* Whether it is the text of that table, as that version has it. */
static bool is_table(const char *text, size_t n, int64_t version)
{
	const char *want = tables[n], *added = version < 2 ? strstr(want, STRIPS) : NULL;
	size_t same = added ? (size_t)(added - want) : strlen(want);

	return !strncmp(text, want, same) &&
	       !strcmp(text + same, want + same + (added ? strlen(STRIPS) : 0));
}

/* In a journal of version 1 nothing was taken from anything. */
static int upgrade(sqlite3 *db, struct error *err)
{
	cleanup_free char *sql =
		xasprintf("BEGIN IMMEDIATE; ALTER TABLE ops ADD COLUMN %s; "
			  "PRAGMA user_version=%d; COMMIT",
			  &STRIPS[strlen(", ")], JOURNAL_VERSION);

	if (sql_exec(db, sql, err) == 0)
		return 0;
	(void)!sql_exec(db, "ROLLBACK", NULL);
	return err_prefix(err, "the journal is of an older putback, and stays so");
}

int schema_check(sqlite3 *db, int64_t version, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = NULL, *sound = NULL;
	const char *text;
	size_t n = 0;
	int rc;

	s = sql_prepare(db, "SELECT sql FROM sqlite_master ORDER BY rowid", err);
	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1) {
		if (n == ELEMENTSOF(tables) || sql_read(s, "s", &text) < 0 ||
		    !is_table(text, n, version))
			return sql_damaged(err,
					   "its tables are not those of this version");
		n++;
	}
	if (rc < 0)
		return -1;
	if (n < ELEMENTSOF(tables))
		return sql_damaged(err, "tables are missing");
	sound = sql_prepare(db, "PRAGMA quick_check(1)", err);
	rc = sound ? sql_step(sound, err) : -1;
	if (rc < 0)
		return -1;
	if (rc == 0 || sql_read(sound, "s", &text) < 0)
		return sql_damaged(err, "it cannot be checked");
	if (strcmp(text, "ok"))
		return sql_damaged(err, text);
	sqlite3_finalize(steal_ptr(s)); /* which it would wait for */
	sqlite3_finalize(steal_ptr(sound));
	return version < JOURNAL_VERSION ? upgrade(db, err) : 0;
}
