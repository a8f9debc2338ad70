/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/comps.h"

int comps_mark(struct histdb *db, struct history *h, struct error *err)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	uint32_t at = 0;
	int rc;

	if (histdb_prepare(
		    db,
		    "SELECT DISTINCT trans_id FROM trans_item WHERE item_id NOT IN "
		    "(SELECT item_id FROM rpm) ORDER BY trans_id",
		    &stmt, err))
		return -1;
	while ((rc = histdb_step(db, stmt, err)) > 0) {
		struct history_entry *e =
			history_seek(h, &at, sqlite3_column_int64(stmt, 0));

		if (e)
			e->has_groups = true;
	}
	return rc;
}
