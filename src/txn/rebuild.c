/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database step, see dbstep.h. The root's own rpm works on a copy; what it made is exchanged as any rpmdb. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/runner.h"
#include "rpm/db_rebuilt.h"
#include "txn/dbstep.h"
#include "txn/undo.h"
#include "txn/work.h"

#define SECONDS 1800 /* that it may take */
#define MADE	"db" /* the folder that it works in */

struct rebuild {
	const struct run *run;
	struct scratch *records; /* what is wanted */
	struct scratch *world;	 /* what it can write to */
	char *made;		 /* path of the folder in it */
};

static void rebuild_release(struct rebuild *b)
{
	scratch_free(b->records);
	scratch_free(b->world);
	free(b->made);
}

/* --- the root's own rpm ---------------------------------------------------------------------------------- */

/* A folder with the records as the database that is to be rebuilt. */
static int make_world(struct rebuild *b, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/Packages", b->records->path);
	cleanup_close int in = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close int dir = -1, out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return err_errno(err, "cannot open '%s'", path);
	/* the copy, the new database, and the indices of each while it works */
	if (scratch_new("rebuild", 4 * (unsigned long long)st.st_size + (16 << 20),
			&b->world, err) < 0)
		return -1;
	b->made = xasprintf("%s/" MADE, b->world->path);
	if (mkdirat(b->world->fd, MADE, 0700) == 0)
		dir = openat(b->world->fd, MADE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		out = openat(dir, "Packages", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     0644);
	return out < 0 || file_copy(in, out) < 0
		       ? err_errno(err, "cannot copy '%s'", path)
		       : 0;
}

static int run_rpm(struct rebuild *b, struct error *err)
{
	struct runner_order o = {.what = RUNNER_REBUILD,
				 .folder = b->world->path,
				 .seconds = SECONDS,
				 .stop = run_stop(b->run)};
	struct runner_result result = {0};
	int rc;

	strlist_add(&o.argv, "rpmdb");
	rc = runner_run(&o, &result, err);
	strlist_release(&o.argv);
	if (rc == 0) {
		cleanup_free char *why = runner_result_failure(&result);
		cleanup_free char *words = runner_result_words(&result);

		if (why)
			rc = err_set(err, ERR_FAILED, "%s%s%s", why, *words ? ": " : "",
				     words);
	}
	runner_result_release(&result);
	return rc < 0 ? err_prefix(err, "the root's own rpm did not rebuild the rpmdb")
		      : 0;
}

/* The database's files up into the scratch folder itself; it may have left others. */
static int gather(struct rebuild *b, struct error *err)
{
	cleanup_close int dir = openat(b->world->fd, MADE,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_close int copy = dir < 0 ? -1 : dup(dir);
	cleanup_closedir DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;

	if (!d)
		return err_errno(err, "cannot look into '%s'", b->made);
	copy = -1; /* the stream's */
	while ((errno = 0, e = readdir(d))) {
		cleanup_close int fd = openat(
			dir, e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		struct stat st;

		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    db_find_is_part(e->d_name, fd) == DB_PART_LASTING &&
		    renameat(dir, e->d_name, b->world->fd, e->d_name) < 0)
			return err_errno(err, "cannot take '%s'", e->d_name);
	}
	return errno ? err_errno(err, "cannot look into '%s'", b->made) : 0;
}

static int start(void *ctx, void **ret_job, struct error *err _unused_)
{
	*ret_job = ctx;
	return 0;
}

static int finish(void *job, struct scratch **ret, struct error *err)
{
	struct rebuild *b = job;

	if (run_rpm(b, err) < 0)
		return -1;
	if (FAILPOINT("rebuild-ran"))
		return err_errno(err, "cannot go on");
	if (db_rebuilt_check(b->records->path, b->made, err) < 0)
		return err_prefix(err, "what the root's own rpm made of the rpmdb is not "
				       "what was to be");
	if (gather(b, err) < 0)
		return -1;
	*ret = steal_ptr(b->world);
	return 0;
}

static void give_up(void *job _unused_)
{
}

/* --- the transaction ------------------------------------------------------------------------------------- */

/* The rpmdb from a private copy, and the transaction of the step from a copy of the journal. */
static int rebuild(struct run *t, struct db *db, const char *command,
		   struct txn_result *ret, struct error *err)
{
	struct rebuild b = {.run = t};
	struct changes none = {0};
	struct plan plan = {.changes = &none};
	struct content content = {0};
	struct rpmdb_maker rpmdb = {db, &b, start, finish, give_up, .whole = true};
	cleanup_free char *title = xasprintf(
		"rpmdb of transaction %" PRId64 ", rebuilt by the root's own rpm", t->id);
	struct work_order w = {
		.plan = &plan,
		.content = &content,
		.rpmdb = &rpmdb,
		.record = {.title = title, .command = command, .step_of = t->id},
		.observer = t->observer,
	};
	int rc = dbstep_records(t, &b.records, err);

	if (rc == 0)
		rc = make_world(&b, err);
	if (rc == 0)
		rc = txn_run(t->root, &w, ret, err);
	rebuild_release(&b);
	return rc;
}

/* Packages came or went since: by somebody who did what is to be done, or who did something else. */
static int judge_other(struct run *t, const struct db *db, struct error *err)
{
	struct scratch *records = NULL;
	struct journal *j = NULL;
	int rc = dbstep_records(t, &records, err);

	if (rc == 0)
		rc = db_rebuilt_is_there(records->path, db, err);
	scratch_free(records);
	if (rc == 0)
		return err_set(
			err, ERR_REFUSED,
			"the rpmdb in '/%s' has changed since transaction %" PRId64
			": packages came or went. Bring it in line by hand (rpm -U "
			"--oldpackage --justdb), and run this again; or undo --force",
			t->db_dir, t->id);
	if (rc < 0 || journal_open(t->root, JOURNAL_WRITE, &j, err) < 0)
		return -1;
	rc = journal_begin(j, err);
	if (rc == 0)
		rc = dbstep_close(j, t->id, err);
	if (rc == 0)
		rc = journal_commit(j, err);
	journal_close(j);
	return rc;
}

/* 1: it is open; *ret_by: a transaction that did it and was taken back, or 0 */
static int look(struct run *t, int64_t *ret_by, struct error *err)
{
	struct journal *j = NULL;
	struct txn_list all = {0};
	int rc = journal_open(t->root, JOURNAL_READ, &j, err);

	if (rc > 0) {
		rc = journal_list(j, 0, &all, err);
		for (uint32_t i = 0; rc == 0 && i < all.n; i++)
			if (all.v[i].id == t->id && all.v[i].step == STEP_OPEN)
				rc = 1;
		for (uint32_t i = 0; rc > 0 && i < all.n; i++)
			if (all.v[i].step_of == t->id && all.v[i].state == TXN_UNDONE)
				*ret_by = all.v[i].id;
		if (rc > 0 &&
		    (journal_load(j, t, false, err) < 0 || dbstep_load(j, t, err) < 0))
			rc = -1;
	}
	txn_list_release(&all);
	journal_close(j);
	return rc == 0 ? err_set(err, ERR_USAGE,
				 "transaction %" PRId64
				 " has no database step that is open",
				 t->id)
		       : rc;
}

int txn_rebuild(struct root *r, int64_t id, const char *command, const struct observer *o,
		struct txn_result *ret, struct error *err)
{
	struct db *db = NULL;
	struct run t;
	int64_t by = 0;
	int rc;

	run_init(&t, r, o, NULL);
	t.id = id;
	rc = look(&t, &by, err);
	if (rc > 0 && by) {
		rc = undo_redo_one(r, by, o, ret, err) < 0 ? -1 : 1;
	} else if (rc > 0) {
		rc = run_open_areas(&t, err) < 0 || db_open(r, &db, err) < 0 ? -1 : 1;
		if (rc > 0 && digest_is_same(&t.db_new, &db->digest))
			rc = rebuild(&t, db, command, ret, err) < 0 ? -1 : 1;
		else if (rc > 0)
			rc = judge_other(&t, db, err);
	}
	db_free(db);
	run_release(&t);
	return rc;
}
