/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * An entry in dnf 4's history: what libdnf's swdb writes for the same steps (libdnf/transaction/
 * Transaction.cpp, TransactionItem.cpp; the pairs and who replaces whom are dnf/db/group.py's). A reason is
 * looked up as libdnf does, by the last entry that tells, but for this very version.
 */
#include <string.h>

#include "history/record.h"
#include "history/record_comps.h"
#include "history/recordsql.h"

static const char *const places[] = {"var/lib/dnf/history.sqlite",
				     "usr/lib/sysimage/dnf/history.sqlite", NULL};
static const char *const tables[] = {"config", "trans", "trans_item",	    "item",
				     "rpm",    "repo",	"item_replaced_by", NULL};

/* libdnf's TransactionItemAction and the like */
enum {
	INSTALL = 1,
	DOWNGRADE,
	DOWNGRADED,
	UPGRADE = 6,
	UPGRADED,
	REMOVE,
	REINSTALL,
	REINSTALLED
};
enum { REASON_USER = 2, STATE_DONE = 1, PERSISTENT = 1 };

static int check(struct histdb *db, struct error *err)
{
	static const char *const known[] = {"1.1", "1.2", "1.3", NULL};
	struct arena mem = {0};
	const char *version = histdb_version(db, known, &mem, err);

	arena_release(&mem);
	return version ? 0 : -1;
}

/* Since 1.3 an entry says whether a restart of the machine leaves it as it is. */
static int say_persistent(struct histdb *db, int64_t trans, struct error *err)
{
	int64_t tells = 0;

	if (recordsql_ask(db, &tells, err,
			  "SELECT value = '1.3' FROM config WHERE key = 'version'",
			  "") < 0)
		return -1;
	return tells ? recordsql_do(db, err,
				    "UPDATE trans SET persistence = ? WHERE id = ?", "ii",
				    (int64_t)PERSISTENT, trans)
		     : 0;
}

static int add_trans(struct histdb *db, const struct record_order *o, int64_t *ret,
		     struct error *err)
{
	if (recordsql_do(
		    db, err,
		    "INSERT INTO trans(dt_begin, dt_end, rpmdb_version_begin, "
		    "rpmdb_version_end, releasever, user_id, cmdline, state) VALUES(?, ?, ?, "
		    "?, ifnull((SELECT releasever FROM trans ORDER BY id DESC LIMIT 1), ''), "
		    "0, ?, 1)",
		    "iisss", o->begin, o->end, o->cookie_begin, o->cookie_end,
		    o->command) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return say_persistent(db, *ret, err);
}

static int repo(struct histdb *db, const char *name, int64_t *ret, struct error *err)
{
	int rc = recordsql_ask(db, ret, err, "SELECT id FROM repo WHERE repoid = ?", "s",
			       name);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (recordsql_do(db, err, "INSERT INTO repo(repoid) VALUES(?)", "s", name) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return 0;
}

static int package(struct histdb *db, const struct nevra *n, int64_t *ret,
		   struct error *err)
{
	int64_t epoch = n->epoch > 0 ? n->epoch : 0;
	int rc = recordsql_ask(db, ret, err,
			       "SELECT item_id FROM rpm WHERE name = ? AND epoch = ? AND "
			       "version = ? AND release = ? AND arch = ?",
			       "sisss", n->name, epoch, n->version, n->release, n->arch);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (recordsql_do(
		    db, err,
		    "INSERT INTO item(item_type) VALUES(ifnull((SELECT item_type FROM item "
		    "JOIN rpm ON item_id = id LIMIT 1), 0))",
		    "") < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(db->db);
	return recordsql_do(db, err, "INSERT INTO rpm VALUES(?, ?, ?, ?, ?, ?)", "isisss",
			    *ret, n->name, epoch, n->version, n->release, n->arch);
}

/* Why this version was there; a removal has a reason of its own. Else why its name is. */
static int reason(struct histdb *db, int64_t item, const struct nevra *n, int64_t *ret,
		  struct error *err)
{
	int rc = recordsql_ask(db, ret, err,
			       "SELECT reason FROM trans_item WHERE item_id = ? AND "
			       "action <> 8 AND reason > 0 ORDER BY id DESC LIMIT 1",
			       "i", item);

	if (rc == 0)
		rc = recordsql_ask(
			db, ret, err,
			"SELECT reason FROM trans_item JOIN rpm USING(item_id) "
			"WHERE name = ? AND arch = ? AND action NOT IN (3, 5, 7, 8, 10) "
			"AND reason > 0 ORDER BY trans_id DESC LIMIT 1",
			"ss", n->name, n->arch);
	if (rc == 0)
		*ret = REASON_USER;
	return rc < 0 ? -1 : 0;
}

/* Where this version came from when it was there last. */
static int origin(struct histdb *db, int64_t item, int64_t *ret, struct error *err)
{
	int rc = recordsql_ask(
		db, ret, err,
		"SELECT repo_id FROM trans_item WHERE item_id = ? AND action IN "
		"(1, 2, 4, 6, 9) AND repo_id NOT NULL ORDER BY id DESC LIMIT 1",
		"i", item);

	return rc ? (rc < 0 ? -1 : 0) : repo(db, "putback", ret, err);
}

struct entry {
	struct histdb *db;
	int64_t id, system; /* of the entry, of the repository of installed packages */
};

/* What the user marked a package as since it came, which goes for the version that follows as well. */
static int marked(struct histdb *db, const struct nevra *n, int64_t *ret,
		  struct error *err)
{
	int64_t item = 0;

	if (package(db, n, &item, err) < 0)
		return -1;
	return recordsql_ask(db, ret, err,
			     "SELECT nullif(reason * (action = 11), 0) FROM trans_item "
			     "WHERE item_id = ? AND action IN (1, 2, 4, 6, 9, 11) "
			     "ORDER BY id DESC LIMIT 1",
			     "i", item);
}

/* before: what goes for it, or NULL */
static int add_item(struct entry *e, const struct nevra *n, const struct pkg *before,
		    int action, bool comes, int64_t *ret, struct error *err)
{
	int64_t item = 0, why = 0, from = e->system;

	if (package(e->db, n, &item, err) < 0 || reason(e->db, item, n, &why, err) < 0 ||
	    (before && marked(e->db, &before->id, &why, err) < 0) ||
	    (comes && origin(e->db, item, &from, err) < 0) ||
	    recordsql_do(
		    e->db, err,
		    "INSERT INTO trans_item(trans_id, item_id, repo_id, action, reason, "
		    "state) VALUES(?, ?, ?, ?, ?, ?)",
		    "iiiiii", e->id, item, from, (int64_t)action, why,
		    (int64_t)STATE_DONE) < 0)
		return -1;
	*ret = sqlite3_last_insert_rowid(e->db->db);
	return 0;
}

static int add_step(struct entry *e, const struct record_step *s, struct error *err)
{
	static const int actions[][2] = {
		[CHANGE_DOWNGRADE] = {DOWNGRADE, DOWNGRADED},
		[CHANGE_UPGRADE] = {UPGRADE, UPGRADED},
		[CHANGE_REINSTALL] = {REINSTALL, REINSTALLED},
		[CHANGE_INSTALL] = {INSTALL, 0},
		[CHANGE_REMOVE] = {0, REMOVE},
	};
	int64_t came = 0, went = 0;

	if (s->came &&
	    add_item(e, &s->came->id, s->went, actions[s->kind][0], true, &came, err) < 0)
		return -1;
	if (s->went &&
	    add_item(e, &s->went->id, NULL, actions[s->kind][1], false, &went, err) < 0)
		return -1;
	if (!came || !went)
		return 0;
	return recordsql_do(e->db, err, "INSERT INTO item_replaced_by VALUES(?, ?)", "ii",
			    went, came);
}

/* libdnf/transaction/Types.hpp */
static const struct comps_dialect comps = {
	.origin = "dnf4",
	.action = "action",
	.reason = "reason",
	.state = "state",
	.no_state = "3, 5, 7, 10",
	.install = 1,
	.remove = 8,
	.done = 1,
	.new_item = "INSERT INTO item(item_type) SELECT item_type FROM item WHERE id = ?",
	.member = "name"};

static int write(struct histdb *db, const struct record_order *o, struct error *err)
{
	struct entry e = {.db = db};
	struct record_steps steps = {0};
	int rc = 0;

	if (recordsql_do(db, err, "BEGIN", "") < 0 || add_trans(db, o, &e.id, err) < 0 ||
	    repo(db, "@System", &e.system, err) < 0)
		return -1;
	record_steps(o->changes, &steps);
	for (uint32_t i = 0; i < steps.n && rc == 0; i++)
		rc = add_step(&e, &steps.v[i], err);
	array_release(&steps);
	if (rc == 0)
		rc = record_comps(db, o, &comps, e.id, e.system, err);
	return rc < 0 ? -1 : recordsql_do(db, err, "COMMIT", "");
}

const struct record_ops record_dnf4 = {.tool = "dnf 4",
				       .places = places,
				       .tables = tables,
				       .check = check,
				       .write = write};
