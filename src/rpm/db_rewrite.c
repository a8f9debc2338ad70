/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "rpm/child.h"
#include "rpm/db.h"
#include "rpm/db_bdb.h"
#include "rpm/db_make.h"
#include "rpm/db_sqlite.h"
#include "rpm/frame.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

/* No rpmdb takes so long; what does is in a loop. */
#define SILENCE_SECONDS 600

struct db_rewrite {
	struct db *db;
	const struct plan *plan;
	db_open_pkg_fn open_pkg;
	void *ctx;
	struct scratch *out;
	struct child *child;
};

/* In the child. */
struct work {
	const struct db_rewrite *job;
	const struct changes *changes;
	uint32_t now; /* install time and transaction id, as rpm has them: one for all */
	/* what a record was installed with; of the first, and by change: of the one that is replaced */
	struct manner {
		uint32_t color;
		uint32_t n_whole;
		int whole[HDR_WHOLE_MAX]; /* algorithms */
	} usual, *manners;
	struct strlist wanted; /* NEVRAs of the packages there should be */
	bool anew; /* packages that stay must be copied; else they are there */
	/* where records go: to librpm, or into what the root's own rpm rebuilds it from */
	struct db_make *make;
	struct db_bdb *bdb;
};

static int put(struct work *w, Header h, const char *what, struct error *err)
{
	cleanup_free void *blob = NULL;
	uint32_t instance;
	size_t n;

	if (!w->bdb)
		return db_make_add(w->make, h, what, &instance, err);
	blob = hdr_export(h, &n);
	return blob ? db_bdb_add(w->bdb, blob, n, err)
		    : err_set(err, ERR_FAILED, "librpm cannot write %s", what);
}

/* --- install states ------------------------------------------------------------------------------- */

static int set_states(const struct plan *plan, uint32_t instance, Header h,
		      struct error *err)
{
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_free uint8_t *states = NULL;
	struct pkg *p;
	uint32_t n;
	int rc = 0;

	if (hdr_read_installed(h, instance, HDR_FILES, what, &p, err))
		return -1;
	n = p->files.n;
	states = xcalloc(n + 1, 1);
	for (uint32_t i = 0; i < n; i++)
		states[i] = p->files.v[i].state;
	pkg_free(p);
	for (uint32_t i = 0; i < plan->states.n && rc == 0; i++) {
		const struct state_fix *s = &plan->states.v[i];

		if (s->side != SIDE_STAYING || s->owner != instance)
			continue;
		if (s->file < n)
			states[s->file] = s->state;
		else
			rc = err_set(err, ERR_FAILED, "%s has %u files, and no %u", what,
				     n, s->file);
	}
	return rc ? -1 : hdr_set_states(h, states, n, err);
}

static bool has_states(const struct plan *plan, uint32_t instance)
{
	for (uint32_t i = 0; i < plan->states.n; i++)
		if (plan->states.v[i].side == SIDE_STAYING &&
		    plan->states.v[i].owner == instance)
			return true;
	return false;
}

static uint8_t *arriving_states(const struct plan *plan, uint32_t change, uint32_t n)
{
	uint8_t *states = xcalloc(n + 1, 1);

	for (uint32_t i = 0; i < plan->states.n; i++) {
		const struct state_fix *s = &plan->states.v[i];

		if (s->side == SIDE_ARRIVING && s->owner == change && s->file < n)
			states[s->file] = s->state;
	}
	return states;
}

/* --- packages that come ---------------------------------------------------------------------------- */

/* Digests over the package file, of which there may be the headers only: then there are none. */
static int digest_whole(int fd, const struct manner *m, const char *what,
			struct hdr_install *how, struct digest *ret, struct error *err)
{
	struct frame f;

	if (m->n_whole == 0)
		return 0;
	if (frame_read(fd, what, &f, err))
		return -1;
	if (f.state != FRAME_OK || f.file_size == f.payload_at)
		return 0;
	for (uint32_t i = 0; i < m->n_whole; i++) {
		if (digest_length(m->whole[i]) == 0)
			continue; /* nobody here can compute it */
		if (digest_fd(fd, m->whole[i], &ret[how->n_whole]))
			return err_errno(err, "cannot read '%s'", what);
		how->n_whole++;
	}
	how->whole = ret;
	return 0;
}

/* The header that the plan was made with, out of the package at hand. */
static int read_arriving(const struct work *w, uint32_t i, Header *ret,
			 struct hdr_install *how, struct digest *ret_whole,
			 struct error *err)
{
	const struct pkg *to = w->changes->list.v[i].to;
	const struct manner *m =
		w->changes->list.v[i].from ? &w->manners[i] : &w->usual;
	cleanup_close int fd = w->job->open_pkg(w->job->ctx, i, err);
	cleanup_header Header h = NULL;
	struct digest d;

	if (fd < 0 || hdr_read_file(fd, to->nevra, &h, err) ||
	    digest_whole(fd, m, to->nevra, how, ret_whole, err))
		return -1;
	how->color = m->color;
	hdr_digest(h, &d);
	if (!digest_is_same(&d, &to->hdrdigest))
		return err_set(
			err, ERR_UNTRUSTED,
			"the package %s is another one than when the plan was made",
			to->nevra);
	*ret = steal_ptr(h);
	return 0;
}

static int add_arriving(struct work *w, struct error *err)
{
	for (uint32_t i = 0; i < w->changes->list.n; i++) {
		const struct pkg *to = w->changes->list.v[i].to;
		cleanup_header Header h = NULL;
		cleanup_free uint8_t *states = NULL;
		struct hdr_install how = {.tid = w->now, .time = w->now};
		struct digest whole[HDR_WHOLE_MAX];

		if (!to)
			continue;
		if (read_arriving(w, i, &h, &how, whole, err))
			return -1;
		states = arriving_states(w->job->plan, i, to->files.n);
		how.states = states;
		how.n = to->files.n;
		if (hdr_make_installed(h, &how, err))
			return err_prefix(err, "%s", to->nevra);
		if (put(w, h, to->nevra, err))
			return -1;
		strlist_add(&w->wanted, to->nevra);
	}
	return 0;
}

/* --- packages that are there ------------------------------------------------------------------------ */

static struct manner manner_of(Header h)
{
	struct manner m = {.color = hdr_install_color(h)};

	m.n_whole = hdr_install_whole(h, m.whole);
	return m;
}

static int see_old(void *ctx, uint32_t instance, const void *blob, size_t n,
		   struct error *err)
{
	struct work *w = ctx;
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);
	bool leaves = false;

	if (!h)
		return -1;
	for (uint32_t i = 0; i < w->changes->list.n; i++) {
		const struct pkg *from = w->changes->list.v[i].from;

		if (!from || from->instance != instance ||
		    w->changes->list.v[i].kind == CHANGE_CLEAR)
			continue;
		leaves = true;
		w->manners[i] = manner_of(h);
	}
	if (w->usual.color == 0)
		w->usual = manner_of(h);
	/* the clock of a rescue system may be behind: what is done last must not look older */
	if (w->now <= hdr_install_id(h) && hdr_install_id(h) < UINT32_MAX)
		w->now = hdr_install_id(h) + 1;
	if (leaves)
		return 0;
	strlist_take(&w->wanted, hdr_nevra(h));
	if (!w->anew)
		return 0;
	if (has_states(w->job->plan, instance) &&
	    set_states(w->job->plan, instance, h, err))
		return -1;
	return put(w, h, what, err);
}

/* The new database holds the wanted packages, each as often as wanted, and no other. */
static int compare(struct work *w, enum db_backend backend, struct error *err)
{
	struct strlist found = {0};
	int rc;

	rc = db_rows_names(w->job->out->path, backend, &found, err);
	if (rc == 0 && found.n != w->wanted.n)
		rc = err_set(err, ERR_FAILED,
			     "the new rpmdb holds %u packages, and %u are wanted",
			     found.n, w->wanted.n);
	strlist_sort(&w->wanted);
	for (uint32_t i = 0; rc == 0 && i < found.n; i++)
		if (strcmp(found.v[i], w->wanted.v[i]) != 0)
			rc = err_set(err, ERR_FAILED,
				     "the new rpmdb holds %s where %s is wanted",
				     found.v[i], w->wanted.v[i]);
	strlist_release(&found);
	return rc;
}

/* --- sqlite: a copy is changed ------------------------------------------------------------------------ */

static int copy_main_file(const struct work *w, struct error *err)
{
	const struct db *db = w->job->db;
	cleanup_free char *from = xasprintf("%s/%s", db->scratch->path, db->file);
	cleanup_close int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;

	if (in < 0)
		return err_errno(err, "cannot open the private copy '%s'", from);
	out = scratch_create(w->job->out, db->file, err);
	if (out < 0)
		return -1;
	return file_copy(in, out) ? err_errno(err, "cannot copy '%s'", from) : 0;
}

static int fix_states(struct work *w, sqlite3 *db, struct error *err)
{
	const struct plan *plan = w->job->plan;
	uint32_t done = 0;

	for (uint32_t i = 0; i < plan->states.n; i++) {
		uint32_t instance = plan->states.v[i].owner;
		cleanup_free char *what = xasprintf("package %u", instance);
		cleanup_free void *blob = NULL, *fresh = NULL;
		cleanup_header Header h = NULL;
		size_t n;

		/* all states of a package are set at once; they stand together */
		if (plan->states.v[i].side != SIDE_STAYING || instance == done)
			continue;
		done = instance;
		if (db_sqlite_get(db, instance, &blob, &n, err))
			return -1;
		h = hdr_import(blob, n, what, err);
		if (!h || set_states(plan, instance, h, err))
			return -1;
		fresh = hdr_export(h, &n);
		if (!fresh)
			return err_set(err, ERR_FAILED, "librpm cannot write %s", what);
		if (db_sqlite_replace(db, instance, fresh, n, err))
			return -1;
	}
	return 0;
}

static int take_out(struct work *w, const char *path, struct error *err)
{
	cleanup_free uint32_t *leaving =
		xcalloc(w->changes->list.n + 1, sizeof(*leaving));
	cleanup_sqlite sqlite3 *db = NULL;
	uint32_t count, n = 0;

	for (uint32_t i = 0; i < w->changes->list.n; i++)
		if (w->changes->list.v[i].from &&
		    w->changes->list.v[i].kind != CHANGE_CLEAR)
			leaving[n++] = w->changes->list.v[i].from->instance;
	if (db_sqlite_open(path, DB_SQLITE_KNOWN, &db, &count, err) ||
	    db_sqlite_each(db, see_old, w, err) || db_sqlite_exec(db, "BEGIN", err) ||
	    db_sqlite_remove(db, leaving, n, err) || fix_states(w, db, err) ||
	    db_sqlite_exec(db, "COMMIT", err))
		return -1;
	return 0;
}

/* https://www.sqlite.org/fileformat2.html: byte 18 is 2 where a write-ahead log is used */
static int uses_wal(const char *path, bool *ret, struct error *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t version;

	if (fd < 0 || pread(fd, &version, 1, 18) != 1)
		return err_errno(err, "cannot read '%s'", path);
	*ret = version == 2;
	return 0;
}

/* Leaves one whole file, no log beside it, in the mode that the root's own has. */
static int close_up(const char *path, bool wal, struct error *err)
{
	cleanup_sqlite sqlite3 *db = NULL;
	uint32_t count;

	if (db_sqlite_open(path, DB_SQLITE_ALL, &db, &count, err) ||
	    db_sqlite_shrink(db, err))
		return -1;
	return wal ? 0 : db_sqlite_exec(db, "PRAGMA journal_mode = DELETE", err);
}

static int rewrite_sqlite(struct work *w, struct error *err)
{
	const struct db_rewrite *job = w->job;
	cleanup_free char *path = xasprintf("%s/%s", job->out->path, job->db->file);
	bool wal = true;

	if (copy_main_file(w, err) || uses_wal(path, &wal, err) ||
	    take_out(w, path, err) ||
	    db_make_begin(job->out->path, job->db->scratch->path, DB_SQLITE, &w->make,
			  err))
		return -1;
	if (add_arriving(w, err) || db_make_finish(w->make, err) ||
	    compare(w, DB_SQLITE, err))
		return -1;
	if (FAILPOINT("rpmdb-built"))
		return err_errno(err, "cannot go on");
	return close_up(path, wal, err);
}

/* --- other backends: made anew ------------------------------------------------------------------------ */

static int rewrite_anew(struct work *w, struct error *err)
{
	const struct db_rewrite *job = w->job;

	if (db_make_begin(job->out->path, job->db->scratch->path, job->db->backend,
			  &w->make, err))
		return -1;
	if (db_each(job->db, see_old, w, err) || add_arriving(w, err) ||
	    db_make_finish(w->make, err))
		return -1;
	return compare(w, job->db->backend, err);
}

/* --- what librpm cannot write: put down for the root's own rpm -------------------------------------- */

/* As the database is, or one of Berkeley DB 4.6 to 5.3: rpm at large reads both. */
static int bdb_kind(const struct db *db, struct db_bdb_kind *ret, struct error *err)
{
	cleanup_free char *from = xasprintf("%s/%s", db->scratch->path, db->file);
	cleanup_close int in = -1;

	*ret = (struct db_bdb_kind){.version = 9};
	if (db->backend != DB_BDB)
		return 0;
	in = open(from, O_RDONLY | O_CLOEXEC);
	return in < 0 ? err_errno(err, "cannot open the private copy '%s'", from)
		      : db_bdb_kind(in, ret, err);
}

static int fill_bdb(struct work *w, int out, struct error *err)
{
	struct db_bdb_kind kind;
	int rc;

	if (bdb_kind(w->job->db, &kind, err) || db_bdb_new(out, &kind, &w->bdb, err))
		return -1;
	rc = db_each(w->job->db, see_old, w, err) || add_arriving(w, err) ||
	     db_bdb_finish(w->bdb, err);
	db_bdb_free(steal_ptr(w->bdb));
	return rc ? -1 : 0;
}

static int rewrite_for_root(struct work *w, struct error *err)
{
	cleanup_close int out =
		scratch_create(w->job->out, db_backend_file(DB_BDB), err);

	return out < 0 || fill_bdb(w, out, err) ? -1 : compare(w, DB_BDB, err);
}

static int rewrite(void *ctx, struct buf *ret _unused_, struct error *err)
{
	struct work w = {.job = ctx};

	w.changes = w.job->plan->changes;
	w.now = (uint32_t)time(NULL);
	w.manners = xcalloc(w.changes->list.n + 1, sizeof(*w.manners));
	w.anew = w.job->db->backend != DB_SQLITE || !w.job->db->writable;
	if (!w.job->db->writable)
		return rewrite_for_root(&w, err);
	return w.anew ? rewrite_anew(&w, err) : rewrite_sqlite(&w, err);
}

int db_rewrite_start(struct db *db, const struct plan *plan, db_open_pkg_fn open_pkg,
		     void *ctx, struct db_rewrite **ret, struct error *err)
{
	struct db_rewrite *job;
	uint64_t room = 2 * db->bytes + (16 << 20);

	if (!db->writable && !db_is_for_root(db))
		return err_set(err, ERR_FAILED,
			       "cannot try how a package database is written here: %s",
			       db->unknown);
	for (uint32_t i = 0; i < plan->changes->arriving.n; i++)
		room += 256 * (uint64_t)plan->changes->arriving.v[i]->files.n;
	job = xcalloc(1, sizeof(*job));
	*job = (struct db_rewrite){db, plan, open_pkg, ctx, NULL, NULL};
	if (scratch_new("newdb", room, &job->out, err) ||
	    child_start(rewrite, job, &job->child, err)) {
		db_rewrite_free(job);
		return -1;
	}
	*ret = job;
	return 0;
}

int db_rewrite_finish(struct db_rewrite *job, struct scratch **ret, struct error *err)
{
	int rc = child_finish(steal_ptr(job->child), SILENCE_SECONDS, NULL, err);

	if (rc == 0)
		*ret = steal_ptr(job->out);
	else
		err_prefix(err, "building the new rpmdb");
	db_rewrite_free(job);
	return rc ? -1 : 0;
}

void db_rewrite_free(struct db_rewrite *job)
{
	if (!job)
		return;
	child_free(job->child);
	scratch_free(job->out);
	free(job);
}

int db_rewrite(struct db *db, const struct plan *plan, db_open_pkg_fn open_pkg, void *ctx,
	       struct scratch **ret, struct error *err)
{
	struct db_rewrite *job;

	if (db_rewrite_start(db, plan, open_pkg, ctx, &job, err))
		return -1;
	return db_rewrite_finish(job, ret, err);
}
