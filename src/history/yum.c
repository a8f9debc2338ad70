/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * yum 3: var/lib/yum/history/history-DATE.sqlite (yum/history.py). Of several the last is the one
 * that yum goes on with; entries of the others are numbered from 1 as well, and go by the file's
 * date: yum-2016-07-25:3. An entry without a row in trans_end was cut off.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/strmap.h"
#include "history/histdb.h"
#include "history/history.h"

#define FOLDER "var/lib/yum/history"
#define PREFIX "history-"
#define SUFFIX ".sqlite"

/* "history-2016-07-25.sqlite": the length of its date, else 0 */
static size_t date_length(const char *name)
{
	size_t n = strlen(name), prefix = strlen(PREFIX), suffix = strlen(SUFFIX), date;

	if (n <= prefix + suffix || strncmp(name, PREFIX, prefix) ||
	    strcmp(name + n - suffix, SUFFIX))
		return 0;
	date = n - prefix - suffix;
	return strspn(name + prefix, "0123456789-") == date ? date : 0;
}

static int read_entries(struct histdb *db, const char *origin, struct history *h,
			struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int rc;

	if (histdb_prepare(db,
			   "SELECT b.tid, b.timestamp, e.timestamp, e.return_code, "
			   "b.loginuid, c.cmdline FROM trans_beg b "
			   "LEFT JOIN trans_end e ON e.tid = b.tid "
			   "LEFT JOIN trans_cmdline c ON c.tid = b.tid "
			   "GROUP BY b.tid ORDER BY b.tid",
			   &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_add(h, &yum_ops, sqlite3_column_int64(stmt, 0));

		e->origin = origin;
		e->begin = sqlite3_column_int64(stmt, 1);
		e->end = sqlite3_column_int64(stmt, 2);
		e->state = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? ENTRY_UNFINISHED
			   : sqlite3_column_int(stmt, 3)	       ? ENTRY_FAILED
								       : ENTRY_DONE;
		if (sqlite3_column_type(stmt, 4) != SQLITE_NULL)
			e->user = histdb_user(&h->mem, sqlite3_column_int64(stmt, 4));
		e->command = histdb_text(&h->mem, stmt, 5);
		e->complete = true;
	}
	return rc;
}

static const struct {
	const char *name;
	enum item_action action;
} states[] = {
	{"Install", ITEM_INSTALL},	 {"True-Install", ITEM_INSTALL},
	{"Dep-Install", ITEM_INSTALL},	 {"Update", ITEM_UPGRADE},
	{"Updated", ITEM_UPGRADED},	 {"Erase", ITEM_REMOVE},
	{"Reinstall", ITEM_REINSTALL},	 {"Downgrade", ITEM_DOWNGRADE},
	{"Downgraded", ITEM_DOWNGRADED}, {"Obsoleting", ITEM_OBSOLETE},
	{"Obsoleted", ITEM_OBSOLETED},
};

static int action_of(const char *state, enum item_action *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(states); i++)
		if (!strcmp(states[i].name, state)) {
			*ret = states[i].action;
			return 0;
		}
	return -1;
}

/* Columns that the yum of then did not keep yet are "". */
static const char items_with_origin[] =
	"SELECT d.tid, d.state, d.done, p.name, p.epoch, p.version, p.release, p.arch, "
	"(SELECT yumdb_val FROM pkg_yumdb y WHERE y.pkgtupid = d.pkgtupid "
	"AND yumdb_key = 'from_repo'), "
	"(SELECT yumdb_val FROM pkg_yumdb y WHERE y.pkgtupid = d.pkgtupid "
	"AND yumdb_key = 'reason') "
	"FROM trans_data_pkgs d JOIN pkgtups p ON p.pkgtupid = d.pkgtupid "
	"ORDER BY d.tid, d.rowid";
static const char items_alone[] =
	"SELECT d.tid, d.state, d.done, p.name, p.epoch, p.version, p.release, p.arch, "
	"'', '' FROM trans_data_pkgs d JOIN pkgtups p ON p.pkgtupid = d.pkgtupid "
	"ORDER BY d.tid, d.rowid";

static const char *reason_of(const char *kept, const char *state)
{
	if (!strcmp(kept, "dep") || !strcmp(state, "Dep-Install"))
		return "dependency";
	return !strcmp(kept, "user") || !strcmp(state, "Install") ||
			       !strcmp(state, "True-Install")
		       ? "user"
		       : "";
}

static int read_items(struct histdb *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	int has_yumdb = histdb_has_table(db, "pkg_yumdb", err), rc;
	uint32_t at = 0;

	if (has_yumdb < 0 ||
	    histdb_prepare(db, has_yumdb ? items_with_origin : items_alone, &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_seek(h, &at, sqlite3_column_int64(stmt, 0));
		const char *state = histdb_text(&h->mem, stmt, 1);
		struct history_item *item;
		enum item_action action;

		if (!e)
			continue; /* of one that is no more */
		if (action_of(state, &action) < 0)
			return histdb_damaged(err,
					      "a package of entry %" PRId64
					      " is in an unknown state, '%s'",
					      e->id, state);
		item = history_add_item(e);
		item->action = action;
		item->failed = e->state != ENTRY_DONE &&
			       strcmp(histdb_text(&h->mem, stmt, 2), "TRUE");
		histdb_nevra(&h->mem, stmt, 3, &item->id);
		item->repo = histdb_text(&h->mem, stmt, 8);
		item->reason = reason_of(histdb_text(&h->mem, stmt, 9), state);
	}
	return rc;
}

/* The one that a reinstallation removes is an "Erase" of the same package. */
static void tell_reinstalled(struct history_entry *e)
{
	struct strmap came = {0};
	struct arena mem = {0};

	for (uint32_t i = 0; i < e->items.n; i++)
		if (e->items.v[i].action == ITEM_REINSTALL)
			strmap_set(&came, nevra_key(&mem, &e->items.v[i].id), i);
	for (uint32_t i = 0; i < e->items.n && came.n; i++)
		if (e->items.v[i].action == ITEM_REMOVE &&
		    strmap_get(&came, nevra_key(&mem, &e->items.v[i].id), NULL))
			e->items.v[i].action = ITEM_REINSTALLED;
	strmap_release(&came);
	arena_release(&mem);
}

static int read_file(struct root *r, const char *name, const char *origin,
		     struct history *h, struct error *err)
{
	static const char *const tables[] = {"trans_beg",     "trans_end",
					     "trans_cmdline", "trans_data_pkgs",
					     "pkgtups",	      NULL};
	cleanup_free char *path = xasprintf("%s/%s", FOLDER, name);
	cleanup_histdb struct histdb db = {0};
	struct history part = {0};
	int rc = histdb_open(r, path, tables, &h->quota, &db, err);

	if (rc < 0)
		return err_prefix(err, "yum's history");
	if (rc > 0 && (read_entries(&db, origin, &part, err) < 0 ||
		       read_items(&db, &part, err) < 0))
		rc = err_prefix(err, "yum's history '%s'", db.path);
	for (uint32_t i = 0; i < part.entries.n && rc > 0; i++) {
		tell_reinstalled(&part.entries.v[i]);
		array_add(&h->entries, part.entries.v[i]);
	}
	if (rc > 0)
		part.entries.n = 0;
	arena_take(&h->mem, &part.mem);
	history_release(&part);
	return rc < 0 ? -1 : 0;
}

static int list_files(struct root *r, struct strlist *ret, struct error *err)
{
	cleanup_free char *folder = NULL;
	struct strlist all = {0};
	int rc = 0;

	if (root_resolve(r, FOLDER, true, &folder, err) < 0)
		return -1;
	if (root_list(r, folder, &all) < 0)
		rc = errno == ENOENT ? 0 : err_errno(err, "cannot read '%s'", folder);
	for (uint32_t i = 0; i < all.n; i++)
		if (date_length(all.v[i]))
			strlist_add(ret, all.v[i]);
	strlist_sort_unique(ret);
	strlist_release(&all);
	return rc;
}

static int yum_read(struct root *r, const struct pkgset *installed _unused_,
		    struct history *h, struct error *err)
{
	struct strlist files = {0};
	int rc = list_files(r, &files, err);

	if (rc < 0)
		err_prefix(err, "yum's history");
	for (uint32_t i = 0; i < files.n && rc == 0; i++) {
		const char *date = files.v[i] + strlen(PREFIX);
		const char *origin =
			i + 1 == files.n
				? yum_ops.origin
				: arena_printf(&h->mem, "%s-%.*s", yum_ops.origin,
					       (int)date_length(files.v[i]), date);

		rc = read_file(r, files.v[i], origin, h, err);
	}
	strlist_release(&files);
	return rc < 0 ? -1 : h->entries.n > 0;
}

const struct history_ops yum_ops = {.origin = "yum", .numbered = true, .read = yum_read};
