/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/path.h"
#include "rpm/db_find.h"
#include "txn/litter.h"
#include "txn/lock.h"
#include "txn/txn.h"

#define STEP_MS 50
#define WAIT_MS 2000
/* Children of a putback that was killed may hold its descriptors for a moment longer. */
#define WAIT_DYING_MS 500

static void sleep_step(void)
{
	struct timespec step = {0, STEP_MS * 1000000L};

	nanosleep(&step, NULL);
}

int txn_lock(struct root *r, struct error *err)
{
	for (int waited = 0; flock(r->fd, LOCK_EX | LOCK_NB) < 0; waited += STEP_MS) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_errno(err, "cannot lock the root '%s'", r->path);
		if (waited >= WAIT_DYING_MS)
			return err_set(
				err, ERR_LOCKED,
				"another putback is at work on '%s'; wait for it to end",
				r->path);
		sleep_step();
	}
	litter_clear(r);
	return 0;
}

static int name_holder(int fd, const char *path, struct error *err)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	cleanup_free char *comm = NULL, *shown = quoted(path);
	char name[32] = "";
	FILE *f;

	/* asked from the view of this process, so that the holder's number comes back */
	if (fcntl(fd, F_GETLK, &l) < 0 || l.l_type == F_UNLCK || l.l_pid <= 0)
		return err_set(
			err, ERR_LOCKED,
			"the rpmdb is in use: another process holds '/%s'; wait for it to end",
			shown);
	comm = xasprintf("/proc/%ld/comm", (long)l.l_pid);
	f = fopen(comm, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	return err_set(
		err, ERR_LOCKED,
		"the rpmdb is in use: process %ld%s%s%s holds '/%s'; wait for it to end",
		(long)l.l_pid, *name ? " (" : "", name, *name ? ")" : "", shown);
}

/* Where the root has its rpmdb; NULL: nowhere. The caller frees. */
static char *place_of(struct root *r)
{
	struct db_places places = {0};
	char *dir = NULL;

	if (db_find(r, &places, NULL) == 0)
		dir = steal_ptr(places.v[0].dir);
	db_find_release(&places);
	return dir;
}

int lock_rpm(struct root *r, const char *db_dir, struct error *err)
{
	cleanup_free char *dir = db_dir ? xstrdup(db_dir) : place_of(r);
	cleanup_free char *path = path_join(dir ? dir : "", ".rpm.lock");
	cleanup_close int fd = -1;
	struct statx st;

	if (!dir)
		return -2;
	if (root_statx(r, path, STATX_TYPE, &st) < 0 || !S_ISREG(st.stx_mode))
		return -2;
	fd = root_openat(r, path, O_RDWR, 0);
	if (fd < 0 && errno == EROFS)
		return err_set(err, ERR_REFUSED,
			       "the root's file system is mounted read-only; remount it "
			       "read-write and try again");
	if (fd < 0)
		return err_errno(err, "cannot open '/%s' in the root", path);
	for (int waited = 0;; waited += STEP_MS) {
		struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

		if (fcntl(fd, F_OFD_SETLK, &l) == 0)
			return steal_fd(&fd);
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return -2; /* a file system without locks: nobody else has one either */
		if (waited >= WAIT_MS)
			return name_holder(fd, path, err);
		sleep_step();
	}
}
