/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/dbcopy.h"
#include "base/file.h"
#include "base/path.h"

#define BYTES_MAX    (4ULL << 30)
#define LOCK_WAIT_MS 2000
#define LOCK_STEP_MS 50
#define ATTEMPTS     5

/* Of a file of the root: what changes when somebody writes to it. */
struct stamp {
	bool there;
	uint64_t ino, size;
	int64_t mtime_ns, ctime_ns;
};

static const char *const suffixes[] = {"", "-wal", "-journal"};
#define SUFFIXES ELEMENTSOF(suffixes)

static int stamp_of(struct root *r, const char *path, struct stamp *ret,
		    struct error *err)
{
	struct statx st;

	*ret = (struct stamp){0};
	if (root_statx(r, path, STATX_BASIC_STATS, &st))
		return errno == ENOENT
			       ? 0
			       : err_errno(err, "cannot look at '%s' in the root", path);
	if (!S_ISREG(st.stx_mode))
		return err_set(err, ERR_FAILED, "'%s' in the root is no regular file",
			       path);
	*ret = (struct stamp){true, st.stx_ino, st.stx_size, root_ns(&st.stx_mtime),
			      root_ns(&st.stx_ctime)};
	return 0;
}

static bool stamp_is_same(const struct stamp *a, const struct stamp *b)
{
	return a->there == b->there && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static void name_holder(int fd, const char *path, struct error *err)
{
	struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	cleanup_free char *comm = NULL, *who = NULL;
	FILE *f = NULL;
	char name[32] = "";

	/* a plain F_GETLK names the process; it asks from the view of this one, which holds none */
	if (fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK && l.l_pid > 0) {
		comm = xasprintf("/proc/%ld/comm", (long)l.l_pid);
		f = fopen(comm, "re");
		if (f && fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		if (f)
			fclose(f);
		who = *name ? xasprintf("process %ld (%s)", (long)l.l_pid, name)
			    : xasprintf("process %ld", (long)l.l_pid);
	} else {
		who = xstrdup("another process");
	}
	err_set(err, ERR_LOCKED,
		"the rpmdb is in use: %s holds '%s' in the root; wait for it to end", who,
		path);
}

/* The descriptor that holds the lock; -1 with *ret_none: there is no such file, so no lock. */
static int lock(struct root *r, const char *dir, bool *ret_none, struct error *err)
{
	cleanup_free char *path = path_join(dir, ".rpm.lock");
	cleanup_close int fd = -1;
	struct statx st;

	*ret_none = false;
	if (root_statx(r, path, STATX_TYPE, &st) || !S_ISREG(st.stx_mode)) {
		*ret_none = true;
		return -1;
	}
	fd = root_openat(r, path, O_RDONLY, 0);
	if (fd < 0)
		return err_errno(err, "cannot open '%s' in the root", path);
	for (int waited = 0;; waited += LOCK_STEP_MS) {
		struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
		struct timespec step = {0, LOCK_STEP_MS * 1000000L};

		if (fcntl(fd, F_OFD_SETLK, &l) == 0)
			return steal_fd(&fd);
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES) {
			/* a file system without locks: nobody else has one either */
			*ret_none = true;
			return -1;
		}
		if (waited >= LOCK_WAIT_MS)
			break;
		nanosleep(&step, NULL);
	}
	name_holder(fd, path, err);
	return -1;
}

static int copy_file(struct root *r, const char *path, const char *name,
		     struct scratch *to, struct error *err)
{
	cleanup_close int in = root_openat(r, path, O_RDONLY, 0), out = -1;

	if (in < 0)
		return errno == ENOENT
			       ? 0
			       : err_errno(err, "cannot open '%s' in the root", path);
	if (strstr(name, "-journal") && dbcopy_names_super_journal(in))
		return err_set(
			err, ERR_FAILED,
			"'%s' in the root names a journal elsewhere and is not believed",
			path);
	out = scratch_create(to, name, err);
	if (out < 0)
		return -1;
	return file_copy(in, out) ? err_errno(err, "cannot copy '%s' of the root", path)
				  : 0;
}

/* One attempt. 1: done, 0: the files changed under it. */
static int copy_once(struct root *r, const struct db_place *from, struct scratch **ret,
		     uint64_t *ret_bytes, struct digest *ret_digest, struct error *err)
{
	struct stamp before[SUFFIXES], after;
	struct scratch *s = NULL;
	uint64_t bytes = 0;
	size_t n = from->backend == DB_SQLITE ? SUFFIXES : 1;
	int rc = -1;

	for (size_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("%s%s", from->file, suffixes[i]);
		cleanup_free char *path = path_join(from->dir, name);

		if (stamp_of(r, path, &before[i], err))
			return -1;
		bytes += before[i].size;
		if (bytes > BYTES_MAX)
			return err_set(err, ERR_FAILED,
				       "'%s' in the root is larger than 4 GiB", path);
	}
	/* room for a log that is written back, and for librpm's own files beside it */
	if (scratch_new("rpmdb", 2 * bytes + (4 << 20), &s, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("%s%s", from->file, suffixes[i]);
		cleanup_free char *path = path_join(from->dir, name);

		if (before[i].there && copy_file(r, path, name, s, err))
			goto out;
	}
	if (db_copy_digest(r, from->dir, ret_digest, err))
		goto out;
	rc = 1;
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("%s%s", from->file, suffixes[i]);
		cleanup_free char *path = path_join(from->dir, name);

		if (stamp_of(r, path, &after, err)) {
			rc = -1;
			goto out;
		}
		if (!stamp_is_same(&before[i], &after))
			rc = 0;
	}
	if (rc == 1) {
		*ret = steal_ptr(s);
		*ret_bytes = bytes;
	}
out:
	scratch_free(s);
	return rc;
}

int db_copy(struct root *r, const struct db_place *from, struct scratch **ret,
	    uint64_t *ret_bytes, struct digest *ret_digest, struct error *err)
{
	bool no_lock;
	cleanup_close int held = lock(r, from->dir, &no_lock, err);

	if (held < 0 && !no_lock)
		return -1;
	for (int i = 0; i < ATTEMPTS; i++) {
		struct timespec step = {0, LOCK_STEP_MS * 1000000L};
		int rc = copy_once(r, from, ret, ret_bytes, ret_digest, err);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		nanosleep(&step, NULL);
	}
	return err_set(
		err, ERR_LOCKED,
		"the rpmdb is in use: '%s/%s' in the root changed while it was read, %d times",
		from->dir, from->file, ATTEMPTS);
}

static int add_content(int fd, struct digester *d)
{
	enum { PIECE = 256 * 1024 };
	cleanup_free char *block = xmalloc(PIECE);
	ssize_t n;

	while ((n = file_read_full(fd, block, PIECE)) > 0)
		digester_update(d, block, (size_t)n);
	return n < 0 ? -1 : 0;
}

/* Adds the file to the digest; one that is not there adds nothing. */
static int add_file(struct root *r, const char *path, struct digester *d,
		    struct error *err)
{
	cleanup_close int fd = -1;
	struct stamp s;

	if (stamp_of(r, path, &s, err))
		return -1;
	if (!s.there || s.size == 0)
		return 0;
	fd = root_openat(r, path, O_RDONLY, 0);
	if (fd < 0)
		return err_errno(err, "cannot open '%s' in the root", path);
	return add_content(fd, d) < 0
		       ? err_errno(err, "cannot read '%s' in the root", path)
		       : 0;
}

/* 1: it is there, and added; 0: there is none. */
static int add_made(const char *folder, const char *file, struct digester *d,
		    struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, file);
	cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	return fd < 0 || add_content(fd, d) < 0 ? err_errno(err, "cannot read '%s'", path)
						: 1;
}

int db_copy_digest(struct root *r, const char *dir, struct digest *ret, struct error *err)
{
	return db_copy_digest_over(r, dir, NULL, false, ret, err);
}

int db_copy_digest_over(struct root *r, const char *dir, const char *made, bool whole,
			struct digest *ret, struct error *err)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	int rc = 0;

	if (!d)
		return err_set(err, ERR_FAILED,
			       "librpm on this host cannot compute SHA-256");
	for (size_t i = 0; i < ELEMENTSOF(db_find_kinds) && rc == 0; i++) {
		cleanup_free char *path = path_join(dir, db_find_kinds[i].file);
		cleanup_free char *wal = xasprintf("%s-wal", path);
		int other = made ? add_made(made, db_find_kinds[i].file, d, err) : 0;

		rc = other < 0 ? -1 : 0;
		/* a new one has no log yet */
		if (other || whole)
			continue;
		rc = add_file(r, path, d, err);
		if (rc == 0 && db_find_kinds[i].backend == DB_SQLITE)
			rc = add_file(r, wal, d, err);
	}
	if (rc) {
		digester_free(d);
		return -1;
	}
	digester_finish(d, ret);
	return 0;
}

int db_copy_host(const char *folder, const struct db_kind *kind, struct scratch **ret,
		 struct error *err)
{
	struct scratch *s = NULL;
	size_t n = kind->backend == DB_SQLITE ? SUFFIXES : 1;

	for (size_t i = 0; i < n; i++) {
		cleanup_free char *name = xasprintf("%s%s", kind->file, suffixes[i]);
		cleanup_free char *path = xasprintf("%s/%s", folder, name);
		cleanup_close int in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK),
				  out = -1;
		struct stat st;

		if (in < 0 && (errno == ENOENT || errno == ENOTDIR)) {
			if (i == 0)
				return 0;
			continue;
		}
		if (in < 0 || fstat(in, &st)) {
			err_errno(err, "cannot open '%s'", path);
			goto fail;
		}
		if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > BYTES_MAX) {
			err_set(err, ERR_FAILED, "'%s' is no regular file, or too large",
				path);
			goto fail;
		}
		if (!s &&
		    scratch_new("hostdb", 2 * (uint64_t)st.st_size + (4 << 20), &s, err))
			goto fail;
		out = scratch_create(s, name, err);
		if (out < 0)
			goto fail;
		if (file_copy(in, out)) {
			err_errno(err, "cannot copy '%s'", path);
			goto fail;
		}
	}
	*ret = s;
	return 1;
fail:
	scratch_free(s);
	return -1;
}
