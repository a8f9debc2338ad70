/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "txn/journal.h"
#include "txn/sql.h"

/*
 * A saved plan is a journal with one transaction, number 0, that has changes and ops but no state, and
 * with meta: what it takes to make the same plan again. Whoever applies it makes the plan anew and
 * compares digests, so its ops are there to be read, and nothing acts on them.
 */

void saved_plan_release(struct saved_plan *s)
{
	strlist_release(&s->args);
	strlist_release(&s->wants);
	free(s->root_id);
	memset(s, 0, sizeof(*s));
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static int put_meta(struct journal *j, const struct saved_plan *m, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "INSERT INTO meta(key, value) VALUES(?, CAST(? AS BLOB))", err);
	cleanup_buf struct buf digest = {0};
	cleanup_free char *made = xasprintf("%lld", (long long)m->made);
	const char *const fixed[][2] = {
		{"root", m->root_id ? m->root_id : ""}, {"made", made}, {"digest", NULL}};

	if (!s)
		return -1;
	buf_hex(&digest, m->digest.bytes, m->digest.len);
	for (size_t i = 0; i < ELEMENTSOF(fixed); i++) {
		sql_bind(s, "ss", fixed[i][0],
			 fixed[i][1] ? fixed[i][1]
			 : digest.n  ? digest.s
				     : "");
		if (sql_run(s, err) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < m->args.n; i++) {
		sql_bind(s, "ss", "arg", m->args.v[i]);
		if (sql_run(s, err) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < m->wants.n; i++) {
		sql_bind(s, "ss", "want", m->wants.v[i]);
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

static int put_plan(struct journal *j, const struct plan *plan,
		    const struct saved_plan *meta, struct error *err)
{
	struct record record = {.changes = plan->changes};
	struct run t;
	int rc;

	run_init(&t, NULL, NULL, NULL);
	for (uint32_t i = 0; i < plan->ops.n; i++)
		task_of_op(&plan->ops.v[i], array_push(&t.tasks.list));
	rc = journal_begin(j, err) < 0 || put_meta(j, meta, err) < 0 ||
			     journal_put_changes(j, 0, &record, err) < 0 ||
			     journal_put_ops(j, &t, err) < 0 || journal_commit(j, err) < 0
		     ? -1
		     : 0;
	run_release(&t);
	return rc;
}

static int read_whole(const char *path, struct buf *ret, struct error *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[64 * 1024];
	ssize_t n = -1;

	while (fd >= 0 && (n = file_read_full(fd, block, sizeof(block))) > 0)
		buf_add(ret, block, (size_t)n);
	return fd < 0 || n < 0 ? err_errno(err, "cannot read '%s'", path) : 0;
}

static int make(const char *copy, const struct plan *plan, const struct saved_plan *meta,
		struct error *err)
{
	struct journal j = {.dir = -1};
	int rc;

	if (journal_make_file(copy, err) < 0 || sql_open(copy, false, &j.db, err) < 0)
		return -1;
	rc = sql_exec(j.db, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF", err);
	if (rc == 0)
		rc = put_plan(&j, plan, meta, err);
	journal_rollback(&j);
	sql_close(j.db);
	return rc;
}

int txn_save_plan(const char *path, const struct plan *plan,
		  const struct saved_plan *meta, struct error *err)
{
	struct scratch *s = NULL;
	cleanup_free char *copy = NULL;
	cleanup_buf struct buf whole = {0};
	int rc;

	if (scratch_new("plan", 512ULL * plan->ops.n + (1 << 20), &s, err) < 0)
		return -1;
	copy = xasprintf("%s/plan", s->path);
	rc = make(copy, plan, meta, err);
	if (rc == 0)
		rc = read_whole(copy, &whole, err);
	if (rc == 0)
		rc = file_write_durably(path, whole.s, whole.n, 0600, err);
	scratch_free(s);
	return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static int parse_digest(const char *hex, struct digest *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)
		return -1;
	for (int i = 0; i < 32; i++) {
		char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		ret->bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	ret->algo = DIGEST_SHA256;
	ret->len = 32;
	return 0;
}

static int take_meta(struct saved_plan *m, const char *key, const char *value)
{
	char *end;

	if (!strcmp(key, "arg")) {
		strlist_add(&m->args, value);
	} else if (!strcmp(key, "want")) {
		strlist_add(&m->wants, value);
	} else if (!strcmp(key, "root") && !m->root_id) {
		m->root_id = xstrdup(value);
	} else if (!strcmp(key, "made")) {
		m->made = strtoll(value, &end, 10);
		return *value && !*end ? 0 : -1;
	} else if (!strcmp(key, "digest")) {
		return *value ? parse_digest(value, &m->digest) : 0;
	} else {
		return -1;
	}
	return 0;
}

static int get_meta(struct journal *j, struct saved_plan *m, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s =
		sql_prepare(j->db, "SELECT key, value FROM meta ORDER BY n", err);
	int rc;

	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1) {
		cleanup_free char *value = NULL;
		const char *key;
		const void *p;
		size_t n;

		if (sql_read(s, "sb", &key, &p, &n) < 0)
			return sql_damaged(err, "a row of meta");
		value = xstrndup(n ? p : "", n);
		if (strlen(value) != n || take_meta(m, key, value) < 0)
			return sql_damaged(err, "a row of meta");
	}
	if (rc == 0 && (!m->root_id || (!m->digest.len && !m->wants.n)))
		return err_set(err, ERR_FAILED, "it holds no plan");
	return rc;
}

/* What is said of a journal in a root does not help here. */
static int err_no_plan(const char *path, struct error *err)
{
	return err && err->sys == EBADMSG
		       ? err_set(err, ERR_USAGE,
				 "'%s' is no saved plan, or is damaged; make a new one with "
				 "plan -o",
				 path)
		       : -1;
}

int txn_load_plan(const char *path, struct saved_plan *ret, struct error *err)
{
	struct saved_plan plan = {0};
	struct journal *j = NULL;
	int rc;

	if (journal_open_file(path, &j, err) < 0)
		return err_no_plan(path, err);
	rc = get_meta(j, &plan, err);
	journal_close(j);
	if (rc < 0) {
		saved_plan_release(&plan);
		err_prefix(err, "the plan '%s'", path);
		return err_no_plan(path, err);
	}
	*ret = plan;
	return 0;
}
