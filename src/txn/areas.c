/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "disk/mounts.h"
#include "txn/area.h"
#include "txn/look.h"

/* Which file system a directory lies on. 0 where there is no such directory. */
static int file_system_of(struct root *r, const char *dir, uint64_t *mnt, uint64_t *dev)
{
	struct statx st;

	if (root_statx(r, dir, STATX_TYPE | STATX_MNT_ID, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	if (!S_ISDIR(st.stx_mode))
		return 0;
	*mnt = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0;
	*dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	return 1;
}

/* The highest directory above dir that lies on the same file system. The caller frees. */
static char *top_of(struct root *r, const char *dir, uint64_t mnt, uint64_t dev)
{
	char *top = xstrdup(dir);

	while (*top) {
		char *above = path_parent(top);
		uint64_t m, d;

		if (file_system_of(r, above, &m, &d) != 1 || m != mnt || d != dev) {
			free(above);
			break;
		}
		free(top);
		top = above;
	}
	return top;
}

/* Two mounts of one directory hold the same `.putback`, and the same files. */
static int refuse_twice(struct root *r, const struct areas *l, const char *top,
			struct error *err)
{
	struct statx a, b;

	for (uint32_t i = 0; i < l->n; i++) {
		const char *other = l->v[i].top;

		if (root_statx(r, top, STATX_INO, &a) < 0 ||
		    root_statx(r, other, STATX_INO, &b) < 0)
			return err_errno(err, "cannot look at '/%s' in the root", top);
		if (a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major &&
		    a.stx_dev_minor == b.stx_dev_minor) {
			cleanup_free char *x = quoted(other), *y = quoted(top);

			return err_set(err, ERR_REFUSED,
				       "the same file system is mounted at '/%s' and at "
				       "'/%s' of the root: umount it at one of the two",
				       x, y);
		}
	}
	return 0;
}

int areas_of(struct root *r, struct areas *l, const char *path, bool inside,
	     uint32_t *ret, struct error *err)
{
	cleanup_free char *dir = inside ? xstrdup(path) : path_parent(path);
	uint64_t mnt = 0, dev = 0;
	cleanup_free char *top = NULL;
	struct area *a;
	int rc;

	/* a directory that is yet to come will lie where the one above it lies */
	while ((rc = file_system_of(r, dir, &mnt, &dev)) == 0 && *dir) {
		char *above = path_parent(dir);

		free(dir);
		dir = above;
	}
	if (rc <= 0)
		return err_errno(err, "cannot look at the directory of '%s' in the root",
				 path);
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].mnt_id == mnt && l->v[i].dev == dev) {
			*ret = i;
			return 0;
		}
	top = top_of(r, dir, mnt, dev);
	if (refuse_twice(r, l, top, err) < 0)
		return -1;
	a = array_push(l);
	a->fd = a->slots = -1;
	a->top = steal_ptr(top);
	a->mnt_id = mnt;
	a->dev = dev;
	*ret = l->n - 1;
	return 0;
}

int areas_last_slots(struct root *r, int64_t *ret, struct error *err)
{
	struct mounts mounts = {0};
	int rc = mounts_read(r, &mounts, err);

	*ret = 0;
	for (uint32_t i = 0; i < mounts.n && rc == 0; i++) {
		int64_t last = 0;
		bool damaged;
		struct area a;

		if (mounts.v[i].missing ||
		    area_open_unnamed(r, mounts.v[i].path, &a, &damaged, NULL) < 0)
			continue;
		if (a.fd >= 0)
			rc = area_last_slots(&a, &last, err);
		*ret = MAX(*ret, last);
		area_release(&a);
	}
	mounts_release(&mounts);
	return rc;
}
