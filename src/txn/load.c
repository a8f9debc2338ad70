/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <endian.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "txn/journal.h"
#include "txn/sql.h"

/*
 * Nothing read here is believed: numbers are in range, paths are canonical and outside the areas,
 * rows are numbered without gaps. What passes can only act beneath the root.
 */

/* --- a transaction ------------------------------------------------------------------------------------ */

static int load_row(struct journal *j, struct run *t, uint32_t *ret_ops,
		    struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "SELECT state, forced, ops FROM transactions WHERE id=?", err);
	int64_t state, forced, ops;
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	rc = sql_step(s, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_USAGE, "there is no transaction %lld",
			       (long long)t->id);
	if (sql_read(s, "iii", &state, &forced, &ops) < 0 ||
	    state < journal_state_code(TXN_STAGING) ||
	    state > journal_state_code(TXN_FORGOTTEN) || ops < 0 || ops > INT32_MAX)
		return sql_damaged(err, "a row of transactions");
	t->state = (enum txn_state)(state - journal_state_code(TXN_STAGING));
	t->forced = forced != 0;
	*ret_ops = (uint32_t)ops;
	return 0;
}

static bool is_area_id(const char *id)
{
	return strlen(id) == AREA_ID_LENGTH &&
	       strspn(id, "0123456789abcdef") == AREA_ID_LENGTH;
}

static int load_areas(struct journal *j, struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "SELECT n, path, id, ino, btime FROM areas WHERE txn=? ORDER BY n",
		err);
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	while ((rc = sql_step(s, err)) == 1) {
		const char *path, *id;
		int64_t n, ino, btime;
		struct area *a;

		if (sql_read(s, "issii", &n, &path, &id, &ino, &btime) < 0 ||
		    n != t->areas.n || !path_is_canonical(path) || !is_area_id(id))
			return sql_damaged(err, "a row of areas");
		a = array_push(&t->areas);
		a->fd = a->slots = -1;
		a->top = xstrdup(path);
		memcpy(a->id, id, sizeof(a->id));
		a->self.ino = (uint64_t)ino;
		a->self.btime_ns = btime;
	}
	return rc;
}

static void digest_of(struct digest *ret, const void *p, size_t n)
{
	static const uint8_t none[32];

	memset(ret, 0, sizeof(*ret));
	if (n != sizeof(none) || !memcmp(p, none, n))
		return;
	ret->algo = DIGEST_SHA256;
	ret->len = sizeof(none);
	memcpy(ret->bytes, p, n);
}

static int load_rpmdb(struct journal *j, struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s =
		sql_prepare(j->db, "SELECT dir, old, new FROM rpmdb WHERE txn=?", err);
	const void *old, *new;
	size_t n_old, n_new;
	const char *dir;
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	rc = sql_step(s, err);
	if (rc <= 0)
		return rc;
	if (sql_read(s, "sbb", &dir, &old, &n_old, &new, &n_new) < 0 || !*dir ||
	    !path_is_canonical(dir))
		return sql_damaged(err, "a row of rpmdb");
	t->db_dir = xstrdup(dir);
	digest_of(&t->db_old, old, n_old);
	digest_of(&t->db_new, new, n_new);
	return 0;
}

/* --- its tasks ---------------------------------------------------------------------------------------- */

/* Columns at .. at+7. */
static int read_object(sqlite3_stmt *s, int at, struct object *ret)
{
	int64_t v[7];
	size_t caps;

	for (int i = 0; i < 7; i++, at++) {
		if (sqlite3_column_type(s, at) != SQLITE_INTEGER)
			return -1;
		v[i] = sqlite3_column_int64(s, at);
	}
	if (sqlite3_column_type(s, at) != SQLITE_BLOB)
		return -1;
	caps = (size_t)sqlite3_column_bytes(s, at);
	if (v[2] < 0 || v[2] > 0177777 || v[3] < 0 || v[3] > UINT32_MAX || v[4] < 0 ||
	    v[4] > UINT32_MAX || v[6] < 0 || caps > CAPS_MAX)
		return -1;
	ret->id.ino = (uint64_t)v[0];
	ret->id.btime_ns = v[1];
	ret->attr.mode = (uint32_t)v[2];
	ret->attr.uid = (uint32_t)v[3];
	ret->attr.gid = (uint32_t)v[4];
	ret->attr.mtime_ns = v[5];
	ret->size = (uint64_t)v[6];
	ret->attr.caps_len = (uint8_t)caps;
	if (caps)
		memcpy(ret->attr.caps, sqlite3_column_blob(s, at), caps);
	return 0;
}

static bool is_path(const char *path)
{
	return path_is_canonical(path) && strlen(path) < 1 << 16 &&
	       !task_path_is_area(path);
}

static int read_task(struct run *t, sqlite3_stmt *s, struct task *k)
{
	int64_t n, kind, reason, db, area;
	const char *path, *path2;

	if (sql_read(s, "iiiiisS", &n, &kind, &reason, &db, &area, &path, &path2) < 0 ||
	    n != t->tasks.list.n - 1 || kind < 0 || kind > OP_ATTR || reason < 0 ||
	    reason > 255 || area < 0 || area >= t->areas.n)
		return -1;
	k->kind = (enum op_kind)kind;
	k->reason = (enum op_reason)reason;
	k->db = db != 0;
	k->area = (uint32_t)area;
	k->strips = sqlite3_column_int64(s, 23) != 0;
	k->path = arena_strdup(&t->tasks.mem, path);
	if (path2)
		k->path2 = arena_strdup(&t->tasks.mem, path2);
	return read_object(s, 7, &k->old) < 0 || read_object(s, 15, &k->new) < 0 ||
			       !task_is_sound(k)
		       ? -1
		       : 0;
}

static int load_tasks(struct journal *j, struct run *t, uint32_t ops, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT n, kind, reason, db, area, path, path2, old_ino, old_btime, old_mode, "
		"old_uid, old_gid, old_mtime, old_size, old_caps, new_ino, new_btime, new_mode, "
		"new_uid, new_gid, new_mtime, new_size, new_caps, strips FROM ops WHERE txn=? ORDER BY n",
		err);
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	while ((rc = sql_step(s, err)) == 1)
		if (read_task(t, s, array_push(&t->tasks.list)) < 0)
			return sql_damaged(err, "a row of ops");
	if (rc == 0 && t->tasks.list.n != ops)
		return sql_damaged(err, "rows of ops are missing");
	return rc;
}

static int load_dirs(struct journal *j, struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT n, area, path, ino, btime, sides, mtime_after, mtime_before FROM dirs "
		"WHERE txn=? ORDER BY n",
		err);
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	while ((rc = sql_step(s, err)) == 1) {
		struct stamp *v = array_push(&t->stamps);
		int64_t n, area, ino, sides;
		const char *path;

		if (sql_read(s, "iisiiiii", &n, &area, &path, &ino, &v->id.btime_ns,
			     &sides, &v->mtime_ns[FORWARD], &v->mtime_ns[BACKWARD]) < 0 ||
		    n != t->stamps.n - 1 || area < 0 || area >= t->areas.n ||
		    !is_path(path))
			return sql_damaged(err, "a row of dirs");
		v->area = (uint32_t)area;
		v->path = arena_strdup(&t->tasks.mem, path);
		v->id.ino = (uint64_t)ino;
		v->set[FORWARD] = sides & 1;
		v->set[BACKWARD] = sides & 2;
	}
	return rc;
}

static int load_pins(struct journal *j, struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT n, area, path, ino, btime, immutable, append, stays FROM pins "
		"WHERE txn=? ORDER BY n",
		err);
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "i", t->id);
	while ((rc = sql_step(s, err)) == 1) {
		struct pin *p = array_push(&t->pins);
		int64_t n, area, ino, immutable, append, stays;
		const char *path;

		if (sql_read(s, "iisiiiii", &n, &area, &path, &ino, &p->id.btime_ns,
			     &immutable, &append, &stays) < 0 ||
		    n != t->pins.n - 1 || area < 0 || area >= t->areas.n ||
		    !is_path(path))
			return sql_damaged(err, "a row of pins");
		p->area = (uint32_t)area;
		p->path = arena_strdup(&t->tasks.mem, path);
		p->id.ino = (uint64_t)ino;
		p->immutable = immutable != 0;
		p->append = append != 0;
		p->stays = stays != 0;
	}
	return rc;
}

static int load_ctimes(struct journal *j, struct run *t, struct error *err)
{
	uint32_t n = t->tasks.list.n;
	cleanup_free int64_t *old = xcalloc(n + 1, sizeof(*old)),
			     *new = xcalloc(n + 1, sizeof(*new));

	if (journal_get_ctimes(j, t->id, false, old, n, err) < 0 ||
	    journal_get_ctimes(j, t->id, true, new, n, err) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		t->tasks.list.v[i].old.ctime_ns = old[i];
		t->tasks.list.v[i].new.ctime_ns = new[i];
	}
	return 0;
}

int journal_load(struct journal *j, struct run *t, bool tasks, struct error *err)
{
	uint32_t ops = 0;

	if (load_row(j, t, &ops, err) < 0 || load_areas(j, t, err) < 0 ||
	    load_rpmdb(j, t, err) < 0)
		return -1;
	if (!tasks)
		return 0;
	if (load_tasks(j, t, ops, err) < 0 || load_dirs(j, t, err) < 0 ||
	    load_pins(j, t, err) < 0 || load_ctimes(j, t, err) < 0)
		return -1;
	tasks_index(&t->tasks);
	return 0;
}

/* --- ctimes -------------------------------------------------------------------------------------------- */

static int open_blob(struct journal *j, int64_t id, bool new, bool write, uint32_t n,
		     sqlite3_blob **ret, struct error *err)
{
	if (sqlite3_blob_open(j->db, "main", "ctimes", new ? "new" : "old", id, write,
			      ret) != SQLITE_OK) {
		sql_fail(j->db, err);
		sqlite3_blob_close(*ret);
		return -1;
	}
	if ((size_t)sqlite3_blob_bytes(*ret) == n * sizeof(int64_t))
		return 0;
	sqlite3_blob_close(*ret);
	return sql_damaged(err, "a row of ctimes");
}

int journal_get_ctimes(struct journal *j, int64_t id, bool new, int64_t *ret, uint32_t n,
		       struct error *err)
{
	sqlite3_blob *b = NULL;
	int rc;

	if (open_blob(j, id, new, false, n, &b, err) < 0)
		return -1;
	rc = sqlite3_blob_read(b, ret, (int)(n * sizeof(*ret)), 0);
	if (rc != SQLITE_OK)
		sql_fail(j->db, err);
	sqlite3_blob_close(b);
	for (uint32_t i = 0; i < n; i++)
		ret[i] = (int64_t)le64toh((uint64_t)ret[i]);
	return rc == SQLITE_OK ? 0 : -1;
}

int journal_put_ctimes(struct journal *j, int64_t id, bool new, const int64_t *v,
		       uint32_t n, struct error *err)
{
	cleanup_free int64_t *little = xcalloc(n + 1, sizeof(*little));
	sqlite3_blob *b = NULL;
	int rc;

	for (uint32_t i = 0; i < n; i++)
		little[i] = (int64_t)htole64((uint64_t)v[i]);
	if (open_blob(j, id, new, true, n, &b, err) < 0)
		return -1;
	rc = sqlite3_blob_write(b, little, (int)(n * sizeof(*little)), 0);
	if (rc != SQLITE_OK)
		sql_fail(j->db, err);
	if (sqlite3_blob_close(b) != SQLITE_OK && rc == SQLITE_OK)
		rc = sql_fail(j->db, err);
	return rc == SQLITE_OK ? 0 : -1;
}
