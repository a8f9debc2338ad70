/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the root's own rpm rebuilds its database from: read by librpm, and looked up as Berkeley DB does. */
#include "config.h"

#include "rpmlab.h"

#include <sys/wait.h>

#include "base/scratch.h"
#include "rpm/db_bdb.h"
#include "rpm/db_rows.h"

enum { MANY = 40000 };

struct records {
	struct scratch *scratch;
	struct buf blobs[MANY];
	uint32_t n;
	struct db_bdb_kind kind;
	uint32_t seen, last;
};

static void release(struct records *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		buf_release(&r->blobs[i]);
	scratch_free(r->scratch);
}

/* Headers of all sizes: of none, one and several pages. */
static void make(struct records *r, uint32_t n, const struct db_bdb_kind *kind)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_close int fd = -1;
	struct db_bdb *b;

	*r = (struct records){.n = n, .kind = *kind};
	assert_int_equal(scratch_new("bdb", 1 << 20, &r->scratch, &err), 0);
	fd = scratch_create(r->scratch, "Packages", &err);
	assert_true(fd >= 0);
	assert_int_equal(db_bdb_new(fd, kind, &b, &err), 0);
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("p%u", i), *text = NULL;
		cleanup_header Header h = lab_header(name, "1"), stored = NULL;
		cleanup_free void *fresh = NULL, *blob = NULL;
		size_t size;

		text = xcalloc(i % 50 * (r->n > 1000 ? 3 : 300) + 1, 1);
		memset(text, 'x', i % 50 * (r->n > 1000 ? 3 : 300));
		headerPutString(h, RPMTAG_URL, text);
		/* as it is once it has been in a database */
		fresh = hdr_export(h, &size);
		stored = hdr_import(fresh, size, name, &err);
		blob = hdr_export(stored, &size);
		buf_add(&r->blobs[i], blob, size);
		if (db_bdb_add(b, blob, size, &err))
			fail_msg("%s", err.msg);
	}
	if (db_bdb_finish(b, &err))
		fail_msg("%s", err.msg);
	db_bdb_free(b);
}

static int take(void *ctx, uint32_t instance, const void *blob, size_t n,
		struct error *err _unused_)
{
	struct records *r = ctx;

	/* in order, so that the rebuilt database has them in order, too */
	assert_true(instance > r->last);
	r->last = instance;
	assert_true(r->seen < r->n);
	assert_int_equal(n, r->blobs[r->seen].n);
	assert_memory_equal(blob, r->blobs[r->seen].s, n);
	r->seen++;
	return 0;
}

static void read_back(struct records *r)
{
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = xasprintf("%s/Packages", r->scratch->path);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct db_bdb_kind kind;
	uint32_t said;

	assert_int_equal(db_rows_check(fd, DB_BDB, &said, &err), 0);
	assert_int_equal(said, r->n);
	assert_int_equal(db_bdb_kind(fd, &kind, &err), 0);
	assert_int_equal(kind.version, r->kind.version);
	assert_int_equal(kind.big, r->kind.big);
	if (db_rows_each(r->scratch->path, DB_BDB, take, r, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(r->seen, r->n);
}

static void librpm_reads_it(void **state _unused_)
{
	static const uint32_t counts[] = {0, 1, 127, 128, 129, 256, 257, MANY};
	static const struct db_bdb_kind kind = {9, false};

	for (size_t i = 0; i < ELEMENTSOF(counts); i++) {
		struct records r;

		make(&r, counts[i], &kind);
		read_back(&r);
		release(&r);
	}
}

static void in_the_other_byte_order(void **state _unused_)
{
	static const struct db_bdb_kind kind = {9, true};
	cleanup_error struct error err = ERROR_INIT;
	cleanup_free char *path = NULL;
	uint8_t m[100];
	struct records r;
	int fd;

	make(&r, 3, &kind);
	path = xasprintf("%s/Packages", r.scratch->path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, m, sizeof(m), 0), sizeof(m));
	assert_memory_equal(m + 12, "\0\x06\x15\x61\0\0\0\x09\0\0\x10\0", 12);
	close(fd);
	if (db_rows_each(r.scratch->path, DB_BDB, take, &r, &err))
		assert_null(strstr(
			err.msg,
			"damaged: not")); /* keys of the other order are other numbers */
	release(&r);
}

static int run_tool(const char *tool, const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp(tool, tool, path, (char *)NULL);
		_exit(99); /* it is not there */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Berkeley DB's own tool finds nothing wrong with it. */
static void berkeley_db_verifies_it(void **state _unused_)
{
	static const struct db_bdb_kind kinds[] = {{9, false}, {9, true}};

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		cleanup_free char *path = NULL;
		struct records r;
		int rc;

		make(&r, 700, &kinds[i]);
		path = xasprintf("%s/Packages", r.scratch->path);
		rc = run_tool("db_verify", path);
		release(&r);
		if (rc == 99)
			skip();
		assert_int_equal(rc, 0);
	}
}

static void what_is_none(void **state _unused_)
{
	cleanup_error struct error err = ERROR_INIT;
	static const char rubbish[600] = "rubbish";
	struct db_bdb_kind kind;
	int fd = file_of("short", 5);

	assert_int_equal(db_bdb_kind(fd, &kind, &err), -1);
	assert_error(&err, ERR_FAILED, "too short");
	err_release(&err);
	close(fd);
	fd = file_of(rubbish, sizeof(rubbish));
	assert_int_equal(db_bdb_kind(fd, &kind, &err), -1);
	assert_error(&err, ERR_FAILED, "not a hash");
	close(fd);
}

int main(void)
{
	struct error err = ERROR_INIT;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(librpm_reads_it),
		cmocka_unit_test(in_the_other_byte_order),
		cmocka_unit_test(berkeley_db_verifies_it),
		cmocka_unit_test(what_is_none),
	};

	if (hdr_init(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
