/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "txn/look.h"

void look_attr(const struct statx *st, struct attr *ret)
{
	ret->mode = st->stx_mode;
	ret->uid = st->stx_uid;
	ret->gid = st->stx_gid;
	ret->mtime_ns = root_ns(&st->stx_mtime);
}

bool look_is(const struct seen *s, const struct identity *id)
{
	return s->there && !s->foreign && identity_is_same(&s->id, id);
}

bool look_is_still(const struct area *a, const struct seen *s, const struct identity *id)
{
	return a->weak ? s->there && !s->foreign && s->id.ino == id->ino : look_is(s, id);
}

/* --- objects known by their content ------------------------------------------------------------- */

static int digest_link(int dir, const char *name, struct digester *d)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n >= 0)
		digester_update(d, target, n);
	return n < 0 ? -1 : 0;
}

static int digest_file(int dir, const char *name, struct digester *d)
{
	cleanup_close int fd = -1;
	struct digest content;

	if (*name) {
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	} else {
		char proc[32];

		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", dir);
		fd = open(proc, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	if (fd < 0 || digest_fd(fd, DIGEST_SHA256, &content) < 0)
		return -1;
	digester_update(d, content.bytes, content.len);
	return 0;
}

/* 8 bytes of a digest over n bytes */
static int short_digest(const void *p, size_t n, int64_t *ret)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct digest sum;

	if (!d) {
		errno = ENOTSUP;
		return -1;
	}
	digester_update(d, p, n);
	digester_finish(d, &sum);
	memcpy(ret, sum.bytes, sizeof(*ret));
	return 0;
}

/* Type and content, which stay when attributes change. */
static int digest_content(int dir, const char *name, const struct statx *st,
			  uint64_t *ret)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	uint32_t what[3] = {st->stx_mode & S_IFMT, st->stx_rdev_major,
			    st->stx_rdev_minor};
	struct digest sum;
	int rc = 0;

	if (!d) {
		errno = ENOTSUP;
		return -1;
	}
	digester_update(d, what, sizeof(what));
	if (S_ISREG(st->stx_mode))
		rc = digest_file(dir, name, d);
	else if (S_ISLNK(st->stx_mode))
		rc = digest_link(dir, name, d);
	if (rc < 0) {
		digester_free(d);
		return -1;
	}
	digester_finish(d, &sum);
	memcpy(ret, sum.bytes, sizeof(*ret));
	/* as inode numbers are written down: no sign, and 0 stands for nothing */
	*ret = (*ret & INT64_MAX) | 1;
	return 0;
}

/*
 * A digest of type and content stands for the inode number, one of owner, mode and mtime for the
 * birth time. Objects that agree in these are as good as one; staging sees to it that an old and a
 * new one never do. A directory's mtime is that of what is in it, and says nothing. Where a file system
 * keeps no attributes, content is all there is: two of the same are one.
 */
static int weak_identity(const struct area *a, int dir, const char *name,
			 const struct statx *st, struct identity *ret)
{
	int64_t attributes[4] = {st->stx_mode & 07777, st->stx_uid, st->stx_gid,
				 S_ISDIR(st->stx_mode) ? 0 : root_ns(&st->stx_mtime)};

	if (digest_content(dir, name, st, &ret->ino) < 0)
		return -1;
	/* there they are the mount's, and the time is that of some time zone */
	return a->plain ? 0
			: short_digest(attributes, sizeof(attributes), &ret->btime_ns);
}

/* Whether a directory lies on what is mounted over the area's. */
static bool is_hidden(const struct area *a, int dir)
{
	struct statx st;

	if (statx(dir, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, LOOK_MASK, &st) < 0)
		return false;
	return a->mnt_id && st.stx_mask & STATX_MNT_ID && st.stx_mnt_id != a->mnt_id;
}

/* --- looking --------------------------------------------------------------------------------------- */

int look_name(const struct area *a, int dir, const char *name, struct seen *ret)
{
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name ? 0 : AT_EMPTY_PATH);

	memset(ret, 0, sizeof(*ret));
	if (statx(dir, name, flags, LOOK_MASK, &ret->st) < 0) {
		if (errno != ENOENT)
			return -1;
		ret->foreign = is_hidden(a, dir);
		return 0;
	}
	ret->there = true;
	/* a kernel before 5.8 gives no mnt_id; overlayfs shows files with the devices of its layers */
	if (a->mnt_id && ret->st.stx_mask & STATX_MNT_ID)
		ret->foreign = ret->st.stx_mnt_id != a->mnt_id;
	if (!a->weak && makedev(ret->st.stx_dev_major, ret->st.stx_dev_minor) != a->dev)
		ret->foreign = true;
	if (a->weak)
		return weak_identity(a, dir, name, &ret->st, &ret->id);
	ret->id.ino = ret->st.stx_ino;
	if (ret->st.stx_mask & STATX_BTIME)
		ret->id.btime_ns = root_ns(&ret->st.stx_btime);
	return 0;
}

int look_path(struct root *r, const struct area *a, const char *path, struct seen *ret)
{
	const char *name;
	int dir = root_parent(r, path, &name);

	if (dir < 0) {
		memset(ret, 0, sizeof(*ret));
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	}
	return look_name(a, dir, name, ret);
}
