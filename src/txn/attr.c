/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/attr.h"
#include "txn/look.h"

#define XATTR_CAPS "security.capability"

struct timespec attr_timespec(int64_t ns)
{
	struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += 1000000000;
	}
	return t;
}

/* The name under which the kernel lets calls that know no O_PATH at what is open. */
static const char *proc_name(int fd, char buf[32])
{
	snprintf(buf, 32, "/proc/self/fd/%d", fd);
	return buf;
}

/* A file system without owners or modes cannot be asked for them. */
static bool is_beyond(const struct area *a)
{
	return a->plain && (errno == EPERM || errno == EOPNOTSUPP);
}

int attr_set_new(const struct area *a, int fd, const struct attr *want)
{
	struct timespec mtime = attr_timespec(want->mtime_ns), times[2] = {mtime, mtime};

	if ((want->uid || want->gid) && fchown(fd, want->uid, want->gid) < 0 &&
	    !is_beyond(a))
		return -1;
	if (fchmod(fd, want->mode & 07777) < 0 && !is_beyond(a))
		return -1;
	if (want->caps_len &&
	    fsetxattr(fd, XATTR_CAPS, want->caps, want->caps_len, 0) < 0)
		return -1;
	return futimens(fd, times) < 0 || FAILPOINT("stage-attributes") ? -1 : 0;
}

int attr_set_new_at(const struct area *a, int dir, const char *name,
		    const struct attr *want)
{
	struct timespec mtime = attr_timespec(want->mtime_ns), times[2] = {mtime, mtime};

	if ((want->uid || want->gid) &&
	    fchownat(dir, name, want->uid, want->gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    !is_beyond(a))
		return -1;
	if (!S_ISLNK(want->mode) && fchmodat(dir, name, want->mode & 07777, 0) < 0 &&
	    !is_beyond(a))
		return -1;
	if (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return FAILPOINT("stage-attributes-by-name") ? -1 : 0;
}

/* Capabilities of what proc names: length, 0 for none, -1 with errno. */
static ssize_t get_caps(const char *proc, uint8_t caps[CAPS_MAX])
{
	ssize_t n = getxattr(proc, XATTR_CAPS, caps, CAPS_MAX);

	if (n < 0 && (errno == ENODATA || errno == EOPNOTSUPP))
		return 0;
	return n;
}

static int change_caps(const char *proc, const struct attr *want)
{
	uint8_t now[CAPS_MAX];
	ssize_t n = get_caps(proc, now);

	if (n < 0)
		return -1;
	if ((size_t)n == want->caps_len && !memcmp(now, want->caps, n))
		return 0;
	if (want->caps_len)
		return setxattr(proc, XATTR_CAPS, want->caps, want->caps_len, 0);
	return removexattr(proc, XATTR_CAPS);
}

int attr_change(const struct area *a, int dir, const char *name,
		const struct identity *id, const struct attr *want)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
				    attr_timespec(want->mtime_ns)};
	cleanup_close int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct seen now;
	char proc[32];
	bool owner, mtime;

	if (fd < 0 || look_name(a, fd, "", &now) < 0)
		return -1;
	if (!look_is_still(a, &now, id) || (now.st.stx_mode ^ want->mode) & S_IFMT) {
		errno = ESTALE;
		return -1;
	}
	/* what is so already may be fixed by a mark that could not be lifted: see pin.c */
	mtime = root_ns(&now.st.stx_mtime) != want->mtime_ns;
	owner = now.st.stx_uid != want->uid || now.st.stx_gid != want->gid;
	if (owner && fchownat(fd, "", want->uid, want->gid, AT_EMPTY_PATH) < 0 &&
	    !is_beyond(a))
		return -1;
	if (FAILPOINT("attr-owner"))
		return -1;
	proc_name(fd, proc);
	if (!S_ISLNK(want->mode)) {
		if ((owner || (now.st.stx_mode ^ want->mode) & 07777) &&
		    chmod(proc, want->mode & 07777) < 0 && !is_beyond(a))
			return -1;
		if (FAILPOINT("attr-mode"))
			return -1;
		if (S_ISREG(want->mode) &&
		    (change_caps(proc, want) < 0 || FAILPOINT("attr-caps")))
			return -1;
		if (mtime && utimensat(AT_FDCWD, proc, times, 0) < 0)
			return -1;
	} else if (mtime && utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return FAILPOINT("attr-times") ? -1 : 0;
}

int attr_change_privileges(const struct area *a, int dir, const char *name,
			   const struct identity *id, const struct attr *want)
{
	cleanup_close int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct seen now;
	char proc[32];

	if (fd < 0 || look_name(a, fd, "", &now) < 0)
		return -1;
	if (!look_is(&now, id) || !S_ISREG(now.st.stx_mode)) {
		errno = ESTALE;
		return -1;
	}
	proc_name(fd, proc);
	if ((now.st.stx_mode ^ want->mode) & 07777 &&
	    (chmod(proc, want->mode & 07777) < 0 || FAILPOINT("privileges-mode")))
		return -1;
	return change_caps(proc, want);
}

int attr_set_mtime(int dir, const char *name, int64_t mtime_ns)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, attr_timespec(mtime_ns)};

	if (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return FAILPOINT("directory-mtime") ? -1 : 0;
}
