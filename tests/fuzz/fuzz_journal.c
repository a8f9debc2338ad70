/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A journal, whole or by statements on one, and all that reads it without acting on it. */

#include "fuzz.h"
#include "txn/dbstep.h"
#include "txn/journal.h"

#define ID   "0123456789abcdef0123456789abcdef"
#define AREA "putback area 1\nid " ID "\n"

static void make(const char *path)
{
	cleanup_error struct error err = ERROR_INIT;

	if (journal_make_file(path, &err) < 0)
		BUG("%s", err.msg);
}

/* Number 1 is committing: one file is exchanged, one removed, one made, one moved, one gets attributes. */
static struct fuzz_base base = {
	.make = make,
	.sql = "INSERT INTO transactions VALUES"
	       "(1, 4, 3, 100, 0, 0, 0, 1, 5, 10, 20, 'undo of entry 7', 'putback apply', '0.1');"
	       "INSERT INTO changes VALUES"
	       "(1, 0, 1, 'plain-2-1.noarch', 'plain-1-1.noarch', 'cache', 'x.rpm', 'good', '', 0);"
	       "INSERT INTO areas VALUES(1, 0, '', '" ID "', 12, 100);"
	       "INSERT INTO ops VALUES"
	       "(1, 0, 0, 1, 0, 0, 'usr/a', NULL, 20, 5, 33188, 0, 0, 7, 3, x'', 21, 5, 33188, 0, 0, 8, 4, x'', 0),"
	       "(1, 1, 1, 1, 0, 0, 'usr/b', NULL, 0, 0, 0, 0, 0, 0, 0, x'', 22, 5, 16877, 0, 0, 8, 0, x'', 0),"
	       "(1, 2, 2, 1, 0, 0, 'usr/c', NULL, 23, 5, 33188, 0, 0, 7, 3, x'', 0, 0, 0, 0, 0, 0, 0, x'', 0),"
	       "(1, 3, 3, 1, 0, 0, 'usr/d', 'usr/d.rpmsave', 24, 5, 33188, 0, 0, 7, 3, x'', "
	       "24, 5, 33188, 0, 0, 7, 3, x'', 0),"
	       "(1, 4, 4, 1, 0, 0, 'usr/e', NULL, 25, 5, 33188, 0, 0, 7, 3, "
	       "x'0100000200200000000000000000000000000000', 25, 5, 33261, 1, 2, 9, 3, x'', 0);"
	       "INSERT INTO dirs VALUES(1, 0, 0, 'usr', 26, 5, 3, 70, 60);"
	       "INSERT INTO ctimes VALUES(1, zeroblob(40), zeroblob(40));"
	       "INSERT INTO rpmdb VALUES(1, 'var/lib/rpm', zeroblob(32), randomblob(32));",
};

static void load(struct journal *j, int64_t id)
{
	struct run t;

	run_init(&t, NULL, NULL, NULL);
	t.id = id;
	if (journal_load(j, &t, true, NULL) == 0) {
		const struct task *k;

		array_foreach(k, &t.tasks.list) {
			FUZZ_CHECK(k->area < t.areas.n && path_is_canonical(k->path));
			FUZZ_CHECK(!path_is_beneath(k->path, AREA_DIR));
			FUZZ_CHECK(!k->path2 || path_is_canonical(k->path2));
		}
		if (dbstep_load(j, &t, NULL) == 0 && t.step.there)
			FUZZ_CHECK(t.step.records.len == 32);
	}
	run_release(&t);
}

FUZZ_TARGET(journal)
{
	cleanup_buf struct buf file = {0};
	struct txn_list list = {0};
	struct txn_info info = {0};
	struct journal *j = NULL;
	struct root *r;

	fuzz_sqlite(&base, data, n, &file);
	r = fuzz_put(AREA_DIR "/area", AREA, sizeof(AREA) - 1);
	fuzz_put(AREA_DIR "/" JOURNAL_FILE, file.s, file.n);
	if (txn_unfinished(r, &info, NULL) > 0)
		txn_info_release(&info);
	if (journal_open(r, JOURNAL_READ, &j, NULL) <= 0)
		return;
	if (journal_list(j, 1, &list, NULL) == 0) {
		for (uint32_t i = 0; i < list.n && i < 4; i++) {
			FUZZ_CHECK(list.v[i].step_of < list.v[i].id);
			load(j, list.v[i].id);
		}
		txn_list_release(&list);
	}
	journal_close(j);
}
