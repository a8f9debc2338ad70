/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dbcopy.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "txn/journal.h"
#include "txn/look.h"
#include "txn/schema.h"
#include "txn/sql.h"

#define JOURNAL_PATH AREA_DIR "/" JOURNAL_FILE
#define JOURNAL_NEW  "journal.new"

static const char pragmas[] = "PRAGMA cell_size_check=ON;"
			      "PRAGMA temp_store=MEMORY;"
			      "PRAGMA secure_delete=OFF;"
			      "PRAGMA cache_spill=OFF;"
			      "PRAGMA locking_mode=EXCLUSIVE;"
			      "PRAGMA synchronous=FULL;"
			      "PRAGMA journal_mode=PERSIST;";

/* --- one SQLite transaction -------------------------------------------------------------------- */

int journal_begin(struct journal *j, struct error *err)
{
	return sql_exec(j->db, "BEGIN IMMEDIATE", err);
}

int journal_commit(struct journal *j, struct error *err)
{
	if (FAILPOINT("journal-before-commit"))
		return err_errno(err, "cannot write the journal");
	if (sql_exec(j->db, "COMMIT", err) < 0)
		return -1;
	return FAILPOINT("journal-committed") ? err_errno(err, "cannot write the journal")
					      : 0;
}

void journal_rollback(struct journal *j)
{
	int saved = errno;

	if (j->db && !sqlite3_get_autocommit(j->db))
		(void)sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	errno = saved;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	journal_rollback(j);
	sql_close(j->db);
	cleanup_closep(&j->dir);
	scratch_free(j->scratch);
	free(j);
}

/* --- is it ours ------------------------------------------------------------------------------------ */

static int check_file(const struct area *a, const char *name, bool *ret_there,
		      struct error *err)
{
	struct seen seen;

	if (look_name(a, a->fd, name, &seen) < 0)
		return err_errno(err, "cannot look at '.putback/%s'", name);
	*ret_there = seen.there;
	if (seen.there && S_ISREG(seen.st.stx_mode) && seen.st.stx_nlink == 1 &&
	    seen.st.stx_uid != geteuid() && !seen.foreign)
		return err_set(
			err, ERR_FAILED,
			"'.putback/%s' of the root belongs to another user than root, who may "
			"have changed it: putback does not trust it as it is. It may be what "
			"recovery needs: look at it, and where it is as it should be, `chown "
			"-h root: .putback/%s`, in the root, gives it back; else move it away, "
			"and `recover --salvage` goes by what areas hold",
			name, name);
	if (seen.there && (!S_ISREG(seen.st.stx_mode) || seen.st.stx_nlink != 1 ||
			   seen.st.stx_uid != geteuid() || seen.foreign))
		return err_set(
			err, ERR_FAILED,
			"'.putback/%s' of the root is not a plain file of root's: putback "
			"did not make it and does not trust it; look at it and move it away",
			name);
	return 0;
}

static int check_super_journal(const struct area *a, struct error *err)
{
	cleanup_close int fd = openat(a->fd, JOURNAL_FILE "-journal",
				      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && dbcopy_names_super_journal(fd))
		return err_set(err, ERR_FAILED,
			       "'.putback/" JOURNAL_FILE
			       "-journal' names a journal elsewhere and "
			       "is not believed");
	return 0;
}

static int check_content(struct journal *j, struct error *err)
{
	int64_t application, version;

	if (sql_number(j->db, "PRAGMA application_id", &application, err) < 0 ||
	    sql_number(j->db, "PRAGMA user_version", &version, err) < 0)
		return -1;
	if (application != JOURNAL_APPLICATION)
		return sql_damaged(err, "it was not written by putback");
	if (version > JOURNAL_VERSION)
		return err_set(
			err, ERR_FAILED,
			"the journal is from a newer putback (version %lld); use that one",
			(long long)version);
	if (version < 1)
		return sql_damaged(err, "no version");
	return schema_check(j->db, version, err);
}

static int open_at(struct journal *j, const char *path, struct error *err)
{
	if (sql_open(path, false, &j->db, err) < 0 || sql_exec(j->db, pragmas, err) < 0)
		return -1;
	return check_content(j, err);
}

/* --- opening ----------------------------------------------------------------------------------------- */

static struct journal *new_journal(void)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->dir = -1;
	return j;
}

static char *path_in(int dir, const char *name)
{
	return xasprintf("/proc/self/fd/%d/%s", dir, name);
}

/* Both files as they are now, so that a copy can be told from one that was taken across a write. */
static void look_at_files(struct root *r, struct statx st[2])
{
	memset(st, 0, 2 * sizeof(*st));
	(void)root_statx(r, JOURNAL_PATH, STATX_MTIME | STATX_CTIME | STATX_SIZE, &st[0]);
	(void)root_statx(r, JOURNAL_PATH "-journal",
			 STATX_MTIME | STATX_CTIME | STATX_SIZE, &st[1]);
}

static bool are_same(const struct statx *a, const struct statx *b)
{
	return a->stx_size == b->stx_size &&
	       root_ns(&a->stx_mtime) == root_ns(&b->stx_mtime) &&
	       root_ns(&a->stx_ctime) == root_ns(&b->stx_ctime);
}

static int open_copy(struct root *r, struct journal *j, struct error *err)
{
	cleanup_free char *path = NULL;
	struct statx before[2], after[2];
	int rc;

	for (int tries = 0;; tries++) {
		look_at_files(r, before);
		rc = dbcopy_sqlite(r, JOURNAL_PATH, &j->scratch, err);
		if (rc <= 0)
			return rc;
		look_at_files(r, after);
		if ((are_same(&before[0], &after[0]) &&
		     are_same(&before[1], &after[1])) ||
		    tries == 50)
			break;
		scratch_free(steal_ptr(j->scratch));
		usleep(20000);
	}
	path = xasprintf("%s/" JOURNAL_FILE, j->scratch->path);
	return open_at(j, path, err) < 0 ? -1 : 1;
}

static int open_itself(struct area *a, bool make, struct journal *j, struct error *err)
{
	cleanup_free char *path = NULL, *new_path = NULL;
	bool there, aside;

	if (check_file(a, JOURNAL_FILE, &there, err) < 0 ||
	    check_file(a, JOURNAL_FILE "-journal", &aside, err) < 0)
		return -1;
	if (!there && !make)
		return 0;
	j->dir = fcntl(a->fd, F_DUPFD_CLOEXEC, 3);
	if (j->dir < 0)
		return err_errno(err, "cannot open the journal");
	path = path_in(j->dir, JOURNAL_FILE);
	if (!there) {
		new_path = path_in(j->dir, JOURNAL_NEW);
		if (journal_remove(a, err) < 0 || journal_make_file(new_path, err) < 0)
			return -1;
		if (FAILPOINT("journal-made") ||
		    renameat(a->fd, JOURNAL_NEW, a->fd, JOURNAL_FILE) < 0 ||
		    FAILPOINT("journal-named") || fsync(a->fd) < 0)
			return err_errno(err, "cannot make the journal");
	} else if (aside && check_super_journal(a, err) < 0)
		return -1;
	return open_at(j, path, err) < 0 ? -1 : 1;
}

int journal_open(struct root *r, enum journal_mode mode, struct journal **ret,
		 struct error *err)
{
	struct journal *j;
	struct area a;
	bool there;
	int rc = area_open(r, "", &a, err);

	if (rc < 0)
		return -1;
	if (rc == 0 && mode == JOURNAL_MAKE)
		BUG("no area for the journal");
	if (rc == 0) {
		area_release(&a);
		return 0;
	}
	j = new_journal();
	if (mode != JOURNAL_READ)
		rc = open_itself(&a, mode == JOURNAL_MAKE, j, err);
	else if (check_file(&a, JOURNAL_FILE, &there, err) < 0 ||
		 check_file(&a, JOURNAL_FILE "-journal", &there, err) < 0)
		rc = -1;
	else
		rc = open_copy(r, j, err);
	area_release(&a);
	if (rc == 1)
		*ret = steal_ptr(j);
	journal_close(j);
	return rc;
}

int journal_open_file(const char *path, struct journal **ret, struct error *err)
{
	struct journal *j = new_journal();
	cleanup_free char *copy = NULL;
	cleanup_close int in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), out = -1;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0) {
		err_errno(err, "cannot open the plan '%s'", path);
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_USAGE, "'%s' is no saved plan", path);
		goto fail;
	}
	if (scratch_new("plan", st.st_size, &j->scratch, err) < 0)
		goto fail;
	out = scratch_create(j->scratch, JOURNAL_FILE, err);
	if (out < 0)
		goto fail;
	if (file_copy(in, out) < 0) {
		err_errno(err, "cannot copy the plan '%s'", path);
		goto fail;
	}
	copy = xasprintf("%s/" JOURNAL_FILE, j->scratch->path);
	if (open_at(j, copy, err) < 0) {
		err_prefix(err, "the plan '%s'", path);
		goto fail;
	}
	*ret = j;
	return 0;
fail:
	journal_close(j);
	return -1;
}

/* --- making and removing -------------------------------------------------------------------------- */

/* In one piece and without a rollback journal: what is not complete is not used. */
int journal_make_file(const char *path, struct error *err)
{
	sqlite3 *db = NULL;
	int rc;

	if (sql_open(path, true, &db, err) < 0)
		return -1;
	rc = sql_exec(db,
		      "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL;"
		      "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL; BEGIN",
		      err);
	if (rc == 0)
		rc = schema_make(db, err);
	if (rc == 0)
		rc = sql_exec(db, "COMMIT", err);
	sql_close(db);
	return rc;
}

int journal_remove(struct area *a, struct error *err)
{
	static const char *const names[] = {JOURNAL_FILE "-journal", JOURNAL_FILE,
					    JOURNAL_NEW, JOURNAL_NEW "-journal"};

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if ((unlinkat(a->fd, names[i], 0) < 0 && errno != ENOENT) ||
		    FAILPOINT("journal-removed"))
			return err_errno(err, "cannot remove '.putback/%s'", names[i]);
	return 0;
}
