/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 5: transaction_history.sqlite in the system's state folder (libdnf5/transaction/db/sql/
 * create_tables.sql). Actions, states and reasons are names in tables of their own, by which
 * libdnf5 itself goes. What a package takes the place of is only "Replaced": by what follows from
 * the others of the same entry.
 */
#include <inttypes.h>
#include <string.h>

#include "history/comps.h"
#include "history/histdb.h"
#include "history/history.h"

/* the second until libdnf5 5.0.3 */
static const char *const places[] = {
	"usr/lib/sysimage/libdnf5/transaction_history.sqlite",
	"usr/lib/sysimage/dnf/transaction_history.sqlite", NULL};

static bool is_putback(const char *command, const char *comment)
{
	return !strcmp(command, "putback") || !strncmp(command, "putback ", 8) ||
	       !strncmp(comment, "putback ", 8);
}

static int read_entries(struct histdb *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	if (histdb_prepare(db,
			   "SELECT t.id, t.dt_begin, t.dt_end, s.name, t.user_id, "
			   "t.description, t.comment FROM trans t "
			   "LEFT JOIN trans_state s ON s.id = t.state_id ORDER BY t.id",
			   &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_add(h, &dnf5_ops, sqlite3_column_int64(stmt, 0));
		const char *state = histdb_text(&h->mem, stmt, 3);

		e->begin = sqlite3_column_int64(stmt, 1);
		e->end = sqlite3_column_int64(stmt, 2);
		e->state = !strcmp(state, "Error")	    ? ENTRY_FAILED
			   : !strcmp(state, "Ok") && e->end ? ENTRY_DONE
							    : ENTRY_UNFINISHED;
		e->user = histdb_user(&h->mem, sqlite3_column_int64(stmt, 4));
		e->command = histdb_text(&h->mem, stmt, 5);
		e->comment = histdb_text(&h->mem, stmt, 6);
		e->complete = true;
		e->putback = is_putback(e->command, e->comment);
	}
	return rc;
}

static const struct {
	const char *name;
	enum item_action action;
} actions[] = {
	{"Install", ITEM_INSTALL},
	{"Upgrade", ITEM_UPGRADE},
	{"Downgrade", ITEM_DOWNGRADE},
	{"Reinstall", ITEM_REINSTALL},
	{"Remove", ITEM_REMOVE},
	{"Replaced", ITEM_OBSOLETED},
	{"Reason Change", ITEM_REASON_CHANGE},
};

static int action_of(const char *name, enum item_action *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(actions); i++)
		if (!strcmp(actions[i].name, name)) {
			*ret = actions[i].action;
			return 0;
		}
	return -1;
}

static const char *reason_of(struct arena *mem, const char *name)
{
	char *s;

	if (!strcmp(name, "None"))
		return "";
	s = arena_strdup(mem, name);
	for (char *p = s; *p; p++)
		*p = *p == ' ' ? '-' : *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return s;
}

static int read_items(struct histdb *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	uint32_t at = 0;
	int rc;

	/* what has no row in rpm is a group or an environment */
	if (histdb_prepare(
		    db,
		    "SELECT ti.trans_id, ti.id, a.name, s.name, w.name, n.name, "
		    "r.epoch, r.version, r.release, c.name, p.repoid FROM trans_item ti "
		    "JOIN rpm r ON r.item_id = ti.item_id "
		    "JOIN pkg_name n ON n.id = r.name_id JOIN arch c ON c.id = r.arch_id "
		    "LEFT JOIN trans_item_action a ON a.id = ti.action_id "
		    "LEFT JOIN trans_item_state s ON s.id = ti.state_id "
		    "LEFT JOIN trans_item_reason w ON w.id = ti.reason_id "
		    "LEFT JOIN repo p ON p.id = ti.repo_id ORDER BY ti.trans_id, ti.id",
		    &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_seek(h, &at, sqlite3_column_int64(stmt, 0));
		const char *name = histdb_text(&h->mem, stmt, 2);
		struct history_item *item;
		enum item_action action;

		if (!e)
			continue; /* of one that is no more */
		if (action_of(name, &action) < 0)
			return histdb_damaged(err,
					      "item %" PRId64 " of entry %" PRId64
					      " has an unknown action, '%s'",
					      (int64_t)sqlite3_column_int64(stmt, 1),
					      e->id, name);
		item = history_add_item(e);
		item->action = action;
		item->failed = !strcmp(histdb_text(&h->mem, stmt, 3), "Error");
		item->reason = reason_of(&h->mem, histdb_text(&h->mem, stmt, 4));
		histdb_nevra(&h->mem, stmt, 5, &item->id);
		item->repo = histdb_text(&h->mem, stmt, 10);
		if (!strcmp(item->repo, "@System"))
			item->repo = "";
	}
	return rc;
}

static int by_name(const void *pa, const void *pb)
{
	const struct history_item *a = *(const struct history_item *const *)pa;
	const struct history_item *b = *(const struct history_item *const *)pb;

	return strcmp(a->id.name, b->id.name);
}

/* What stands for a package that was replaced by another version of itself. */
static enum item_action replaced_as(enum item_action came)
{
	return came == ITEM_UPGRADE	? ITEM_UPGRADED
	       : came == ITEM_DOWNGRADE ? ITEM_DOWNGRADED
	       : came == ITEM_REINSTALL ? ITEM_REINSTALLED
					: ITEM_OBSOLETED;
}

static void tell_replaced(struct history_entry *e)
{
	ARRAY(struct history_item *) sorted = {0};

	for (uint32_t i = 0; i < e->items.n; i++)
		array_add(&sorted, &e->items.v[i]);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_name);
	for (uint32_t i = 0, end; i < sorted.n; i = end) {
		enum item_action came = ITEM_INSTALL;

		for (end = i; end < sorted.n && !by_name(&sorted.v[i], &sorted.v[end]);
		     end++)
			if (replaced_as(sorted.v[end]->action) != ITEM_OBSOLETED)
				came = sorted.v[end]->action;
		for (uint32_t k = i; k < end; k++)
			if (sorted.v[k]->action == ITEM_OBSOLETED)
				sorted.v[k]->action = replaced_as(came);
	}
	array_release(&sorted);
}

static int read_db(struct histdb *db, struct history *h, struct error *err)
{
	static const char *const known[] = {"1.0", "1.1", NULL};

	if (!histdb_version(db, known, &h->mem, err) || read_entries(db, h, err) < 0 ||
	    read_items(db, h, err) < 0 || comps_mark(db, h, err) < 0)
		return -1;
	for (uint32_t i = 0; i < h->entries.n; i++)
		tell_replaced(&h->entries.v[i]);
	return 0;
}

static int dnf5_read(struct root *r, const struct pkgset *installed _unused_,
		     struct history *h, struct error *err)
{
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
					     NULL};
	cleanup_histdb struct histdb db = {0};
	int rc = histdb_open_first(r, places, tables, &h->quota, &db, err);

	if (rc < 0)
		return err_prefix(err, "dnf 5's history");
	if (rc == 0)
		return 0;
	if (read_db(&db, h, err) < 0)
		return err_prefix(err, "dnf 5's history '%s'", db.path);
	return h->entries.n > 0;
}

const struct history_ops dnf5_ops = {
	.origin = "dnf5", .numbered = true, .read = dnf5_read};
