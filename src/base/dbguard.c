/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/dbguard.h"

#include <sqlite3.h>

#include "base/buf.h"

#define STEPS_BETWEEN 10000

void dbguard_settle(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW /* 3.30 */
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA /* 3.31 */
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
	/* a flag of the connection, which reads nothing */
	sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
}

static int look(void *ctx)
{
	struct dbguard *g = ctx;

	g->steps += STEPS_BETWEEN;
	return g->steps > g->most || (g->stop && g->stop(g->ctx));
}

void dbguard_watch(sqlite3 *db, struct dbguard *g)
{
	sqlite3_progress_handler(db, STEPS_BETWEEN, look, g);
}

int dbguard_err(const struct dbguard *g, struct error *err)
{
	if (g->steps > g->most)
		return err_set(
			err, ERR_FAILED,
			"it takes longer to read than anything that a package manager writes");
	return err_set(err, ERR_FAILED, "stopped, as asked for");
}

int dbguard_find_computed(sqlite3 *db, const struct dbguard *g, char **ret,
			  struct error *err)
{
	static const char *const kinds[] = {
		"SELECT name || ' is a virtual table' FROM sqlite_master"
		" WHERE type = 'table' AND rootpage = 0",
		"SELECT m.name || '.' || x.name || ' is computed' FROM sqlite_master m, pragma_table_xinfo(m.name) x"
		" WHERE m.type = 'table' AND (x.hidden > 1 OR x.dflt_value LIKE '%(%')",
		"SELECT m.name || ' is computed' FROM sqlite_master m, pragma_index_xinfo(m.name) x"
		" WHERE m.type = 'index' AND (x.cid = -2 OR m.sql LIKE '%WHERE%')",
	};
	int rc = SQLITE_DONE;

	for (size_t i = 0; i < ELEMENTSOF(kinds) && rc == SQLITE_DONE; i++) {
		sqlite3_stmt *s = NULL;

		rc = sqlite3_prepare_v2(db, kinds[i], -1, &s, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite3_step(s);
		if (rc == SQLITE_ROW)
			*ret = xstrdup((const char *)sqlite3_column_text(s, 0) ?: "?");
		else if (rc == SQLITE_INTERRUPT)
			dbguard_err(g, err);
		else if (rc != SQLITE_DONE)
			err_set(err, ERR_FAILED, "damaged: %s", sqlite3_errmsg(db));
		sqlite3_finalize(s);
	}
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}
