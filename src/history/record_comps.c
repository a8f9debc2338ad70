/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Groups and environments in dnf 4's history, which is all that dnf keeps of them: what the last entry says of
 * one is its state (libdnf/transaction/CompsGroupItem.cpp, CompsEnvironmentItem.cpp). Each entry has a list of the
 * members of its own. dnf's `history undo` turns install and remove around (dnf/cli/commands/history.py:
 * _revert_transaction()); so does this, and gives back the list from before to one that was changed in between.
 */
#include <string.h>

#include "history/record_comps.h"
#include "history/recordsql.h"

enum { INSTALL = 1, REMOVE = 8, STATE_DONE = 1 };

struct kind {
	const char *table, *id, *members, *of, *member;
};

static const struct kind kinds[] = {
	{"comps_group", "groupid", "comps_group_package", "group_id",
	 "name, installed, pkg_type"},
	{"comps_environment", "environmentid", "comps_environment_group",
	 "environment_id", "groupid, installed, group_type"},
};

struct comps_job {
	struct histdb *db;
	const struct kind *kind;
	int64_t first, last;   /* of the entries that are undone */
	int64_t entry, system; /* that is written, and its repository */
};

/* A number of the newest row about one, of those beneath an entry. What went for another one (3, 5, 7, 10) is no
 * state. */
static int ask(const struct comps_job *j, const char *what, const char *id, int64_t below,
	       int64_t *ret, struct error *err)
{
	cleanup_free char *sql = xasprintf(
		"SELECT %s FROM trans_item ti JOIN %s g USING(item_id) WHERE g.%s = ? AND "
		"ti.action NOT IN (3, 5, 7, 10) AND ti.trans_id < ? ORDER BY ti.id DESC "
		"LIMIT 1",
		what, j->kind->table, j->kind->id);

	return recordsql_ask(j->db, ret, err, sql, "si", id, below);
}

/* A copy of an item with all that it has: every entry has its own. */
static int copy_item(const struct comps_job *j, int64_t from, int64_t *ret,
		     struct error *err)
{
	const struct kind *k = j->kind;
	cleanup_free char *item =
		xasprintf("INSERT INTO %s SELECT ?, %s, name, translated_name, pkg_types "
			  "FROM %s WHERE item_id = ?",
			  k->table, k->id, k->table);
	cleanup_free char *members =
		xasprintf("INSERT INTO %s(%s, %s) SELECT ?, %s FROM %s WHERE %s = ?",
			  k->members, k->of, k->member, k->member, k->members, k->of);

	if (recordsql_do(j->db, err,
			 "INSERT INTO item(item_type) SELECT item_type FROM item WHERE "
			 "id = ?",
			 "i", from) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(j->db->db);
	return recordsql_do(j->db, err, item, "ii", *ret, from) < 0 ||
			       recordsql_do(j->db, err, members, "ii", *ret, from) < 0
		       ? -1
		       : 0;
}

static int turn_back(const struct comps_job *j, const char *id, struct error *err)
{
	int64_t now = 0, entry = 0, action = 0, reason = 0, was = 0, item = 0;
	int64_t before = REMOVE;

	if (ask(j, "ti.trans_id", id, INT64_MAX, &entry, err) < 0 ||
	    ask(j, "ti.item_id", id, INT64_MAX, &now, err) < 0 ||
	    ask(j, "ti.action", id, INT64_MAX, &action, err) < 0 ||
	    ask(j, "ti.reason", id, INT64_MAX, &reason, err) < 0 ||
	    ask(j, "ti.action", id, j->first, &before, err) < 0 ||
	    ask(j, "ti.item_id", id, j->first, &was, err) < 0)
		return -1;
	/* as it was; what a later entry made of its list is not theirs to take back */
	if ((action == REMOVE) == (before == REMOVE) &&
	    (before == REMOVE || entry > j->last))
		return 0;
	if (copy_item(j, before == REMOVE ? now : was, &item, err) < 0)
		return -1;
	return recordsql_do(j->db, err,
			    "INSERT INTO trans_item(trans_id, item_id, repo_id, action, "
			    "reason, state) VALUES(?, ?, ?, ?, ?, ?)",
			    "iiiiii", j->entry, item, j->system,
			    (int64_t)(before == REMOVE ? REMOVE : INSTALL), reason,
			    (int64_t)STATE_DONE);
}

/* Those that the undone entries say something of. */
static int list(const struct comps_job *j, struct strlist *ret, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	cleanup_free char *sql = xasprintf(
		"SELECT DISTINCT g.%s FROM trans_item ti JOIN %s g USING(item_id) "
		"WHERE ti.trans_id BETWEEN ? AND ? ORDER BY 1",
		j->kind->id, j->kind->table);
	int rc;

	if (histdb_prepare(j->db, sql, &stmt, err) < 0)
		return -1;
	sqlite3_bind_int64(stmt, 1, j->first);
	sqlite3_bind_int64(stmt, 2, j->last);
	while ((rc = histdb_step(j->db, stmt, err)) > 0) {
		const unsigned char *id = sqlite3_column_text(stmt, 0);

		if (id)
			strlist_add(ret, (const char *)id);
	}
	return rc;
}

/* Old histories, and small ones, have no such tables. */
static int has_tables(const struct comps_job *j, struct error *err)
{
	int64_t n = 0;
	int rc = recordsql_ask(j->db, &n, err,
			       "SELECT count(*) FROM sqlite_master WHERE type = 'table' "
			       "AND name IN (?, ?)",
			       "ss", j->kind->table, j->kind->members);

	return rc < 0 ? -1 : n == 2;
}

int record_comps(struct histdb *db, int64_t entry, int64_t system, int64_t first,
		 int64_t last, struct error *err)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		const struct comps_job j = {db, &kinds[i], first, last, entry, system};
		struct strlist ids = {0};
		int rc = has_tables(&j, err);

		if (rc > 0)
			rc = list(&j, &ids, err);
		for (uint32_t k = 0; k < ids.n && rc == 0; k++)
			rc = turn_back(&j, ids.v[k], err);
		strlist_release(&ids);
		if (rc < 0)
			return -1;
	}
	return 0;
}
