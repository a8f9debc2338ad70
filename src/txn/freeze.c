/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/path.h"
#include "txn/freeze.h"

/* On the area while its file system may be frozen. */
#define XATTR_FROZEN "trusted.putback.frozen"

/* Whether there is nothing to thaw (any more). */
static bool thaw(int fd)
{
	for (int i = 0; i < 100; i++) {
		if (ioctl(fd, FITHAW, 0) == 0 || errno == EINVAL)
			return true;
		if (errno != EINTR && errno != EBUSY)
			return false;
		usleep(10000);
	}
	return false;
}

/* In the child. Its exit code is an errno; that of a thaw that failed is THAW_FAILED. One that was killed has
 * frozen and not thawed, or neither: DIED. */
enum { DIED = 254, THAW_FAILED = 255 };

static _Noreturn void cycle(int fd)
{
	sigset_t all;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	if (FAILPOINT("freeze-killed"))
		raise(SIGKILL);
	if (ioctl(fd, FIFREEZE, 0) < 0)
		_exit(errno);
	_exit(!FAILPOINT("frozen") && thaw(fd) ? 0 : THAW_FAILED);
}

/* Exit code of the child, or DIED; an errno where there was none. */
static int cycle_in_child(int fd)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return errno;
	if (child == 0)
		cycle(fd);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return DIED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
}

/* Said at once: whatever writes there from now on waits, and that may be the end of this process. */
static int stays_frozen(const struct area *a, struct error *err)
{
	int sys = errno;

	log_warning("%s is frozen and cannot be thawed (%s): try fsfreeze -u",
		    area_name(a), strerror(sys));
	err_set(err, ERR_HALFWAY,
		"%s is frozen and cannot be thawed (%s): try fsfreeze -u, and run recover "
		"then. Nothing is lost",
		area_name(a), strerror(sys));
	if (err)
		err->sys = sys;
	return -1;
}

static int freeze(struct run *t, const struct area *a, struct error *err)
{
	int rc;

	if (fsetxattr(a->fd, XATTR_FROZEN, "1", 1, 0) < 0)
		rc = errno;
	else
		rc = FAILPOINT("freeze-noted") ? errno : cycle_in_child(a->fd);
	if ((rc >= DIED && !thaw(a->fd)) || FAILPOINT("still-frozen"))
		return stays_frozen(a, err);
	(void)fremovexattr(a->fd, XATTR_FROZEN);
	if (rc && rc != THAW_FAILED)
		run_warn(
			t,
			"%s could not be frozen (%s): a boot loader may not see what changed "
			"there before it was unmounted",
			area_name(a),
			rc == DIED ? "the process that does it was killed"
				   : strerror(rc));
	return FAILPOINT("thawed") ? err_errno(err, "cannot go on") : 0;
}

static bool is_of_boot(const struct run *t, uint32_t area)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++)
		if (t->tasks.list.v[i].area == area &&
		    path_is_beneath(t->tasks.list.v[i].path, "boot"))
			return true;
	return false;
}

/* What runs here has the file system that it runs on in use, and boots from none that is worked on. */
static bool is_of_host(const struct area *a)
{
	struct stat host;

	return stat("/", &host) < 0 || host.st_dev == a->dev;
}

int freeze_boot(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		const struct area *a = &t->areas.v[i];

		if (a->logged && a->fd >= 0 && is_of_boot(t, i) && !is_of_host(a) &&
		    freeze(t, a, err) < 0)
			return -1;
	}
	return 0;
}

void freeze_settle(int top)
{
	cleanup_close int fd =
		openat(top, AREA_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char note[4];

	if (fd < 0 || fgetxattr(fd, XATTR_FROZEN, note, sizeof(note)) < 0)
		return;
	if (thaw(fd) && !FAILPOINT("freeze-settled"))
		(void)fremovexattr(fd, XATTR_FROZEN);
}
