/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * An entry in dnf 5's history, by libdnf5's schema (libdnf5/transaction/db). What goes for another version is
 * "Replaced", in no relation to it; numbers of actions and the like are found by their names.
 */
#include "history/record.h"
#include "history/record_comps.h"
#include "history/recordsql.h"

static const char *const places[] = {
	"usr/lib/sysimage/libdnf5/transaction_history.sqlite",
	"usr/lib/sysimage/dnf/transaction_history.sqlite", NULL};
static const char *const tables[] = {"config",
				     "trans",
				     "trans_state",
				     "trans_item",
				     "trans_item_action",
				     "trans_item_state",
				     "rpm",
				     "trans_item_reason",
				     "pkg_name",
				     "arch",
				     "repo",
				     "item",
				     NULL};

static int check(struct histdb *db, struct error *err)
{
	static const char *const known[] = {"1.0", "1.1", NULL};
	struct arena mem = {0};
	const char *version = histdb_version(db, known, &mem, err);

	arena_release(&mem);
	return version ? 0 : -1;
}

/* The number of a name in a table of names, which is added where it is new. */
static int named(struct histdb *db, const char *table, const char *column,
		 const char *name, int64_t *ret, struct error *err)
{
	cleanup_free char *find =
		xasprintf("SELECT id FROM %s WHERE %s = ?", table, column);
	cleanup_free char *add = xasprintf("INSERT INTO %s(%s) VALUES(?)", table, column);
	int rc = recordsql_ask(db, ret, err, find, "s", name);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (recordsql_do(db, err, add, "s", name) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return 0;
}

static int add_trans(struct histdb *db, const struct record_order *o, int64_t *ret,
		     struct error *err)
{
	if (recordsql_do(
		    db, err,
		    "INSERT INTO trans(dt_begin, dt_end, rpmdb_version_begin, "
		    "rpmdb_version_end, releasever, user_id, description, comment, "
		    "state_id) VALUES(?, ?, ?, ?, ifnull((SELECT releasever FROM trans "
		    "ORDER BY id DESC LIMIT 1), ''), 0, ?, '', "
		    "(SELECT id FROM trans_state WHERE name = 'Ok'))",
		    "iisss", o->begin, o->end, o->cookie_begin, o->cookie_end,
		    o->command) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return 0;
}

static int package(struct histdb *db, const struct nevra *n, int64_t *ret,
		   struct error *err)
{
	int64_t epoch = n->epoch > 0 ? n->epoch : 0, name = 0, arch = 0;
	int rc;

	if (named(db, "pkg_name", "name", n->name, &name, err) < 0 ||
	    named(db, "arch", "name", n->arch, &arch, err) < 0)
		return -1;
	rc = recordsql_ask(db, ret, err,
			   "SELECT item_id FROM rpm WHERE name_id = ? AND epoch = ? AND "
			   "version = ? AND release = ? AND arch_id = ?",
			   "iissi", name, epoch, n->version, n->release, arch);
	if (rc)
		return rc < 0 ? -1 : 0;
	if (recordsql_do(db, err, "INSERT INTO item DEFAULT VALUES", "") < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return recordsql_do(db, err, "INSERT INTO rpm VALUES(?, ?, ?, ?, ?, ?)", "iiissi",
			    *ret, name, epoch, n->version, n->release, arch);
}

/* Why this version was there, in the words of a number; a removal has a reason of its own. */
static int reason(struct histdb *db, int64_t item, int64_t *ret, struct error *err)
{
	int rc = recordsql_ask(
		db, ret, err,
		"SELECT ti.reason_id FROM trans_item ti JOIN trans_item_action a ON "
		"a.id = ti.action_id WHERE ti.item_id = ? AND a.name <> 'Remove' AND "
		"ti.reason_id > 0 ORDER BY ti.id DESC LIMIT 1",
		"i", item);

	return rc ? (rc < 0 ? -1 : 0)
		  : named(db, "trans_item_reason", "name", "User", ret, err);
}

/* What the user marked a package as since it came, which goes for the version that follows as well. */
static int marked(struct histdb *db, const struct nevra *n, int64_t *ret,
		  struct error *err)
{
	int64_t item = 0;

	if (package(db, n, &item, err) < 0)
		return -1;
	return recordsql_ask(
		db, ret, err,
		"SELECT nullif(ti.reason_id * (a.name = 'Reason Change'), 0) FROM trans_item ti "
		"JOIN trans_item_action a ON a.id = ti.action_id WHERE ti.item_id = ? AND "
		"a.name NOT IN ('Replaced', 'Remove') ORDER BY ti.id DESC LIMIT 1",
		"i", item);
}

static int origin(struct histdb *db, int64_t item, int64_t *ret, struct error *err)
{
	int rc = recordsql_ask(
		db, ret, err,
		"SELECT ti.repo_id FROM trans_item ti JOIN trans_item_action a ON "
		"a.id = ti.action_id WHERE ti.item_id = ? AND a.name IN "
		"('Install', 'Upgrade', 'Downgrade', 'Reinstall') AND ti.repo_id NOT NULL "
		"ORDER BY ti.id DESC LIMIT 1",
		"i", item);

	return rc ? (rc < 0 ? -1 : 0) : named(db, "repo", "repoid", "putback", ret, err);
}

/* before: what goes for it, or NULL */
static int add_item(struct histdb *db, int64_t entry, const struct nevra *n,
		    const struct pkg *before, const char *action, bool comes,
		    struct error *err)
{
	int64_t item = 0, why = 0, from = 0, what = 0, ok = 0;

	if (package(db, n, &item, err) < 0 || reason(db, item, &why, err) < 0 ||
	    (before && marked(db, &before->id, &why, err) < 0) ||
	    (comes ? origin(db, item, &from, err)
		   : named(db, "repo", "repoid", "@System", &from, err)) < 0 ||
	    named(db, "trans_item_action", "name", action, &what, err) < 0 ||
	    named(db, "trans_item_state", "name", "Ok", &ok, err) < 0)
		return -1;
	return recordsql_do(
		db, err,
		"INSERT INTO trans_item(trans_id, item_id, repo_id, action_id, "
		"reason_id, state_id) VALUES(?, ?, ?, ?, ?, ?)",
		"iiiiii", entry, item, from, what, why, ok);
}

/* Groups and environments; numbers, for their names, are those of the database. */
static int add_comps(struct histdb *db, const struct record_order *o, int64_t entry,
		     struct error *err)
{
	struct comps_dialect d = {
		.origin = "dnf5",
		.action = "action_id",
		.reason = "reason_id",
		.state = "state_id",
		.no_state = "SELECT id FROM trans_item_action WHERE name = 'Replaced'",
		.new_item = "INSERT INTO item SELECT NULL WHERE ? > 0",
		.member = "name_id"};
	int64_t system = 0;

	if (named(db, "trans_item_action", "name", "Install", &d.install, err) < 0 ||
	    named(db, "trans_item_action", "name", "Remove", &d.remove, err) < 0 ||
	    named(db, "trans_item_state", "name", "Ok", &d.done, err) < 0 ||
	    named(db, "repo", "repoid", "@System", &system, err) < 0)
		return -1;
	return record_comps(db, o, &d, entry, system, err);
}

static int write(struct histdb *db, const struct record_order *o, struct error *err)
{
	static const char *const actions[] = {
		[CHANGE_DOWNGRADE] = "Downgrade", [CHANGE_UPGRADE] = "Upgrade",
		[CHANGE_REINSTALL] = "Reinstall", [CHANGE_INSTALL] = "Install",
		[CHANGE_REMOVE] = "Remove",
	};
	struct record_steps steps = {0};
	int64_t id = 0;
	int rc = 0;

	if (recordsql_do(db, err, "BEGIN", "") < 0 || add_trans(db, o, &id, err) < 0)
		return -1;
	record_steps(o->changes, &steps);
	for (uint32_t i = 0; i < steps.n && rc == 0; i++) {
		const struct record_step *s = &steps.v[i];

		if ((s->came && add_item(db, id, &s->came->id, s->went, actions[s->kind],
					 true, err) < 0) ||
		    (s->went &&
		     add_item(db, id, &s->went->id, NULL, s->came ? "Replaced" : "Remove",
			      false, err) < 0))
			rc = -1;
	}
	array_release(&steps);
	if (rc == 0)
		rc = add_comps(db, o, id, err);
	return rc < 0 ? -1 : recordsql_do(db, err, "COMMIT", "");
}

const struct record_ops record_dnf5 = {.tool = "dnf 5",
				       .places = places,
				       .tables = tables,
				       .check = check,
				       .write = write,
				       .has_state = true};
