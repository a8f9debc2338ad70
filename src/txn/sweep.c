/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/failpoint.h"
#include "txn/sweep.h"

struct sweep {
	int top;	   /* the directory that shall be emptied */
	uint64_t mnt, dev; /* its file system */
	unsigned moved;	   /* directories brought up so far */
};

static int fail(const char *name, struct error *err)
{
	int saved = errno;
	cleanup_free char *shown = quoted(name);

	errno = saved;
	if (errno == EBUSY)
		return err_set(
			err, ERR_FAILED,
			"cannot remove '%s': something is mounted there; unmount it and "
			"try again",
			shown);
	if (errno == EPERM)
		return err_set(
			err, ERR_FAILED,
			"cannot remove '%s': it, or its directory, is marked immutable or "
			"append-only; see lsattr(1), and chattr -ia",
			shown);
	return err_errno(err, "cannot remove '%s'", shown);
}

/* 1: removed or not there; 0: a directory that holds something; -1: errno */
static int remove_name(int dir, const char *name)
{
	if (FAILPOINT("sweep-remove"))
		return -1;
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 1;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 1;
	if (errno == ENOTDIR)
		errno = EPERM; /* a file that is fixed in its place */
	return errno == ENOTEMPTY || errno == EEXIST ? 0 : -1;
}

/* Brings a directory that holds something up to the top, under a name that is free. */
static int bring_up(struct sweep *s, int dir, const char *name)
{
	for (;;) {
		char to[32];

		snprintf(to, sizeof(to), "sweep.%u", s->moved++);
		if (faccessat(s->top, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		return renameat(dir, name, s->top, to) < 0 || FAILPOINT("sweep-moved")
			       ? -1
			       : 0;
	}
}

/* Empties one directory of the top; what holds something is brought up, not descended into. */
static int empty(struct sweep *s, const char *dir, struct error *err)
{
	cleanup_closedir DIR *d = NULL;
	struct dirent *e;
	struct statx st;
	int fd = openat(s->top, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(dir, err);
	d = fdopendir(fd);
	if (!d) {
		cleanup_closep(&fd);
		return fail(dir, err);
	}
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return fail(dir, err);
	if (st.stx_mnt_id != s->mnt ||
	    makedev(st.stx_dev_major, st.stx_dev_minor) != s->dev) {
		errno = EBUSY;
		return fail(dir, err);
	}
	while ((errno = 0, e = readdir(d))) {
		int rc;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		rc = remove_name(fd, e->d_name);
		if (rc < 0 || (rc == 0 && bring_up(s, fd, e->d_name) < 0))
			return fail(e->d_name, err);
	}
	return errno ? fail(dir, err) : 0;
}

static int pass(struct sweep *s, DIR *d, uint64_t *ret_seen, struct error *err)
{
	struct dirent *e;

	rewinddir(d);
	*ret_seen = 0;
	while ((errno = 0, e = readdir(d))) {
		int rc;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		++*ret_seen;
		rc = remove_name(s->top, e->d_name);
		if (rc < 0)
			return fail(e->d_name, err);
		if (rc == 0 && empty(s, e->d_name, err) < 0)
			return -1;
		if (rc == 0 && remove_name(s->top, e->d_name) < 0)
			return fail(e->d_name, err);
	}
	return errno ? fail(".", err) : 0;
}

int sweep_tree(int dir, const char *name, struct error *err)
{
	cleanup_closedir DIR *d = NULL;
	struct sweep s = {0};
	struct statx st;
	uint64_t seen;
	int rc = remove_name(dir, name), fd;

	if (rc)
		return rc < 0 ? fail(name, err) : 0;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(name, err);
	d = fdopendir(fd);
	if (!d) {
		cleanup_closep(&fd);
		return fail(name, err);
	}
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return fail(name, err);
	s.top = fd;
	s.mnt = st.stx_mnt_id;
	s.dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	do {
		if (pass(&s, d, &seen, err) < 0)
			return -1;
	} while (seen);
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 || FAILPOINT("sweep-ended"))
		return fail(name, err);
	return 0;
}
