/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * A forged journal that is acted upon: recover, undo, redo and forget stay beneath the root. The input is
 * statements on a journal that fits the root. Words of a comment in it say what is done: "back", the way to recover,
 * and what follows: "undo", "redo", "forget".
 */

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "txn/journal.h"
#include "txn/look.h"

#define ID   "0123456789abcdef0123456789abcdef"
#define AREA "putback area 1\nid " ID "\n"

static void make(const char *path)
{
	cleanup_error struct error err = ERROR_INIT;

	if (journal_make_file(path, &err) < 0)
		BUG("%s", err.msg);
}

/* Inode numbers stand for objects[]: 1000 and on. */
static struct fuzz_base base = {
	.make = make,
	.sql = "INSERT INTO transactions VALUES"
	       "(1, 4, 3, 100, 0, 0, 0, 1, 5, 10, 20, 'undo of entry 7', 'putback apply', '0.1');"
	       "INSERT INTO areas VALUES(1, 0, '', '" ID "', 1000, 0);"
	       "INSERT INTO ops VALUES"
	       "(1, 0, 0, 1, 0, 0, 'usr/a', NULL, 1001, 0, 33152, 0, 0, 7, 1, x'', 1002, 0, 33152, 0, 0, 8, 1, x'', 0),"
	       "(1, 1, 1, 1, 0, 0, 'usr/b', NULL, 0, 0, 0, 0, 0, 0, 0, x'', 1003, 0, 33152, 0, 0, 8, 1, x'', 0),"
	       "(1, 2, 2, 1, 0, 0, 'usr/c', NULL, 1004, 0, 33152, 0, 0, 7, 1, x'', 0, 0, 0, 0, 0, 0, 0, x'', 0),"
	       "(1, 3, 3, 1, 0, 0, 'usr/d', 'usr/d.rpmsave', 1005, 0, 33152, 0, 0, 7, 1, x'', "
	       "1005, 0, 33152, 0, 0, 7, 1, x'', 0),"
	       "(1, 4, 4, 1, 0, 0, 'usr/e', NULL, 1006, 0, 33152, 0, 0, 7, 1, x'', "
	       "1006, 0, 33261, 1, 2, 9, 1, x'', 0);"
	       "INSERT INTO dirs VALUES(1, 0, 0, 'usr', 1007, 0, 3, 70, 60);"
	       "INSERT INTO ctimes VALUES(1, zeroblob(40), zeroblob(40));",
};
static const char *const objects[] = {
	AREA_DIR "/area", "usr/a", AREA_DIR "/1/0", AREA_DIR "/1/1",
	"usr/c",	  "usr/d", "usr/e",	    "usr",
};

#define NUMBERS(table, ino, born)                                                  \
	"UPDATE " table " SET " born "=(SELECT birth FROM temp.there WHERE n=" ino \
	"), " ino "=(SELECT number FROM temp.there WHERE n=" ino ") WHERE " ino    \
	" IN (SELECT n FROM temp.there)"
static const char *const numbers[] = {
	NUMBERS("areas", "ino", "btime"),
	NUMBERS("ops", "old_ino", "old_btime"),
	NUMBERS("ops", "new_ino", "new_btime"),
	NUMBERS("dirs", "ino", "btime"),
};

static void make_root(void)
{
	for (size_t i = 1; i < ELEMENTSOF(objects) - 1; i++) {
		struct root *r = fuzz_put(objects[i], "x", 1);
		bool staged = path_is_beneath(objects[i], AREA_DIR);
		struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
					    {.tv_nsec = staged ? 8 : 7}};

		if (utimensat(r->fd, objects[i], times, 0) < 0)
			BUG("no time for '%s': %m", objects[i]);
	}
	fuzz_put(AREA_DIR "/area", AREA, sizeof(AREA) - 1);
	fuzz_link("usr/out", fuzz_outside());
}

/* The journal at path gets the numbers of what is there. */
static void set_numbers(struct root *r, const char *path)
{
	cleanup_buf struct buf sql = {0};
	sqlite3 *db = NULL;

	buf_str(&sql, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;"
		      "CREATE TEMP TABLE there(n INTEGER PRIMARY KEY, number, birth);"
		      "INSERT INTO temp.there VALUES");
	for (size_t i = 0; i < ELEMENTSOF(objects); i++) {
		struct statx st;

		if (root_statx(r, objects[i], LOOK_MASK, &st) < 0)
			BUG("no '%s' in the root: %m", objects[i]);
		buf_printf(&sql, "%s(%zu, %lld, %lld)", i ? ", " : "", 1000 + i,
			   (long long)st.stx_ino,
			   st.stx_mask & STATX_BTIME ? (long long)root_ns(&st.stx_btime)
						     : 0);
	}
	if (sqlite3_open(path, &db) != SQLITE_OK)
		BUG("no database '%s'", path);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_exec(db, sql.s, NULL, NULL, NULL);
	for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
		sqlite3_exec(db, numbers[i], NULL, NULL, NULL);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
}

static bool says(const uint8_t *data, size_t n, const char *word)
{
	return memmem(data, n, word, strlen(word));
}

static void act(struct root *r, const uint8_t *data, size_t n)
{
	struct txn_result res = {0};
	enum txn_state state;

	if (txn_lock(r, NULL) < 0)
		return;
	fuzz_ignore(txn_recover(r, says(data, n, "back"), NULL, &res, &state, NULL));
	txn_result_release(&res);
	if (says(data, n, "undo")) {
		fuzz_ignore(txn_undo(r, 0, true, NULL, &res, NULL));
		txn_result_release(&res);
	}
	if (says(data, n, "redo")) {
		fuzz_ignore(txn_redo(r, 0, NULL, &res, NULL));
		txn_result_release(&res);
	}
	if (says(data, n, "forget")) {
		fuzz_ignore(txn_forget(r, 1, false, NULL, &res, NULL));
		txn_result_release(&res);
	}
}

FUZZ_TARGET(recover)
{
	cleanup_buf struct buf file = {0};
	cleanup_free char *path = NULL;
	struct root *r;

	fuzz_sqlite(&base, data, n, &file);
	make_root();
	r = fuzz_put(AREA_DIR "/" JOURNAL_FILE, file.s, file.n);
	path = xasprintf("%s/" AREA_DIR "/" JOURNAL_FILE, r->path);
	set_numbers(r, path);
	act(r, data, n);
	fuzz_check_outside();
}
