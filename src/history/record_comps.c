/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Groups and environments in dnf's history: what the last entry says of one is its state (libdnf/transaction/
 * CompsGroupItem.cpp, CompsEnvironmentItem.cpp; libdnf5/transaction/db/comps_group.cpp). dnf 4 keeps nothing else of
 * them, dnf 5 has it in files besides (record_state.c). Each entry has a list of the members of its own. dnf's
 * `history undo` turns install and remove around (dnf/cli/commands/history.py: _revert_transaction()); so does
 * this, and gives back the list from before to one that was changed in between.
 */
#include <string.h>

#include "history/record_comps.h"
#include "history/recordsql.h"

struct kind {
	const char *table, *id, *members, *of, *member,
		*type; /* member: NULL: the dialect's */
};

static const struct kind kinds[] = {
	{"comps_group", "groupid", "comps_group_package", "group_id", NULL, "pkg_type"},
	{"comps_environment", "environmentid", "comps_environment_group",
	 "environment_id", "groupid", "group_type"},
};

struct comps_job {
	struct histdb *db;
	const struct comps_dialect *d;
	const struct kind *kind;
	int64_t first, last;   /* of the entries that are undone */
	int64_t entry, system; /* that is written, and its repository */
};

/* A number of the newest row about one, of those beneath an entry. */
static int ask(const struct comps_job *j, const char *what, const char *id, int64_t below,
	       int64_t *ret, struct error *err)
{
	cleanup_free char *sql = xasprintf(
		"SELECT %s FROM trans_item ti JOIN %s g USING(item_id) WHERE g.%s = ? AND "
		"ti.%s NOT IN (%s) AND ti.trans_id < ? ORDER BY ti.id DESC LIMIT 1",
		what, j->kind->table, j->kind->id, j->d->action, j->d->no_state);

	return recordsql_ask(j->db, ret, err, sql, "si", id, below);
}

/* A copy of an item with all that it has: every entry has its own. */
static int copy_item(const struct comps_job *j, int64_t from, int64_t *ret,
		     struct error *err)
{
	const struct kind *k = j->kind;
	const char *member = k->member ? k->member : j->d->member;
	cleanup_free char *item =
		xasprintf("INSERT INTO %s SELECT ?, %s, name, translated_name, pkg_types "
			  "FROM %s WHERE item_id = ?",
			  k->table, k->id, k->table);
	cleanup_free char *members = xasprintf(
		"INSERT INTO %s(%s, %s, installed, %s) SELECT ?, %s, installed, %s "
		"FROM %s WHERE %s = ? ORDER BY rowid",
		k->members, k->of, member, k->type, member, k->type, k->members, k->of);

	if (recordsql_do(j->db, err, j->d->new_item, "i", from) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(j->db->db);
	return recordsql_do(j->db, err, item, "ii", *ret, from) < 0 ||
			       recordsql_do(j->db, err, members, "ii", *ret, from) < 0
		       ? -1
		       : 0;
}

static int turn_back(const struct comps_job *j, const char *id, struct error *err)
{
	const struct comps_dialect *d = j->d;
	cleanup_free char *action_of = xasprintf("ti.%s", d->action),
			  *reason_of = xasprintf("ti.%s", d->reason);
	cleanup_free char *add = xasprintf(
		"INSERT INTO trans_item(trans_id, item_id, repo_id, %s, %s, %s) "
		"VALUES(?, ?, ?, ?, ?, ?)",
		d->action, d->reason, d->state);
	int64_t now = 0, entry = 0, action = 0, reason = 0, was = 0, item = 0;
	int64_t before = d->remove, repo = j->system;
	bool was_there;

	if (ask(j, "ti.trans_id", id, INT64_MAX, &entry, err) < 0 ||
	    ask(j, "ti.item_id", id, INT64_MAX, &now, err) < 0 ||
	    ask(j, action_of, id, INT64_MAX, &action, err) < 0 ||
	    ask(j, reason_of, id, INT64_MAX, &reason, err) < 0 ||
	    ask(j, action_of, id, j->first, &before, err) < 0 ||
	    ask(j, "ti.item_id", id, j->first, &was, err) < 0)
		return -1;
	was_there = before != d->remove;
	/* as it was; what a later entry made of its list is not theirs to take back */
	if ((action != d->remove) == was_there && (!was_there || entry > j->last))
		return 0;
	if (was_there && ask(j, "ti.repo_id", id, j->first, &repo, err) < 0)
		return -1;
	if (copy_item(j, was_there ? was : now, &item, err) < 0)
		return -1;
	return recordsql_do(j->db, err, add, "iiiiii", j->entry, item, repo,
			    was_there ? d->install : d->remove, reason, d->done);
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

/* The first and the last of the entries of this history that are undone. */
static bool find_undone(const struct record_order *o, const char *origin,
			struct comps_job *j)
{
	bool found = false;

	for (uint32_t i = 0; i < o->n_undone; i++) {
		int64_t id = o->undone[i].id;

		if (strcmp(o->undone[i].origin, origin) != 0)
			continue;
		j->first = found ? MIN(j->first, id) : id;
		j->last = found ? MAX(j->last, id) : id;
		found = true;
	}
	return found;
}

int record_comps(struct histdb *db, const struct record_order *o,
		 const struct comps_dialect *d, int64_t entry, int64_t system,
		 struct error *err)
{
	struct comps_job j = {.db = db, .d = d, .entry = entry, .system = system};

	if (!find_undone(o, d->origin, &j))
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		struct strlist ids = {0};
		int rc;

		j.kind = &kinds[i];
		rc = has_tables(&j, err);
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

/* --- what dnf 5 has in files besides ---------------------------------------------------------------- */

/* Members that make up the state: packages that are there, groups that are no mere offer (of type 8). */
static int list_members(struct histdb *db, bool environments, int64_t item,
			struct strlist *ret, struct error *err)
{
	static const char *const members[] = {
		"SELECT n.name FROM comps_group_package p JOIN pkg_name n ON n.id = "
		"p.name_id WHERE p.group_id = ? AND p.installed = 1 ORDER BY p.id",
		"SELECT groupid FROM comps_environment_group WHERE environment_id = ? AND "
		"group_type <> 8 ORDER BY id"};
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	if (histdb_prepare(db, members[environments], &stmt, err) < 0)
		return -1;
	sqlite3_bind_int64(stmt, 1, item);
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		const unsigned char *name = sqlite3_column_text(stmt, 0);

		if (name)
			strlist_add(ret, (const char *)name);
	}
	return rc;
}

int record_comps_last(struct histdb *db, bool environments,
		      void (*each)(void *ctx, const struct comps_item *item), void *ctx,
		      struct error *err)
{
	const struct comps_job j = {.db = db, .kind = &kinds[environments]};
	cleanup_free char *sql = xasprintf(
		"SELECT g.%s, a.name = 'Remove', w.name = 'User', g.pkg_types, ti.item_id "
		"FROM trans_item ti JOIN %s g USING(item_id) JOIN trans_item_action a ON "
		"a.id = ti.action_id JOIN trans_item_reason w ON w.id = ti.reason_id WHERE "
		"ti.trans_id = (SELECT max(id) FROM trans) ORDER BY ti.id",
		j.kind->id, j.kind->table);
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	struct arena mem = {0};
	int rc = has_tables(&j, err);

	if (rc <= 0)
		return rc;
	if (histdb_prepare(db, sql, &stmt, err) < 0)
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct comps_item item = {.id = histdb_text(&mem, stmt, 0),
					  .removed = sqlite3_column_int(stmt, 1),
					  .is_users = sqlite3_column_int(stmt, 2),
					  .types = sqlite3_column_int64(stmt, 3)};
		int64_t number = sqlite3_column_int64(stmt, 4);

		rc = list_members(db, environments, number, &item.members, err);
		if (rc == 0)
			each(ctx, &item);
		strlist_release(&item.members);
		if (rc < 0)
			break;
	}
	arena_release(&mem);
	return rc;
}
