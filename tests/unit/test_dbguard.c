/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sqlite3.h>
#include <string.h>

#include "scene.h"

#include "base/buf.h"
#include "base/dbguard.h"

static const char endless[] =
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

static sqlite3 *new_db(const char *schema)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	if (sqlite3_exec(db, schema, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	return db;
}

/* "" where nothing is computed */
static char *computed(const char *schema)
{
	const struct dbguard g = {.most = UINT64_MAX};
	sqlite3 *db = new_db(schema);
	char *ret = NULL;
	int rc = dbguard_find_computed(db, &g, &ret, NULL);

	sqlite3_close(db);
	assert_int_equal(rc, ret ? 1 : 0);
	return ret ? ret : xstrdup("");
}

static void what_computes_is_found(void **state _unused_)
{
	static const struct {
		const char *schema, *says;
	} kinds[] = {
		{"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x', c DEFAULT FALSE, d DEFAULT NULL,"
		 " CHECK (a > 0)); CREATE UNIQUE INDEX i ON t(b DESC, c)",
		 ""},
		{"CREATE TABLE t(a, b AS (a || a))", "t.b is computed"},
		{"CREATE TABLE t(a, b AS (a || a) STORED)", "t.b is computed"},
		{"CREATE TABLE t(a DEFAULT (hex(zeroblob(9))))", "t.a is computed"},
		{"CREATE TABLE t(a); CREATE INDEX i ON t(upper(a))", "i is computed"},
		{"CREATE TABLE t(a); CREATE INDEX i ON t(a) WHERE a > 1",
		 "i is computed"},
	};

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		cleanup_free char *found = computed(kinds[i].schema);

		assert_string_equal(found, kinds[i].says);
	}
}

static void a_check_is_not_computed(void **state _unused_)
{
	sqlite3 *db = new_db("CREATE TABLE t(a CHECK (a > 1))");

	dbguard_settle(db);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES(0)", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
}

static bool says_yes(const void *ctx)
{
	return ctx != NULL;
}

static void what_has_no_end_is_ended(void **state _unused_)
{
	cleanup_error struct error bound = ERROR_INIT, stop = ERROR_INIT;
	struct dbguard few = {.stop = says_yes, .most = 1000000};
	struct dbguard asked = {.stop = says_yes, .ctx = &few, .most = UINT64_MAX};
	sqlite3 *db = new_db("");

	dbguard_watch(db, &few);
	assert_int_equal(sqlite3_exec(db, endless, NULL, NULL, NULL), SQLITE_INTERRUPT);
	assert_int_equal(dbguard_err(&few, &bound), -1);
	assert_non_null(strstr(bound.msg, "takes longer to read"));
	dbguard_watch(db, &asked);
	assert_int_equal(sqlite3_exec(db, endless, NULL, NULL, NULL), SQLITE_INTERRUPT);
	assert_int_equal(dbguard_err(&asked, &stop), -1);
	assert_non_null(strstr(stop.msg, "stopped"));
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_computes_is_found),
		cmocka_unit_test(a_check_is_not_computed),
		cmocka_unit_test(what_has_no_end_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
