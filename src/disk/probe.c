/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "disk/probe.h"

enum { ATTEMPTS = 3 }; /* at a file that changes while it is read */

static const unsigned mask = STATX_BASIC_STATS | STATX_BTIME;

static bool is_nothing_there(int sys)
{
	return sys == ENOENT || sys == ENOTDIR || sys == ELOOP;
}

/* The mount whose top is the nearest above path among those on the device. */
static uint32_t mount_of(const struct mounts *m, const char *path, uint64_t dev)
{
	uint32_t nearest = mounts_of_path(m, path), best = nearest;
	size_t longest = 0;
	bool found = false;

	if (!m->n || m->v[nearest].dev == dev)
		return nearest;
	for (uint32_t i = 0; i < m->n; i++) {
		const struct mount *x = &m->v[i];
		size_t n = strlen(x->path);

		if (x->missing || x->dev != dev || !path_is_beneath(path, x->path) ||
		    (found && n < longest))
			continue;
		found = true;
		longest = n;
		best = i;
	}
	return best;
}

static void take_statx(struct probe *p, const char *path, const struct statx *st,
		       struct fact *ret)
{
	static const struct {
		uint64_t attribute;
		uint32_t flag;
	} flags[] = {{STATX_ATTR_IMMUTABLE, FACT_IMMUTABLE},
		     {STATX_ATTR_APPEND, FACT_APPEND},
#ifdef STATX_ATTR_VERITY
		     {STATX_ATTR_VERITY, FACT_VERITY}
#endif
	};

	ret->type = ftype_of_mode(st->stx_mode);
	ret->attr.mode = st->stx_mode;
	ret->attr.uid = st->stx_uid;
	ret->attr.gid = st->stx_gid;
	ret->attr.mtime_ns = root_ns(&st->stx_mtime);
	ret->id.ino = st->stx_ino;
	ret->id.btime_ns = st->stx_mask & STATX_BTIME ? root_ns(&st->stx_btime) : 0;
	ret->nlink = st->stx_nlink;
	ret->rdev = (st->stx_rdev_major & 0xff) << 8 | (st->stx_rdev_minor & 0xff);
	ret->dev = makedev(st->stx_dev_major, st->stx_dev_minor);
	ret->mount = mount_of(p->mounts, path, ret->dev);
	ret->size = st->stx_size;
	ret->ctime_ns = root_ns(&st->stx_ctime);
	for (size_t i = 0; i < ELEMENTSOF(flags); i++)
		if (st->stx_attributes & flags[i].attribute)
			ret->flags |= flags[i].flag;
}

static void take_caps(int fd, struct fact *ret)
{
	ssize_t n = fgetxattr(fd, "security.capability", ret->attr.caps, CAPS_MAX);

	if (n >= 0)
		ret->attr.caps_len = n;
	else if (errno != ENODATA && errno != ENOTSUP)
		ret->sys = errno;
}

/* One that is longer than any that a package has is another than that. */
static void take_ima(int fd, struct fact *ret)
{
	uint8_t value[8192];
	ssize_t n = fgetxattr(fd, XATTR_FILESIG, value, sizeof(value));

	if (n > 0)
		ret->ima = filesig_mark(value, n);
	else if (n < 0 && errno == ERANGE)
		ret->ima = 1;
	else if (n < 0 && errno != ENODATA && errno != ENOTSUP)
		ret->sys = errno;
}

static bool has_xattr(int fd, const char *name)
{
	return fgetxattr(fd, name, NULL, 0) > 0;
}

/* A list of its own: new files get the default list of their directory, rpm's too (acl(5)). */
static void take_acl(struct probe *p, const char *path, int fd, struct fact *ret)
{
	cleanup_free char *dir = NULL;
	cleanup_close int above = -1;

	if (!has_xattr(fd, "system.posix_acl_access"))
		return;
	dir = path_parent(path);
	above = root_openat(p->root, dir, O_RDONLY | O_DIRECTORY, 0);
	if (above < 0 || !has_xattr(above, "system.posix_acl_default"))
		ret->flags |= FACT_ACL;
}

/* Opens path, which was seen to be a regular file, and looks at what was opened. */
static int open_regular(struct probe *p, const char *path, struct statx *st)
{
	cleanup_close int fd = root_openat(p->root, path, O_RDONLY, 0);

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, mask, st) < 0)
		return -1;
	if (!S_ISREG(st->stx_mode)) {
		errno = EBUSY; /* it has changed since */
		return -1;
	}
	return steal_fd(&fd);
}

void probe_look(struct probe *p, const char *path, struct fact *ret)
{
	cleanup_free char *target = NULL;
	cleanup_close int fd = -1;
	struct statx st;

	*ret = (struct fact){.mount = mounts_of_path(p->mounts, path)};
	if (root_statx(p->root, path, mask, &st) < 0) {
		ret->sys = is_nothing_there(errno) ? 0 : errno;
		return;
	}
	take_statx(p, path, &st, ret);
	if (ret->type == FT_LNK) {
		if (root_readlink(p->root, path, &target) < 0)
			ret->sys = errno;
		else
			ret->link = arena_strdup(p->mem, target);
	} else if (ret->type == FT_REG) {
		fd = open_regular(p, path, &st);
		if (fd < 0) {
			ret->sys = errno;
			return;
		}
		take_caps(fd, ret);
		take_ima(fd, ret);
		take_acl(p, path, fd, ret);
	}
}

/* 1: read; 0: it cannot be read; -1: told to stop */
static int read_digests(struct probe *p, int fd, const uint8_t algos[2], struct fact *ret)
{
	struct digester *d[2] = {NULL, NULL};
	uint64_t left = ret->size; /* a file that grows has no end */
	int result = 1;
	ssize_t n;

	for (int i = 0; i < 2; i++)
		if (algos[i])
			d[i] = digester_new(algos[i]);
	while ((n = read(fd, p->block, MIN(left, (uint64_t)PROBE_BLOCK))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ret->sys = errno;
			result = 0;
			break;
		}
		left -= n;
		for (int i = 0; i < 2; i++)
			if (d[i])
				digester_update(d[i], p->block, n);
		if (p->tick && p->tick(p->ctx, n)) {
			result = -1;
			break;
		}
	}
	for (int i = 0; i < 2; i++)
		if (d[i] && result == 1)
			digester_finish(d[i], &ret->digest[i]);
		else
			digester_free(d[i]);
	return result;
}

int probe_read(struct probe *p, const char *path, const uint8_t algos[2],
	       struct fact *ret)
{
	for (int i = 0; i < ATTEMPTS && ret->type == FT_REG && !ret->sys; i++) {
		cleanup_close int fd = -1;
		struct statx st;
		int result;

		fd = open_regular(p, path, &st);
		if (fd < 0) {
			ret->sys = errno;
			return 0;
		}
		*ret = (struct fact){0};
		take_statx(p, path, &st, ret);
		take_caps(fd, ret);
		take_ima(fd, ret);
		take_acl(p, path, fd, ret);
		if (ret->sys)
			return 0;
		result = read_digests(p, fd, algos, ret);
		if (result < 1)
			return result;
		/* the digest is of what was looked at, if nothing was written meanwhile */
		if (statx(fd, "", AT_EMPTY_PATH, mask, &st) == 0 &&
		    root_ns(&st.stx_ctime) == ret->ctime_ns &&
		    st.stx_size == ret->size)
			return 0;
	}
	if (ret->type == FT_REG && !ret->sys)
		ret->sys = EBUSY;
	return 0;
}

void probe_list(struct probe *p, struct slot *s)
{
	if (s->fact.type != FT_DIR)
		return;
	if (root_list(p->root, s->path, &s->entries) < 0)
		s->fact.sys = errno;
	strlist_sort_unique(&s->entries);
}

void probe_aside(struct probe *p, struct slot *s)
{
	for (int a = 0; a < ASIDE_N; a++) {
		const char *suffix = aside_suffix(a);
		unsigned k = 0;

		for (; k <= UINT8_MAX; k++) {
			cleanup_free char *name =
				k ? xasprintf("%s%s.%u", s->path, suffix, k)
				  : xasprintf("%s%s", s->path, suffix);
			struct statx st;

			if (root_statx(p->root, name, STATX_TYPE, &st) == 0)
				continue;
			if (!is_nothing_there(errno))
				s->fact.sys = errno;
			break;
		}
		if (k > UINT8_MAX)
			s->fact.sys = EEXIST;
		s->aside[a] = MIN(k, (unsigned)UINT8_MAX);
	}
}
