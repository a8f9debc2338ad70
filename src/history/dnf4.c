/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 4: var/lib/dnf/history.sqlite, libdnf's "swdb" (libdnf/transaction/sql/create.sql and
 * migrate_tables_1_2.sql). The database of a root is input of unknown origin: only tables are read,
 * neither views nor triggers nor virtual tables, and no schema of its is trusted with functions.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

#include "base/dbcopy.h"
#include "history/history.h"

#define HISTORY_PATH "var/lib/dnf/history.sqlite"

static void finalize_stmt(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}
#define cleanup_stmt __attribute__((cleanup(finalize_stmt)))

static int err_db(struct error *err, sqlite3 *db)
{
	return err_set(err, ERR_FAILED, "%s", sqlite3_errmsg(db));
}

static int err_kind_of_damage(struct error *err, const char *what)
{
	return err_set(err, ERR_FAILED, "damaged: %s", what);
}

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct error *err)
{
	return sqlite3_prepare_v2(db, sql, -1, ret, NULL) == SQLITE_OK ? 0
								       : err_db(err, db);
}

/* 1: a row; 0: no more; -1: error */
static int step(sqlite3 *db, sqlite3_stmt *stmt, struct error *err)
{
	int rc = sqlite3_step(stmt);

	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : err_db(err, db);
}

static const char *text(struct arena *mem, sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s && *s ? arena_strdup(mem, s) : "";
}

static int open_copy(struct scratch *copy, const char *name, sqlite3 **ret,
		     struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", copy->path, name);

	/* for writing: SQLite may have to roll a journal back first */
	if (sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE, NULL))
		return err_db(err, *ret);
	sqlite3_db_config(*ret, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*ret, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW /* 3.30 */
	sqlite3_db_config(*ret, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA /* 3.31 */
	sqlite3_db_config(*ret, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
	sqlite3_limit(*ret, SQLITE_LIMIT_LENGTH, 16 << 20);
	return 0;
}

static int check_health(sqlite3 *db, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	const char *verdict;
	int rc;

	if (prepare(db, "PRAGMA quick_check(1)", &stmt, err) ||
	    (rc = step(db, stmt, err)) < 0)
		return err_prefix(err, "damaged");
	verdict = rc ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (!verdict || strcmp(verdict, "ok"))
		return err_kind_of_damage(err, verdict ? verdict : "no verdict");
	return 0;
}

static int check_tables(sqlite3 *db, struct error *err)
{
	static const char *const needed[] = {"config", "trans", "trans_item",
					     "item",   "rpm",	"repo"};
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	/* a virtual table has no pages of its own */
	if (prepare(db,
		    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1 AND rootpage > 0",
		    &stmt, err))
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(needed); i++) {
		sqlite3_reset(stmt);
		sqlite3_bind_text(stmt, 1, needed[i], -1, SQLITE_STATIC);
		rc = step(db, stmt, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return err_set(
				err, ERR_FAILED,
				"no history of dnf, or a damaged one: it has no table '%s'",
				needed[i]);
	}
	return 0;
}

static int check_version(sqlite3 *db, bool *ret_has_comments, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	const char *version;
	int rc;

	if (prepare(db, "SELECT value FROM config WHERE key = 'version'", &stmt, err) ||
	    (rc = step(db, stmt, err)) < 0)
		return -1;
	version = rc ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (!version)
		return err_kind_of_damage(err, "it does not say of what version it is");
	if (strcmp(version, "1.1") && strcmp(version, "1.2"))
		return err_set(
			err, ERR_FAILED,
			"of version '%s', which is not known here (1.1 and 1.2 are)",
			version);
	*ret_has_comments = !strcmp(version, "1.2");
	return 0;
}

/* libdnf's TransactionState: 0 unknown, 1 done, 2 error */
static enum entry_state state_of(int state, int64_t end)
{
	if (state == 2)
		return ENTRY_FAILED;
	return state == 1 && end ? ENTRY_DONE : ENTRY_UNFINISHED;
}

static bool is_putback(const char *command, const char *comment)
{
	return !strcmp(command, "putback") || !strncmp(command, "putback ", 8) ||
	       !strncmp(comment, "putback ", 8);
}

static int read_entries(sqlite3 *db, bool has_comments, struct history *h,
			struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	if (prepare(db,
		    has_comments
			    ? "SELECT id, dt_begin, dt_end, state, user_id, cmdline, comment "
			      "FROM trans ORDER BY id"
			    : "SELECT id, dt_begin, dt_end, state, user_id, cmdline, '' "
			      "FROM trans ORDER BY id",
		    &stmt, err))
		return -1;
	while ((rc = step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_add(h, &dnf4_ops, sqlite3_column_int64(stmt, 0));
		int64_t user = sqlite3_column_int64(stmt, 4);

		e->begin = sqlite3_column_int64(stmt, 1);
		e->end = sqlite3_column_int64(stmt, 2);
		e->state = state_of(sqlite3_column_int(stmt, 3), e->end);
		/* -1, with or without sign, is an audit user id that was never set */
		if (user >= 0 && user != UINT32_MAX)
			e->user = arena_printf(&h->mem, "%" PRId64, user);
		e->command = text(&h->mem, stmt, 5);
		e->comment = text(&h->mem, stmt, 6);
		e->complete = true;
		e->putback = is_putback(e->command, e->comment);
	}
	return rc;
}

/* libdnf's TransactionItemAction -> ours */
static const int actions[] = {
	[1] = ITEM_INSTALL,	 [2] = ITEM_DOWNGRADE,	    [3] = ITEM_DOWNGRADED,
	[4] = ITEM_OBSOLETE,	 [5] = ITEM_OBSOLETED,	    [6] = ITEM_UPGRADE,
	[7] = ITEM_UPGRADED,	 [8] = ITEM_REMOVE,	    [9] = ITEM_REINSTALL,
	[10] = ITEM_REINSTALLED, [11] = ITEM_REASON_CHANGE,
};

static const char *reason_name(int reason)
{
	/* libdnf's TransactionItemReason */
	static const char *const names[] = {"",	     "dependency",	"user",
					    "clean", "weak-dependency", "group"};

	return reason >= 0 && reason < (int)ELEMENTSOF(names) ? names[reason] : "";
}

static int read_items(sqlite3 *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	uint32_t at = 0;
	int rc;

	/* what has no row in rpm is a group or an environment */
	if (prepare(db,
		    "SELECT ti.trans_id, ti.id, ti.action, ti.state, ti.reason, "
		    "r.name, r.epoch, r.version, r.release, r.arch, p.repoid "
		    "FROM trans_item ti JOIN rpm r ON r.item_id = ti.item_id "
		    "LEFT JOIN repo p ON p.id = ti.repo_id ORDER BY ti.trans_id, ti.id",
		    &stmt, err))
		return -1;
	while ((rc = step(db, stmt, err)) > 0) {
		int64_t entry = sqlite3_column_int64(stmt, 0);
		int action = sqlite3_column_int(stmt, 2);
		struct history_item *item;

		while (at < h->entries.n && h->entries.v[at].id < entry)
			at++;
		if (at == h->entries.n || h->entries.v[at].id != entry)
			continue; /* of an entry that is no more */
		if (action < 1 || action >= (int)ELEMENTSOF(actions))
			return err_set(err, ERR_FAILED,
				       "damaged: item %" PRId64 " of entry %" PRId64
				       " has an unknown action, %d",
				       (int64_t)sqlite3_column_int64(stmt, 1), entry,
				       action);
		item = array_push(&h->entries.v[at].items);
		item->action = (enum item_action)actions[action];
		item->failed = sqlite3_column_int(stmt, 3) == 2;
		item->reason = reason_name(sqlite3_column_int(stmt, 4));
		item->id.name = text(&h->mem, stmt, 5);
		item->id.epoch = sqlite3_column_int64(stmt, 6);
		item->id.version = text(&h->mem, stmt, 7);
		item->id.release = text(&h->mem, stmt, 8);
		item->id.arch = text(&h->mem, stmt, 9);
		item->repo = text(&h->mem, stmt, 10);
		item->digest = "";
	}
	return rc;
}

static int read_copy(struct scratch *copy, const char *name, struct history *h,
		     struct error *err)
{
	bool has_comments = false;
	sqlite3 *db = NULL;
	int rc = open_copy(copy, name, &db, err);

	if (!rc)
		rc = check_health(db, err);
	if (!rc)
		rc = check_tables(db, err);
	if (!rc)
		rc = check_version(db, &has_comments, err);
	if (!rc)
		rc = read_entries(db, has_comments, h, err);
	if (!rc)
		rc = read_items(db, h, err);
	sqlite3_close(db);
	return rc;
}

static int dnf4_read(struct root *r, const struct pkgset *installed _unused_,
		     struct history *h, struct error *err)
{
	cleanup_free char *path = NULL;
	struct scratch *copy = NULL;
	const char *slash;
	int rc;

	if (root_resolve(r, HISTORY_PATH, true, &path, err))
		return err_prefix(err, "dnf's history '%s'", HISTORY_PATH);
	rc = dbcopy_sqlite(r, path, &copy, err);
	if (rc < 0)
		return err_prefix(err, "dnf's history");
	if (rc == 0)
		return 0;
	slash = strrchr(path, '/');
	rc = read_copy(copy, slash ? slash + 1 : path, h, err);
	scratch_free(copy);
	if (rc)
		return err_prefix(err, "dnf's history '%s'", path);
	return h->entries.n > 0;
}

const struct history_ops dnf4_ops = {.origin = "dnf4", .read = dnf4_read};
