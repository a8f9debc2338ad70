/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/failpoint.h"
#include "core/change.h"
#include "txn/dbstep.h"
#include "txn/journal.h"
#include "txn/scripts.h"
#include "txn/sql.h"

#define I(x) ((int64_t)(x))

/* Numbers of this size take six bytes in SQLite, whatever is added to them. */
#define SEQ_BASE (INT64_C(1) << 40)

int journal_next_id(struct journal *j, int64_t *ret, struct error *err)
{
	if (sql_number(j->db, "SELECT max(id) FROM transactions", ret, err) < 0)
		return -1;
	++*ret;
	return 0;
}

/* --- the start --------------------------------------------------------------------------------------- */

int journal_put_changes(struct journal *j, int64_t id, const struct record *rec,
			struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "INSERT INTO changes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", err);
	const struct changes *c = rec->changes;

	if (!s)
		return -1;
	for (uint32_t i = 0; c && i < c->list.n; i++) {
		const struct change *v = &c->list.v[i];
		const char *source = NULL;

		if (rec->sources && v->to && v->source >= 0 &&
		    (uint32_t)v->source < rec->sources->n)
			source = rec->sources->v[v->source]->shown;
		sql_bind(s, "iiissssssi", id, I(i), I(v->kind),
			 v->from ? v->from->nevra : NULL, v->to ? v->to->nevra : NULL,
			 source, v->location, v->signer, v->reason,
			 I(v->unsigned_allowed));
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

static int put_areas(struct journal *j, int64_t id, const struct areas *l,
		     struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "INSERT OR REPLACE INTO areas VALUES(?, ?, ?, ?, ?, ?)", err);

	if (!s)
		return -1;
	for (uint32_t i = 0; i < l->n; i++) {
		const struct area *a = &l->v[i];

		sql_bind(s, "iissii", id, I(i), a->top, a->id, I(a->self.ino),
			 I(a->self.btime_ns));
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

int journal_put_start(struct journal *j, const struct run *t, const struct record *rec,
		      struct error *err)
{
	int64_t now = I(time(NULL));

	if (sql_do(j->db, err,
		   "INSERT INTO transactions VALUES(?, ?, ?, ?, ?, 0, ?, ?, 0, 0, 0, ?, ?, ?)",
		   "iiiiiiisss", t->id, journal_state_code(TXN_STAGING), SEQ_BASE, now,
		   now, I(rec->unsigned_allowed),
		   I(rec->changes ? rec->changes->list.n : 0),
		   rec->title ? rec->title : "", rec->command ? rec->command : "",
		   PACKAGE_VERSION) < 0)
		return -1;
	if (rec->step_of && dbstep_put_of(j, t->id, rec->step_of, err) < 0)
		return -1;
	return journal_put_changes(j, t->id, rec, err) < 0 ||
			       put_areas(j, t->id, &t->areas, err) < 0 ||
			       scripts_put(j, t->id, rec->scripts, rec->n_scripts, err) <
				       0
		       ? -1
		       : 0;
}

/* --- the tasks ---------------------------------------------------------------------------------------- */

static void bind_object(sqlite3_stmt *s, int at, const struct object *o)
{
	const int64_t v[] = {I(o->id.ino),   I(o->id.btime_ns), I(o->attr.mode),
			     I(o->attr.uid), I(o->attr.gid),	I(o->attr.mtime_ns),
			     I(o->size)};

	for (size_t i = 0; i < ELEMENTSOF(v); i++)
		sqlite3_bind_int64(s, at++, v[i]);
	sqlite3_bind_blob(s, at, o->attr.caps, o->attr.caps_len, SQLITE_STATIC);
	if (!o->attr.caps_len)
		sqlite3_bind_zeroblob(s, at, 0);
}

static int put_ops(struct journal *j, const struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"INSERT INTO ops VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?)",
		err);

	if (!s)
		return -1;
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];

		sql_bind(s, "iiiiiiss", t->id, I(i), I(k->kind), I(k->reason), I(k->db),
			 I(k->area), k->path, k->path2);
		bind_object(s, 9, &k->old);
		bind_object(s, 17, &k->new);
		sqlite3_bind_int64(s, 25, k->strips);
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

static int put_dirs(struct journal *j, const struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "INSERT INTO dirs VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", err);

	if (!s)
		return -1;
	for (uint32_t i = 0; i < t->stamps.n; i++) {
		const struct stamp *v = &t->stamps.v[i];

		sql_bind(s, "iiisiiiii", t->id, I(i), I(v->area), v->path, I(v->id.ino),
			 I(v->id.btime_ns), I(v->set[FORWARD] | v->set[BACKWARD] << 1),
			 v->mtime_ns[FORWARD], v->mtime_ns[BACKWARD]);
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

static int put_pins(struct journal *j, const struct run *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "INSERT INTO pins VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", err);

	if (!s)
		return -1;
	for (uint32_t i = 0; i < t->pins.n; i++) {
		const struct pin *p = &t->pins.v[i];

		sql_bind(s, "iiisiiiii", t->id, I(i), I(p->area), p->path, I(p->id.ino),
			 I(p->id.btime_ns), I(p->immutable), I(p->append), I(p->stays));
		if (sql_run(s, err) < 0)
			return -1;
	}
	return 0;
}

int journal_put_ops(struct journal *j, const struct run *t, struct error *err)
{
	return put_ops(j, t, err) < 0 || put_dirs(j, t, err) < 0 ? -1 : 0;
}

static int put_held(struct journal *j, const struct run *t, struct error *err)
{
	uint64_t done = t->step.bytes, undone = done;

	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];

		if (k->kind == OP_ATTR || k->kind == OP_MOVE)
			continue;
		if (object_is_there(&k->old) && S_ISREG(k->old.attr.mode))
			done += k->old.size;
		if (object_is_there(&k->new) && S_ISREG(k->new.attr.mode))
			undone += k->new.size;
	}
	return sql_do(
		j->db, err,
		"UPDATE transactions SET ops=?, held_done=?, held_undone=? WHERE id=?",
		"iiii", I(t->tasks.list.n), I(done), I(undone), t->id);
}

int journal_put_tasks(struct journal *j, const struct run *t, struct error *err)
{
	cleanup_free int64_t *old = xcalloc(t->tasks.list.n + 1, sizeof(*old));
	size_t bytes = t->tasks.list.n * sizeof(*old);

	if (put_areas(j, t->id, &t->areas, err) < 0 || put_ops(j, t, err) < 0 ||
	    put_dirs(j, t, err) < 0 || put_pins(j, t, err) < 0 || put_held(j, t, err) < 0)
		return -1;
	/* room for both sides; what the old objects have is known already */
	if (sql_do(j->db, err, "INSERT INTO ctimes VALUES(?, zeroblob(?), zeroblob(?))",
		   "iii", t->id, I(bytes), I(bytes)) < 0)
		return -1;
	for (uint32_t i = 0; i < t->tasks.list.n; i++)
		old[i] = t->tasks.list.v[i].old.ctime_ns;
	if (journal_put_ctimes(j, t->id, false, old, t->tasks.list.n, err) < 0)
		return -1;
	if (!t->db_dir)
		return 0;
	if (dbstep_put(j, t, err) < 0)
		return -1;
	return sql_do(j->db, err,
		      "INSERT INTO rpmdb VALUES(?, ?, zeroblob(32), zeroblob(32))", "is",
		      t->id, t->db_dir) < 0
		       ? -1
		       : journal_put_rpmdb(j, t, err);
}

/* --- changes of state ------------------------------------------------------------------------------- */

int journal_put_state(struct journal *j, const struct run *t, enum txn_state state,
		      struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"UPDATE transactions SET state=?1, forced=?2, ended=?3, "
		"seq=(SELECT max(seq) FROM transactions) + 1 WHERE id=?4 AND state=?5",
		err);

	if (!s)
		return -1;
	sql_bind(s, "iiiii", journal_state_code(state), I(t->forced), I(time(NULL)),
		 t->id, journal_state_code(t->state));
	if (sql_run(s, err) < 0)
		return -1;
	if (sqlite3_changes(j->db) != 1)
		BUG("transaction %lld is not %s", (long long)t->id,
		    txn_state_name(t->state));
	return 0;
}

int journal_set_state(struct journal *j, struct run *t, enum txn_state state,
		      struct error *err)
{
	if (journal_begin(j, err) < 0 || journal_put_state(j, t, state, err) < 0 ||
	    journal_commit(j, err) < 0) {
		journal_rollback(j);
		return -1;
	}
	t->state = state;
	return FAILPOINT("state-set") ? err_errno(err, "cannot write the journal") : 0;
}

int journal_force_state(struct journal *j, struct run *t, enum txn_state state,
			struct error *err)
{
	if (journal_begin(j, err) < 0 ||
	    sql_do(j->db, err, "UPDATE transactions SET state=? WHERE id=?", "ii",
		   journal_state_code(state), t->id) < 0 ||
	    journal_commit(j, err) < 0) {
		journal_rollback(j);
		return -1;
	}
	t->state = state;
	return FAILPOINT("state-forced") ? err_errno(err, "cannot write the journal") : 0;
}

int journal_number(struct journal *j, const char *sql, int64_t *ret, struct error *err)
{
	return sql_number(j->db, sql, ret, err);
}

int journal_knows_area(struct journal *j, int64_t txn, const char *id, bool *ret,
		       struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db, "SELECT 1 FROM areas WHERE id=?1 AND (?2=0 OR txn=?2) LIMIT 1",
		err);
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "si", id, txn);
	rc = sql_step(s, err);
	if (rc < 0)
		return -1;
	*ret = rc > 0;
	return 0;
}

/* Digests are SHA-256; all zero stands for none. */
int journal_put_rpmdb(struct journal *j, const struct run *t, struct error *err)
{
	uint8_t old[32] = {0}, new[32] = {0};

	if (!t->db_dir)
		return 0;
	if (t->db_old.len == sizeof(old))
		memcpy(old, t->db_old.bytes, sizeof(old));
	if (t->db_new.len == sizeof(new))
		memcpy(new, t->db_new.bytes, sizeof(new));
	return sql_do(j->db, err, "UPDATE rpmdb SET old=?, new=? WHERE txn=?", "bbi", old,
		      sizeof(old), new, sizeof(new), t->id);
}

static int rehearse_ctimes(struct journal *j, int64_t id, uint32_t n, struct error *err)
{
	cleanup_free int64_t *v = xcalloc(n + 1, sizeof(*v));

	for (int new = 0; new < 2; new ++)
		if (journal_get_ctimes(j, id, new, v, n, err) < 0 ||
		    journal_put_ctimes(j, id, new, v, n, err) < 0)
			return -1;
	return 0;
}

static int rehearse(struct journal *j, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT id, ops FROM transactions JOIN ctimes ON txn=id ORDER BY id",
		err);
	int64_t id, n;
	int rc;

	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1) {
		if (sql_read(s, "ii", &id, &n) < 0 || n < 0 || n > UINT32_MAX)
			return sql_damaged(err, "a row of transactions");
		if (rehearse_ctimes(j, id, n, err) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	/* a value that does not change is not written */
	return sql_exec(
		j->db,
		"UPDATE transactions SET seq=seq+1; UPDATE transactions SET seq=seq-1;"
		"UPDATE rpmdb SET old=new, new=old; UPDATE rpmdb SET old=new, new=old",
		err);
}

int journal_rehearse(struct journal *j, struct error *err)
{
	if (journal_begin(j, err) < 0 || rehearse(j, err) < 0 ||
	    journal_commit(j, err) < 0) {
		journal_rollback(j);
		return -1;
	}
	return 0;
}

/* --- rows that go --------------------------------------------------------------------------------------- */

/* keep NULL: the transaction never was */
static int remove_rows(struct journal *j, int64_t id, const char *const *tables, size_t n,
		       const struct areas *keep, struct error *err)
{
	if (journal_begin(j, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *sql =
			xasprintf("DELETE FROM %s WHERE %s=?", tables[i],
				  !strcmp(tables[i], "transactions") ? "id" : "txn");

		if (sql_do(j->db, err, sql, "i", id) < 0) {
			journal_rollback(j);
			return -1;
		}
	}
	/* of one that never was, also what it was of another */
	if ((keep ? put_areas(j, id, keep, err) < 0
		  : dbstep_drop(j, id, err) < 0 || scripts_drop(j, id, err) < 0) ||
	    sql_exec(j->db, "PRAGMA incremental_vacuum", err) < 0 ||
	    journal_commit(j, err) < 0) {
		journal_rollback(j);
		return -1;
	}
	return 0;
}

int journal_drop(struct journal *j, int64_t id, struct error *err)
{
	static const char *const tables[] = {"ops",   "dirs",  "pins",	  "ctimes",
					     "rpmdb", "areas", "changes", "transactions"};

	return remove_rows(j, id, tables, ELEMENTSOF(tables), NULL, err);
}

int journal_clear(struct journal *j, int64_t id, const struct areas *keep,
		  struct error *err)
{
	static const char *const tables[] = {"ops",    "dirs",	"pins",
					     "ctimes", "rpmdb", "areas"};

	return remove_rows(j, id, tables, ELEMENTSOF(tables), keep, err);
}
