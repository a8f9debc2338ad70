/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 4: var/lib/dnf/history.sqlite, libdnf's "swdb" (libdnf/transaction/sql/create.sql and
 * migrate_tables_1_2.sql).
 */
#include <inttypes.h>
#include <string.h>

#include "history/comps.h"
#include "history/histdb.h"
#include "history/history.h"

/* the second on systems whose /var does not belong to the image */
static const char *const places[] = {"var/lib/dnf/history.sqlite",
				     "usr/lib/sysimage/dnf/history.sqlite", NULL};

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

static int read_entries(struct histdb *db, bool has_comments, struct history *h,
			struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	if (histdb_prepare(
		    db,
		    has_comments
			    ? "SELECT id, dt_begin, dt_end, state, user_id, cmdline, comment "
			      "FROM trans ORDER BY id"
			    : "SELECT id, dt_begin, dt_end, state, user_id, cmdline, '' "
			      "FROM trans ORDER BY id",
		    &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_add(h, &dnf4_ops, sqlite3_column_int64(stmt, 0));

		e->begin = sqlite3_column_int64(stmt, 1);
		e->end = sqlite3_column_int64(stmt, 2);
		e->state = state_of(sqlite3_column_int(stmt, 3), e->end);
		e->user = histdb_user(&h->mem, sqlite3_column_int64(stmt, 4));
		e->command = histdb_text(&h->mem, stmt, 5);
		e->comment = histdb_text(&h->mem, stmt, 6);
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

static int read_items(struct histdb *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	uint32_t at = 0;
	int rc;

	/* what has no row in rpm is a group or an environment */
	if (histdb_prepare(
		    db,
		    "SELECT ti.trans_id, ti.id, ti.action, ti.state, ti.reason, "
		    "r.name, r.epoch, r.version, r.release, r.arch, p.repoid "
		    "FROM trans_item ti JOIN rpm r ON r.item_id = ti.item_id "
		    "LEFT JOIN repo p ON p.id = ti.repo_id ORDER BY ti.trans_id, ti.id",
		    &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		int64_t entry = sqlite3_column_int64(stmt, 0);
		int action = sqlite3_column_int(stmt, 2);
		struct history_entry *e = history_seek(h, &at, entry);
		struct history_item *item;

		if (!e)
			continue; /* of one that is no more */
		if (action < 1 || action >= (int)ELEMENTSOF(actions))
			return histdb_damaged(err,
					      "item %" PRId64 " of entry %" PRId64
					      " has an unknown action, %d",
					      (int64_t)sqlite3_column_int64(stmt, 1),
					      entry, action);
		item = history_add_item(e);
		item->action = (enum item_action)actions[action];
		item->failed = sqlite3_column_int(stmt, 3) == 2;
		item->reason = reason_name(sqlite3_column_int(stmt, 4));
		histdb_nevra(&h->mem, stmt, 5, &item->id);
		item->repo = histdb_text(&h->mem, stmt, 10);
	}
	return rc;
}

static int read_db(struct histdb *db, struct history *h, struct error *err)
{
	static const char *const known[] = {"1.1", "1.2", "1.3", NULL};
	const char *version = histdb_version(db, known, &h->mem, err);

	return version && read_entries(db, strcmp(version, "1.1") != 0, h, err) == 0
		       ? read_items(db, h, err) || comps_mark(db, h, err) ? -1 : 0
		       : -1;
}

static int dnf4_read(struct root *r, const struct pkgset *installed _unused_,
		     struct history *h, struct error *err)
{
	static const char *const tables[] = {"config", "trans", "trans_item", "item",
					     "rpm",    "repo",	NULL};
	cleanup_histdb struct histdb db = {0};
	int rc = histdb_open_first(r, places, tables, &h->quota, &db, err);

	if (rc < 0)
		return err_prefix(err, "dnf's history");
	if (rc == 0)
		return 0;
	if (read_db(&db, h, err) < 0)
		return err_prefix(err, "dnf's history '%s'", db.path);
	return h->entries.n > 0;
}

const struct history_ops dnf4_ops = {
	.origin = "dnf4", .numbered = true, .read = dnf4_read};
