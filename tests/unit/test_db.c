/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpmlab.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include <sqlite3.h>

#include "rpm/db.h"

#define DB "var/lib/rpm"

/* A root with var/lib/rpm in it. */
static struct scene scene_with_dirs(void)
{
	struct scene s = scene_new();

	scene_dir(&s, "usr");
	scene_dir(&s, "usr/lib");
	scene_dir(&s, "var");
	scene_dir(&s, "var/lib");
	scene_dir(&s, DB);
	return s;
}

static void fill(const struct scene *s, const char *dir, uint32_t n)
{
	cleanup_free char *path = scene_path(s, dir);
	cleanup_free Header *h = xcalloc(n + 1, sizeof(*h));

	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("lab%u", i);

		h[i] = lab_header(name, "1");
		lab_files(h[i], name, 3);
		h[i] = lab_seal(h[i]);
	}
	lab_db(path, s->dir, h, n);
	for (uint32_t i = 0; i < n; i++)
		headerFree(h[i]);
}

static sqlite3 *open_sqlite(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(full, &db), SQLITE_OK);
	return db;
}

static void sql(sqlite3 *db, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
}

/* No -wal beside it, so that its bytes are all there is. */
static void settle(const struct scene *s, const char *path)
{
	sqlite3 *db = open_sqlite(s, path);

	sql(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(db);
}

static int try_open(const struct scene *s, struct db **ret, struct error *err)
{
	struct root *r = NULL;
	int rc;

	if (root_open(s->root, ROOT_READ, &r, err))
		fail_msg("%s", err->msg);
	rc = db_open(r, ret, err);
	root_free(r);
	return rc;
}

static struct db *must_open(const struct scene *s)
{
	cleanup_error struct error err = ERROR_INIT;
	struct db *db = NULL;

	if (try_open(s, &db, &err))
		fail_msg("%s", err.msg);
	return db;
}

static void must_fail(const struct scene *s, enum error_kind kind, const char *says)
{
	cleanup_error struct error err = ERROR_INIT;
	struct db *db = NULL;

	if (try_open(s, &db, &err) == 0)
		fail_msg("opens, with %u packages", db->count);
	assert_error(&err, kind, says);
}

static void copy_in_scene(const struct scene *s, const char *from, const char *to)
{
	cleanup_free char *a = scene_path(s, from), *b = scene_path(s, to);
	cleanup_close int in = open(a, O_RDONLY | O_CLOEXEC);
	cleanup_close int out = open(b, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(file_copy(in, out), 0);
}

static void remove_in_scene(const struct scene *s, const char *path)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(unlink(full), 0);
}

/* --- reading -------------------------------------------------------------------------------- */

static void packages_and_their_files(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_error struct error err = ERROR_INIT;
	struct pkgset set = {0};
	struct db *db = NULL;

	fill(&s, DB, 12);
	db = must_open(&s);
	assert_string_equal(db->dir, DB);
	assert_string_equal(db->found_at, DB);
	assert_string_equal(db_backend_name(db->backend), "sqlite");
	assert_true(db->writable);
	assert_int_equal(db->count, 12);
	if (db_load(db, &set, NULL, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(set.n, 12);
	assert_string_equal(set.v[0]->nevra, "lab0-1-1.noarch");
	assert_string_equal(set.v[2]->id.name, "lab10"); /* sorted as text */
	assert_int_equal(set.v[2]->instance, 11);
	assert_int_equal(set.v[2]->files.n, 3);
	pkgset_release(&set);
	db_free(db);
}

/* What a package file and its record in the rpmdb are told to be the same by. */
static void header_digest_is_the_package_files(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_free char *path = scene_path(&s, DB);
	cleanup_header Header h = NULL;
	struct pkgset set = {0};
	struct digest d;
	struct db *db = NULL;

	assert_int_equal(hdr_read_file(fd, "good", &h, &err), 0);
	hdr_digest(h, &d);
	lab_db(path, s.dir, &h, 1);
	db = must_open(&s);
	assert_int_equal(db_load(db, &set, NULL, &err), 0);
	assert_true(digest_is_same(&d, &set.v[0]->hdrdigest));
	pkgset_release(&set);
	db_free(db);
}

struct look {
	struct stat st[3];
	uint32_t names;
};

static void look_at(const struct scene *s, struct look *ret)
{
	static const char *const paths[3] = {DB, DB "/rpmdb.sqlite",
					     DB "/rpmdb.sqlite-wal"};
	cleanup_free char *dir = scene_path(s, DB);
	DIR *d = opendir(dir);

	*ret = (struct look){0};
	while (readdir(d))
		ret->names++;
	closedir(d);
	for (int i = 0; i < 3; i++) {
		cleanup_free char *path = scene_path(s, paths[i]);

		if (stat(path, &ret->st[i]))
			ret->st[i] = (struct stat){0};
		/* the test's own reading may change it where the scene is no private mount */
		ret->st[i].st_atim = (struct timespec){0};
	}
}

static void reading_leaves_no_trace(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_error struct error err = ERROR_INIT;
	struct look before, after;
	struct pkgset set = {0};
	struct db *db = NULL;

	fill(&s, DB, 3);
	look_at(&s, &before);
	db = must_open(&s);
	assert_int_equal(db_load(db, &set, NULL, &err), 0);
	look_at(&s, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	pkgset_release(&set);
	db_free(db);
}

static void newest_headers_are_in_the_wal(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	struct db *db = NULL;
	sqlite3 *live;

	fill(&s, DB, 2);
	settle(&s, DB "/rpmdb.sqlite");
	scene_dir(&s, "usr/share");
	scene_dir(&s, "usr/share/rpm");
	live = open_sqlite(&s, DB "/rpmdb.sqlite");
	sql(live, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
	sql(live, "INSERT INTO Packages(blob) SELECT blob FROM Packages");
	/* as after a power cut: what is on the disk then */
	copy_in_scene(&s, DB "/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite");
	copy_in_scene(&s, DB "/rpmdb.sqlite-wal", "usr/share/rpm/rpmdb.sqlite-wal");
	sqlite3_close(live);
	remove_in_scene(&s, DB "/rpmdb.sqlite");
	db = must_open(&s);
	assert_string_equal(db->dir, "usr/share/rpm");
	assert_int_equal(db->count, 4);
	db_free(db);
}

static void hot_journal_is_rolled_back(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	struct db *db = NULL;
	sqlite3 *live;

	fill(&s, DB, 40);
	scene_dir(&s, "usr/share");
	scene_dir(&s, "usr/share/rpm");
	live = open_sqlite(&s, DB "/rpmdb.sqlite");
	sql(live, "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1");
	/* more than the cache holds: pages go to the file before the commit */
	sql(live,
	    "BEGIN; UPDATE Packages SET blob = zeroblob(9000); DELETE FROM Packages "
	    "WHERE hnum > 20");
	copy_in_scene(&s, DB "/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite");
	copy_in_scene(&s, DB "/rpmdb.sqlite-journal",
		      "usr/share/rpm/rpmdb.sqlite-journal");
	sql(live, "ROLLBACK");
	sqlite3_close(live);
	remove_in_scene(&s, DB "/rpmdb.sqlite");
	db = must_open(&s);
	assert_int_equal(db->count, 40);
	db_free(db);
}

static void digest_counts_packages_only(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_error struct error err = ERROR_INIT;
	struct digest d[4];
	struct root *r = NULL;
	struct db *db = NULL;

	fill(&s, DB, 2);
	settle(&s, DB "/rpmdb.sqlite");
	assert_int_equal(root_open(s.root, ROOT_READ, &r, &err), 0);
	assert_int_equal(db_digest(r, DB, &d[0], &err), 0);
	/* a query makes these */
	scene_file(&s, DB "/rpmdb.sqlite-shm", "shared memory");
	scene_file(&s, DB "/rpmdb.sqlite-wal", "");
	assert_int_equal(db_digest(r, DB, &d[1], &err), 0);
	assert_true(digest_is_same(&d[0], &d[1]));
	scene_file(&s, DB "/rpmdb.sqlite-wal", "a log");
	assert_int_equal(db_digest(r, DB, &d[2], &err), 0);
	assert_false(digest_is_same(&d[0], &d[2]));
	scene_file(&s, DB "/rpmdb.sqlite-wal", "");
	root_free(r);
	db = must_open(&s);
	assert_true(digest_is_same(&db->digest, &d[0]));
	db_free(db);
}

/* --- finding -------------------------------------------------------------------------------- */

static void behind_a_link(void **state _unused_)
{
	static const char *const targets[] = {"../../../var/lib/rpm", "/var/lib/rpm",
					      "/../../../../var/lib/rpm"};

	for (size_t i = 0; i < ELEMENTSOF(targets); i++) {
		cleanup_scene struct scene s = scene_with_dirs();
		struct db *db;

		scene_dir(&s, "usr/lib/sysimage");
		scene_link(&s, targets[i], "usr/lib/sysimage/rpm");
		fill(&s, DB, 1);
		db = must_open(&s);
		assert_string_equal(db->found_at, "usr/lib/sysimage/rpm");
		assert_string_equal(db->dir, DB);
		db_free(db);
	}
}

static void nowhere(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_free char *outside = xasprintf("%s/outside", s.dir);
	cleanup_free char *dir = scene_path(&s, DB);

	must_fail(&s, ERR_FAILED,
		  "looked in usr/lib/sysimage/rpm, var/lib/rpm and usr/share/rpm");
	/* a database outside is not this root's */
	assert_int_equal(rmdir(dir), 0);
	scene_link(&s, outside, DB);
	lab_db(outside, s.dir, NULL, 0);
	must_fail(&s, ERR_FAILED, "no rpmdb in the root");
}

static void empty_is_not_damaged(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	struct db *db = NULL;

	fill(&s, DB, 0);
	db = must_open(&s);
	assert_int_equal(db->count, 0);
	db_free(db);
}

/* What a query by an rpm with another default leaves behind is passed over. */
static void empty_one_beside_a_full_one(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	struct db *db = NULL;

	scene_dir(&s, "usr/lib/sysimage");
	scene_dir(&s, "usr/lib/sysimage/rpm");
	fill(&s, "usr/lib/sysimage/rpm", 0);
	fill(&s, DB, 2);
	db = must_open(&s);
	assert_string_equal(db->dir, DB);
	assert_int_equal(db->count, 2);
	db_free(db);
}

static void no_regular_file(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs(), t = scene_with_dirs();

	scene_fifo(&s, DB "/rpmdb.sqlite");
	must_fail(&s, ERR_FAILED, "no regular file");
	scene_link(&t, "/etc/passwd", DB "/Packages");
	must_fail(&t, ERR_FAILED, "no regular file");
}

/* --- damage --------------------------------------------------------------------------------- */

static void cut(const struct scene *s, const char *path, off_t size)
{
	cleanup_free char *full = scene_path(s, path);

	assert_int_equal(truncate(full, size), 0);
}

static void damaged_sqlite(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();

	fill(&s, DB, 30);
	settle(&s, DB "/rpmdb.sqlite");
	cut(&s, DB "/rpmdb.sqlite", 40960);
	must_fail(&s, ERR_FAILED, "truncated, 40960 bytes of");
	cut(&s, DB "/rpmdb.sqlite", 50);
	must_fail(&s, ERR_FAILED, "does not begin as a SQLite database");
	cut(&s, DB "/rpmdb.sqlite", 0);
	must_fail(&s, ERR_FAILED, "empty");
	scene_file(&s, DB "/rpmdb.sqlite",
		   "rubbish, and not little of it, as much as a header is "
		   "long, which is one hundred bytes: 12345678901234567890");
	must_fail(&s, ERR_FAILED, "does not begin as a SQLite database");
}

/* Any page but one that nothing is in; those of the indices are not read otherwise. */
static void overwritten_pages(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_free char *path = scene_path(&s, DB "/rpmdb.sqlite");
	cleanup_close int fd = -1;
	char rubbish[4096], page[4096];
	struct stat st;

	fill(&s, DB, 30);
	settle(&s, DB "/rpmdb.sqlite");
	memset(rubbish, 0x5a, sizeof(rubbish));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at += 4096) {
		assert_int_equal(pread(fd, page, sizeof(page), at), sizeof(page));
		assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), at),
				 sizeof(rubbish));
		must_fail(&s, ERR_FAILED, "damaged");
		assert_int_equal(pwrite(fd, page, sizeof(page), at), sizeof(page));
	}
	db_free(must_open(&s));
}

static void schema_of_somebody_else(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs(), t = scene_with_dirs(),
				   u = scene_with_dirs();
	sqlite3 *db = open_sqlite(&s, DB "/rpmdb.sqlite");

	sql(db, "CREATE TABLE Packages(foo TEXT PRIMARY KEY)");
	sqlite3_close(db);
	must_fail(&s, ERR_FAILED, "no table of packages");

	fill(&t, DB, 1);
	db = open_sqlite(&t, DB "/rpmdb.sqlite");
	sql(db, "CREATE TRIGGER t AFTER DELETE ON Packages BEGIN DELETE FROM Name; END");
	sqlite3_close(db);
	must_fail(&t, ERR_FAILED, "triggers or views");

	db = open_sqlite(&u, DB "/rpmdb.sqlite");
	sql(db, "CREATE TABLE x(hnum INTEGER PRIMARY KEY, blob BLOB)");
	sql(db, "CREATE VIEW Packages AS SELECT hnum, blob FROM x");
	sqlite3_close(db);
	must_fail(&u, ERR_FAILED, "triggers or views");
}

static void schema_that_computes(void **state _unused_)
{
	static const char *const schemas[] = {
		"CREATE TABLE x(a CHECK (length(hex(zeroblob(9))) > 1))",
		"CREATE TABLE x(a, b AS (hex(zeroblob(9))))",
		"CREATE INDEX x ON Packages(hex(blob))",
	};

	for (size_t i = 0; i < ELEMENTSOF(schemas); i++) {
		cleanup_scene struct scene s = scene_with_dirs();
		sqlite3 *db;

		fill(&s, DB, 1);
		db = open_sqlite(&s, DB "/rpmdb.sqlite");
		sql(db, schemas[i]);
		sqlite3_close(db);
		must_fail(&s, ERR_FAILED, "which rpm never makes");
	}
}

static void load_fails(const struct scene *s, const char *says)
{
	cleanup_error struct error err = ERROR_INIT;
	struct db *db = must_open(s);
	struct pkgset set = {0};

	assert_int_equal(db_load(db, &set, NULL, &err), -1);
	assert_error(&err, ERR_FAILED, says);
	assert_int_equal(set.n, 0);
	db_free(db);
}

static void put_record(const struct scene *s, int number, const void *blob, size_t n)
{
	sqlite3 *db = open_sqlite(s, DB "/rpmdb.sqlite");
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(db,
					    "UPDATE Packages SET blob = ? WHERE hnum = ?",
					    -1, &st, NULL),
			 SQLITE_OK);
	sqlite3_bind_blob(st, 1, blob, (int)n, SQLITE_STATIC);
	sqlite3_bind_int(st, 2, number);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void damaged_record(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_close int fd = open_fixture("good.rpm");
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = scene_path(&s, DB);
	cleanup_header Header h = NULL;
	cleanup_free char *blob = NULL;
	char *at;
	size_t n;

	assert_int_equal(hdr_read_file(fd, "good", &h, &err), 0);
	lab_db(path, s.dir, &h, 1);
	/* one letter of it: only the digest that it carries can tell */
	blob = hdr_export(h, &n);
	at = memmem(blob, n, "One of each", 11);
	assert_non_null(at);
	at[1] = 'w';
	put_record(&s, 1, blob, n);
	load_fails(&s, "package 1 (fixture-2:1.0-3.noarch) is damaged");
}

static void record_of_rubbish(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	sqlite3 *db;

	fill(&s, DB, 3);
	db = open_sqlite(&s, DB "/rpmdb.sqlite");
	sql(db, "UPDATE Packages SET blob = zeroblob(100) WHERE hnum = 2");
	sqlite3_close(db);
	load_fails(&s, "package 2 is damaged");
	db = open_sqlite(&s, DB "/rpmdb.sqlite");
	sql(db, "UPDATE Packages SET blob = x'' WHERE hnum = 2");
	sqlite3_close(db);
	load_fails(&s, "package 2 is damaged");
}

/* --- the other backends ------------------------------------------------------------------------- */

static void put_bytes(const struct scene *s, const char *path, const void *p, size_t n)
{
	cleanup_free char *full = scene_path(s, path);
	cleanup_close int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(file_write_all(fd, p, n), 0);
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void damaged_bdb(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	uint8_t m[8192] = {0};

	scene_file(&s, DB "/Packages", "rubbish\n");
	must_fail(&s, ERR_FAILED, "'var/lib/rpm/Packages' in the root: damaged: 8 bytes");
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "not a Berkeley DB");
	put32(m + 12, 0x053162);
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "a Berkeley DB tree");
	put32(m + 12, 0x061561);
	m[25] = 8;
	put32(m + 16, 7);
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "hash of version 7");
	put32(m + 16, 9);
	put32(m + 20, 4097);
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "pages of 4097 bytes");
	put32(m + 20, 4096);
	put32(m + 32, 2);
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "truncated, 8192 bytes of 12288");
	/* whole, and says it has 41 packages, which are nowhere */
	put32(m + 32, 1);
	put32(m + 88, 42);
	put_bytes(&s, DB "/Packages", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "damaged");
}

static void damaged_ndb(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	uint8_t m[8192] = {'R', 'p', 'm', 'Q'};

	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "not an ndb database");
	m[3] = 'P';
	put32(m + 12, 9);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "truncated in its table");
	put32(m + 12, 1);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "damaged in its table");
	for (size_t at = 32; at < 4096; at += 16)
		memcpy(m + at, "Slot", 4);
	put32(m + 32 + 4, 1);
	put32(m + 32 + 8, 256);
	put32(m + 32 + 12, 257);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "ends at byte 8208 of 8192");
	/* to where nothing is */
	put32(m + 32 + 12, 256);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "package 1, at byte 4096, is not as rpm wrote it");
	/* into the table itself */
	put32(m + 32 + 8, 255);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "damaged in its table");
	put32(m + 32 + 8, 256);
	put32(m + 48 + 4, 2);
	put32(m + 48 + 8, 511);
	put32(m + 48 + 12, 1);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "damaged in its table"); /* too small */
	put32(m + 48 + 8, 510);
	put32(m + 48 + 12, 2);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "packages 1 and 2 are in the same place");
	put32(m + 32 + 12, 254);
	put32(m + 48 + 4, 1);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "package 1 is there twice");
	put32(m + 4, 1);
	put_bytes(&s, DB "/Packages.db", m, sizeof(m));
	must_fail(&s, ERR_FAILED, "version 1, and only 0 is known");
}

/* --- locks ---------------------------------------------------------------------------------------- */

static void locked_by_rpm(void **state _unused_)
{
	cleanup_scene struct scene s = scene_with_dirs();
	cleanup_free char *path = scene_path(&s, DB "/.rpm.lock"), *who = NULL;
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct db *db = NULL;
	char done;
	pid_t pid;
	int fd[2];

	fill(&s, DB, 1);
	scene_file(&s, DB "/.rpm.lock", "");
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int f = open(path, O_RDWR | O_CLOEXEC);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fcntl(f, F_SETLK, &l) || write(fd[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fd[0], &done, 1), 1);
	who = xasprintf("process %ld (", (long)pid);
	must_fail(&s, ERR_LOCKED, who);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	db = must_open(&s);
	/* readers do not keep each other out, nor does a lock stay behind */
	assert_int_equal(db->count, 1);
	db_free(db);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_and_their_files),
		cmocka_unit_test(header_digest_is_the_package_files),
		cmocka_unit_test(reading_leaves_no_trace),
		cmocka_unit_test(newest_headers_are_in_the_wal),
		cmocka_unit_test(hot_journal_is_rolled_back),
		cmocka_unit_test(digest_counts_packages_only),
		cmocka_unit_test(behind_a_link),
		cmocka_unit_test(nowhere),
		cmocka_unit_test(empty_is_not_damaged),
		cmocka_unit_test(empty_one_beside_a_full_one),
		cmocka_unit_test(no_regular_file),
		cmocka_unit_test(damaged_sqlite),
		cmocka_unit_test(overwritten_pages),
		cmocka_unit_test(schema_of_somebody_else),
		cmocka_unit_test(schema_that_computes),
		cmocka_unit_test(damaged_record),
		cmocka_unit_test(record_of_rubbish),
		cmocka_unit_test(damaged_bdb),
		cmocka_unit_test(damaged_ndb),
		cmocka_unit_test(locked_by_rpm),
	};
	cleanup_error struct error err = ERROR_INIT;

	if (hdr_init(&err))
		return 99;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
