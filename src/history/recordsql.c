/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/recordsql.h"

static int prepare(struct histdb *db, const char *sql, const char *types, va_list ap,
		   sqlite3_stmt **ret, struct error *err)
{
	if (histdb_prepare(db, sql, ret, err) < 0)
		return -1;
	for (int i = 1; *types; types++, i++) {
		if (*types == 'i')
			sqlite3_bind_int64(*ret, i, va_arg(ap, int64_t));
		else
			sqlite3_bind_text(*ret, i, va_arg(ap, const char *), -1,
					  SQLITE_TRANSIENT);
	}
	return 0;
}

int recordsql_do(struct histdb *db, struct error *err, const char *sql, const char *types,
		 ...)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare(db, sql, types, ap, &stmt, err);
	va_end(ap);
	return rc < 0 || histdb_step(db, stmt, err) < 0 ? -1 : 0;
}

int recordsql_ask(struct histdb *db, int64_t *ret, struct error *err, const char *sql,
		  const char *types, ...)
{
	cleanup_stmt sqlite3_stmt *stmt = NULL;
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = prepare(db, sql, types, ap, &stmt, err);
	va_end(ap);
	if (rc == 0)
		rc = histdb_step(db, stmt, err);
	if (rc > 0 && sqlite3_column_type(stmt, 0) == SQLITE_NULL)
		rc = 0;
	if (rc > 0)
		*ret = sqlite3_column_int64(stmt, 0);
	return rc;
}
