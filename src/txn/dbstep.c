/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/dbstep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "rpm/db_find.h"
#include "txn/sql.h"

#define STEP_KEY "rpmdb-step"
#define OF_KEY	 "rpmdb-step-of"
#define OPEN	 "open"
#define HAND	 "hand" /* of the same length: the row is written over in its place */

/* Records are kept as Berkeley DB, whatever kind the root's database is of. */
static const char *file_name(void)
{
	return db_backend_file(DB_BDB);
}

/* --- the area --------------------------------------------------------------------------------------------- */

static int stage(const struct area *a, const struct scratch *records, struct run *t,
		 uint64_t *bytes)
{
	cleanup_close int in =
		openat(records->fd, file_name(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close int dir = -1, out = -1;
	struct stat st;

	if (in < 0 || mkdirat(a->slots, DBSTEP_DIR, 0700) < 0)
		return -1;
	dir = openat(a->slots, DBSTEP_DIR,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || FAILPOINT("dbstep-directory"))
		return -1;
	out = openat(dir, file_name(),
		     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || file_copy(in, out) < 0 || fstat(out, &st) < 0 ||
	    digest_fd(in, DIGEST_SHA256, &t->step.records) < 0 ||
	    FAILPOINT("dbstep-staged"))
		return -1;
	*bytes = t->step.bytes = (uint64_t)st.st_size;
	return 0;
}

int dbstep_stage(struct run *t, uint32_t area, const struct scratch *records,
		 uint64_t *ret_bytes, struct error *err)
{
	if (stage(&t->areas.v[area], records, t, ret_bytes) < 0)
		return err_errno(
			err, "cannot keep what the rpmdb in '/%s' is to be rebuilt from",
			t->db_dir);
	t->step.area = area;
	t->step.there = true;
	return 0;
}

int dbstep_records(struct run *t, struct scratch **ret, struct error *err)
{
	cleanup_free char *name = xasprintf("%s/%s", DBSTEP_DIR, file_name());
	cleanup_close int dir = -1, in = -1, out = -1;
	struct scratch *s = NULL;
	const struct area *a;
	struct digest now;
	struct stat st;

	if (!t->step.there || t->step.area >= t->areas.n)
		return sql_damaged(err, "a row of meta");
	a = &t->areas.v[t->step.area];
	dir = openat(a->slots, DBSTEP_DIR,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		in = openat(dir, file_name(),
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0 || fstat(in, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED,
			       "'.putback/%lld/%s' on %s cannot be opened (%s): what the "
			       "rpmdb is to be rebuilt from is gone",
			       (long long)t->id, name, area_name(a), strerror(errno));
	if (scratch_new("records", (unsigned long long)st.st_size, &s, err) < 0)
		return -1;
	out = scratch_create(s, file_name(), err);
	if (out < 0) {
		scratch_free(s);
		return -1;
	}
	if (file_copy(in, out) < 0 || digest_fd(out, DIGEST_SHA256, &now) < 0) {
		scratch_free(s);
		return err_errno(err, "cannot copy '.putback/%lld/%s'", (long long)t->id,
				 name);
	}
	if (!digest_is_same(&now, &t->step.records)) {
		scratch_free(s);
		return err_set(err, ERR_FAILED,
			       "'.putback/%lld/%s' on %s is damaged: it is not what was "
			       "put there",
			       (long long)t->id, name, area_name(a));
	}
	*ret = s;
	return 0;
}

/* --- rows ------------------------------------------------------------------------------------------------- */

static char *key_of(const char *what, int64_t id)
{
	return xasprintf("%s %lld", what, (long long)id);
}

static int put_row(struct journal *j, const char *what, int64_t id, const char *value,
		   struct error *err)
{
	cleanup_free char *key = key_of(what, id);

	return sql_do(j->db, err, "INSERT INTO meta(key, value) VALUES(?, ?)", "sb", key,
		      value, strlen(value));
}

static char *value_of(const char *state, const struct dbstep *s)
{
	struct buf b = {0};

	buf_printf(&b, "%s %u ", state, s->area);
	buf_hex(&b, s->records.bytes, s->records.len);
	return buf_steal(&b);
}

int dbstep_put(struct journal *j, const struct run *t, struct error *err)
{
	cleanup_free char *value = NULL;

	if (!t->step.there)
		return 0;
	value = value_of(OPEN, &t->step);
	return put_row(j, STEP_KEY, t->id, value, err);
}

int dbstep_put_of(struct journal *j, int64_t id, int64_t of, struct error *err)
{
	cleanup_free char *value = xasprintf("%lld", (long long)of);

	return put_row(j, OF_KEY, id, value, err);
}

int dbstep_drop(struct journal *j, int64_t id, struct error *err)
{
	cleanup_free char *step = key_of(STEP_KEY, id), *of = key_of(OF_KEY, id);

	return sql_do(j->db, err, "DELETE FROM meta WHERE key=? OR key=?", "ss", step,
		      of);
}

int dbstep_close(struct journal *j, int64_t id, struct error *err)
{
	cleanup_free char *key = key_of(STEP_KEY, id);
	struct run t;
	int rc;

	run_init(&t, NULL, NULL, NULL);
	t.id = id;
	rc = dbstep_load(j, &t, err);
	if (rc == 0 && t.step.there) {
		cleanup_free char *value = value_of(HAND, &t.step);

		rc = sql_do(j->db, err, "UPDATE meta SET value=? WHERE key=?", "bs",
			    value, strlen(value), key);
	}
	run_release(&t);
	return rc;
}

/* "open 3 <hex>" */
static int read_step(const char *value, size_t n, struct dbstep *ret)
{
	cleanup_free char *text = xstrndup(value, n);
	char state[5] = "", hex[65] = "";
	unsigned area;
	int end = -1;

	if (sscanf(text, "%4s %u %64[0-9a-f]%n", state, &area, hex, &end) != 3 ||
	    end < 0 || (size_t)end != n || strlen(hex) != 64 ||
	    (strcmp(state, OPEN) != 0 && strcmp(state, HAND) != 0))
		return -1;
	*ret = (struct dbstep){.there = true,
			       .by_hand = !strcmp(state, HAND),
			       .area = area,
			       .records = {.algo = DIGEST_SHA256, .len = 32}};
	return buf_unhex(hex, ret->records.bytes, 32) ? 0 : -1;
}

int dbstep_load(struct journal *j, struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s =
		sql_prepare(j->db, "SELECT value FROM meta WHERE key=?", err);
	cleanup_free char *key = key_of(STEP_KEY, t->id);
	const void *value;
	size_t n;
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "s", key);
	rc = sql_step(s, err);
	if (rc <= 0)
		return rc;
	if (sql_read(s, "b", &value, &n) < 0 || read_step(value, n, &t->step) < 0)
		return sql_damaged(err, "a row of meta");
	return 0;
}

/* --- what is open ----------------------------------------------------------------------------------------- */

static struct txn_info *find(struct txn_list *all, int64_t id)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (all->v[i].id == id)
			return &all->v[i];
	return NULL;
}

/* The number behind a prefix, 0: it is another key. */
static int64_t number_behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	char *end;
	long long id;

	if (strncmp(text, prefix, n) || text[n] != ' ')
		return 0;
	id = strtoll(text + n, &end, 10);
	return *end || id < 0 ? 0 : id;
}

static int note_row(struct txn_list *all, const char *key, const char *value, size_t n)
{
	struct txn_info *t = find(all, number_behind(key, STEP_KEY)), *by;
	cleanup_free char *of = NULL;
	struct dbstep step;

	if (t) {
		if (read_step(value, n, &step) < 0)
			return -1;
		if (t->state == TXN_DONE)
			t->step = step.by_hand ? STEP_BY_HAND : STEP_OPEN;
		return 0;
	}
	by = find(all, number_behind(key, OF_KEY));
	of = xasprintf(" %.*s", (int)MIN(n, (size_t)32), value);
	if (!by)
		return 0;
	by->step_of = number_behind(of, "");
	t = find(all, by->step_of);
	/* it is newer than the one it belongs to */
	if (!t || t->id >= by->id)
		return -1;
	t->step_by = by->id;
	return 0;
}

int dbstep_list(struct journal *j, struct txn_list *all, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT key, value FROM meta WHERE key LIKE '" STEP_KEY "%' ORDER BY n",
		err);
	const void *value;
	const char *key;
	size_t n;
	int rc;

	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1)
		if (sql_read(s, "sb", &key, &value, &n) < 0 ||
		    note_row(all, key, value, n) < 0)
			return sql_damaged(err, "a row of meta");
	for (uint32_t i = 0; i < all->n && rc == 0; i++) {
		struct txn_info *t = &all->v[i], *by = find(all, t->step_by);

		if (t->step == STEP_OPEN && by && by->state == TXN_DONE)
			t->step = STEP_DONE;
	}
	return rc;
}
