/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <unistd.h>

#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/array.h"
#include "base/resolve.h"
#include "base/root.h"
#include "base/syscalls.h"

/* Tests take calls away that this kernel has. */
static bool is_without(const char *call)
{
	const char *words = getenv("PUTBACK_WITHOUT");

	return words && strstr(words, call);
}

/* --- opening a root ---------------------------------------------------------------------------- */

/* Opens with O_NOATIME, which only the owner and the privileged may. */
static int open_noatime(int dir, const char *name, int flags, mode_t mode)
{
	int fd = openat(dir, name, flags | O_NOATIME, mode);

	if (fd < 0 && errno == EPERM)
		fd = openat(dir, name, flags, mode);
	return fd;
}

/* A clone leaves out mounts that are marked so, and would show what they cover. */
static bool has_unbindable_mounts(void)
{
	cleanup_free char *line = NULL;
	size_t cap = 0;
	bool found = false;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (!f)
		return true;
	while (!found && getline(&line, &cap, f) > 0)
		found = strstr(line, " unbindable ") != NULL;
	fclose(f);
	return found;
}

/* Of linux/mount.h, which is at odds with sys/mount.h in some versions of libc. */
enum {
	TREE_CLONE = 0x01,
	TREE_RECURSIVE = 0x8000,
	/* attributes of a mount */
	RDONLY = 0x01,
	NOSUID = 0x02,
	NODEV = 0x04,
	NOEXEC = 0x08,
	NOATIME = 0x10,
	ANY_ATIME = 0x70
};

/*
 * A private copy of the mounts at and beneath dir through which nothing can be written, no time of
 * access is kept, and devices do not open: fd of its top, or -1. See open_tree(2), mount_setattr(2).
 */
static int clone_mounts(int dir)
{
	struct {
		uint64_t set, clear, propagation, userns_fd;
	} attr = {RDONLY | NOSUID | NODEV | NOEXEC | NOATIME, ANY_ATIME, 0, 0};
	cleanup_close int tree = -1;

	if (is_without("open_tree") || has_unbindable_mounts())
		return -1;
	tree = syscall(SYS_open_tree, dir, "",
		       AT_EMPTY_PATH | TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "",
				AT_EMPTY_PATH | TREE_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -1;
	return steal_fd(&tree);
}

/* Clones that were made before the walls. */
static ARRAY(struct prepared {
	char *real;
	int tree;
}) prepared;

void root_prepare(const char *path)
{
	cleanup_free char *real = realpath(path, NULL);
	cleanup_close int fd = -1;
	int tree;

	if (real)
		fd = open_noatime(AT_FDCWD, real, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	tree = fd < 0 ? -1 : clone_mounts(fd);
	if (tree >= 0)
		array_add(&prepared, ((struct prepared){steal_ptr(real), tree}));
}

static int clone_of(const char *real, int fd)
{
	const struct prepared *p;

	array_foreach(p, &prepared)
	{
		if (!strcmp(p->real, real))
			return fcntl(p->tree, F_DUPFD_CLOEXEC, 3);
	}
	return clone_mounts(fd);
}

static int is_host_root(int fd)
{
	struct stat host, st;

	if (stat("/", &host) < 0 || fstat(fd, &st) < 0)
		return -1;
	return st.st_dev == host.st_dev && st.st_ino == host.st_ino;
}

int root_open(const char *path, enum root_mode mode, struct root **ret_root,
	      struct error *err)
{
	cleanup_free char *real = realpath(path, NULL);
	cleanup_close int fd = -1;
	int tree = -1, host;
	struct root *r;

	if (real)
		fd = open_noatime(AT_FDCWD, real, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "cannot open root '%s'", path);
	host = is_host_root(fd);
	if (host < 0)
		return err_errno(err, "cannot look at root '%s'", path);
	if (host)
		return err_set(
			err, ERR_USAGE,
			"'%s' is the running system itself; the root must be one that is "
			"mounted elsewhere",
			path);
	if (mode == ROOT_READ)
		tree = clone_of(real, fd);
	if (tree >= 0) {
		int top = open_noatime(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

		if (top >= 0) {
			close(fd);
			fd = top;
		} else {
			close(tree);
			tree = -1;
		}
	}
	r = xcalloc(1, sizeof(*r));
	r->fd = steal_fd(&fd);
	r->path = xstrdup(path);
	r->real = steal_ptr(real);
	r->detached = tree >= 0;
	r->no_openat2 = is_without("openat2");
	r->tree_fd = tree;
	r->dir_fd = -1;
	*ret_root = r;
	return 0;
}

struct root *root_dup(const struct root *r)
{
	cleanup_close int fd = fcntl(r->fd, F_DUPFD_CLOEXEC, 3);
	cleanup_close int tree = -1;
	struct root *copy;

	if (fd < 0)
		return NULL;
	if (r->tree_fd >= 0) {
		tree = fcntl(r->tree_fd, F_DUPFD_CLOEXEC, 3);
		if (tree < 0)
			return NULL;
	}
	copy = xcalloc(1, sizeof(*copy));
	copy->fd = steal_fd(&fd);
	copy->path = xstrdup(r->path);
	copy->real = xstrdup(r->real);
	copy->detached = r->detached;
	copy->no_openat2 = r->no_openat2;
	copy->tree_fd = steal_fd(&tree);
	copy->dir_fd = -1;
	return copy;
}

void root_forget(struct root *r)
{
	cleanup_closep(&r->dir_fd);
	r->dir_fd = -1;
	free(steal_ptr(r->dir_path));
	free(steal_ptr(r->packaged_dir));
	free(steal_ptr(r->resolved_dir));
}

void root_free(struct root *r)
{
	if (!r)
		return;
	root_forget(r);
	cleanup_closep(&r->fd);
	cleanup_closep(&r->tree_fd);
	free(r->path);
	free(r->real);
	free(r);
}

/* --- directories by canonical path --------------------------------------------------------------- */

/* Opens the directory dir component by component, each of which must be a real directory. */
static int walk(int top, const char *dir)
{
	cleanup_free char *rest = xstrdup(dir);
	cleanup_close int at = -1;
	char *name = rest;

	for (;;) {
		char *slash = strchr(name, '/');
		int next;

		if (slash)
			*slash = '\0';
		next = openat(at >= 0 ? at : top, name,
			      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		cleanup_closep(&at);
		at = next;
		if (at < 0 || !slash)
			return steal_fd(&at);
		name = slash + 1;
	}
}

static int open_dir(struct root *r, const char *dir)
{
	if (!*dir)
		return openat(r->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
	if (!r->no_openat2) {
		struct open_how how = {
			.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
			.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				   RESOLVE_NO_MAGICLINKS,
		};
		int fd = syscall(SYS_openat2, r->fd, dir, &how, sizeof(how));

		if (fd >= 0)
			return fd;
		/* an old kernel; a sandbox that knows no openat2; a path too long for one call */
		if (errno == ENOSYS || errno == EPERM)
			r->no_openat2 = true;
		else if (errno != ENAMETOOLONG)
			return -1;
	}
#endif
	return walk(r->fd, dir);
}

int root_parent(struct root *r, const char *path, const char **ret_name)
{
	const char *slash;
	size_t n;

	if (!path_is_canonical(path)) {
		errno = EINVAL;
		return -1;
	}
	slash = strrchr(path, '/');
	if (!slash) {
		*ret_name = *path ? path : ".";
		return r->fd;
	}
	n = slash - path;
	if (r->dir_fd < 0 || strncmp(r->dir_path, path, n) || r->dir_path[n]) {
		cleanup_free char *dir = xstrndup(path, n);
		int fd = open_dir(r, dir);

		if (fd < 0)
			return -1;
		cleanup_closep(&r->dir_fd);
		free(r->dir_path);
		r->dir_fd = fd;
		r->dir_path = steal_ptr(dir);
	}
	*ret_name = slash + 1;
	return r->dir_fd;
}

/* --- calls by canonical path ------------------------------------------------------------------------ */

int root_openat(struct root *r, const char *path, int flags, mode_t mode)
{
	const char *name;
	int dir = root_parent(r, path, &name);

	if (dir < 0)
		return -1;
	flags |= O_CLOEXEC | O_NOFOLLOW;
	if ((flags & (O_ACCMODE | O_PATH)) == O_RDONLY)
		return open_noatime(dir, name, flags | O_NONBLOCK | O_NOCTTY, mode);
	return openat(dir, name, flags, mode);
}

int root_statx(struct root *r, const char *path, unsigned mask, struct statx *st)
{
	const char *name;
	int dir = root_parent(r, path, &name);

	if (dir < 0)
		return -1;
	return statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, mask, st);
}

int64_t root_ns(const struct statx_timestamp *t)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)t->tv_sec, INT64_C(1000000000), &ns) ||
	    __builtin_add_overflow(ns, (int64_t)t->tv_nsec, &ns))
		return t->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

int root_readlink(struct root *r, const char *path, char **ret_target)
{
	size_t cap = 256;
	const char *name;
	int dir = root_parent(r, path, &name);

	if (dir < 0)
		return -1;
	for (;; cap *= 2) {
		cleanup_free char *target = xmalloc(cap);
		ssize_t n = readlinkat(dir, name, target, cap);

		if (n < 0)
			return -1;
		if ((size_t)n < cap) {
			target[n] = '\0';
			*ret_target = steal_ptr(target);
			return 0;
		}
	}
}

/* Opens a file or directory for reading, once it is known to be one: to open a device or a fifo
 * may do something. */
static int open_harmless(struct root *r, const char *path, int flags, struct stat *st)
{
	cleanup_close int fd = -1;
	struct statx look;

	if (root_statx(r, path, STATX_TYPE, &look) < 0)
		return -1;
	if (!S_ISREG(look.stx_mode) && !S_ISDIR(look.stx_mode)) {
		errno = EINVAL;
		return -1;
	}
	fd = root_openat(r, path, flags, 0);
	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return steal_fd(&fd);
}

int root_read_file(struct root *r, const char *path, size_t max, struct buf *ret)
{
	cleanup_buf struct buf text = {0};
	cleanup_close int fd = -1;
	char block[16 * 1024];
	struct stat st;
	ssize_t n;

	fd = open_harmless(r, path, O_RDONLY, &st);
	if (fd < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (text.n + n > max) {
			errno = EFBIG;
			return -1;
		}
		buf_add(&text, block, n);
	}
	buf_add(ret, text.s, text.n);
	return 0;
}

int root_list(struct root *r, const char *path, struct strlist *ret_names)
{
	cleanup_closedir DIR *d = NULL;
	struct strlist names = {0};
	struct dirent *e;
	int fd = root_openat(r, path, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		cleanup_closep(&fd);
		return -1;
	}
	while ((errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			strlist_add(&names, e->d_name);
	if (errno) {
		int saved = errno;

		strlist_release(&names);
		errno = saved;
		return -1;
	}
	for (uint32_t i = 0; i < names.n; i++)
		strlist_take(ret_names, names.v[i]);
	array_release(&names);
	return 0;
}

/* --- packaged paths ----------------------------------------------------------------------------------- */

/* Resolves a packaged path; its directory is looked up once for all files in a row. */
static int resolve_packaged(struct root *r, const char *path, bool follow, char **ret)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t n = name - path;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return resolve_beneath(r, "", path, ret);
	if (!r->packaged_dir || strncmp(r->packaged_dir, path, n) || r->packaged_dir[n]) {
		cleanup_free char *dir = xstrndup(path, n);
		char *resolved;

		/* it ends in a slash, so that what it names must be a directory or missing */
		if (resolve_beneath(r, "", dir, &resolved) < 0)
			return -1;
		free(r->packaged_dir);
		free(r->resolved_dir);
		r->packaged_dir = steal_ptr(dir);
		r->resolved_dir = resolved;
	}
	if (follow)
		return resolve_beneath(r, r->resolved_dir, name, ret);
	*ret = path_join(r->resolved_dir, name);
	return 0;
}

int root_resolve(struct root *r, const char *path, bool follow, char **ret_canonical,
		 struct error *err)
{
	if (resolve_packaged(r, path, follow, ret_canonical) < 0)
		return err_errno(err, "cannot resolve '%s' beneath the root", path);
	return 0;
}

int root_open_packaged(struct root *r, const char *path, int flags)
{
	cleanup_free char *canonical = NULL;
	struct stat st;

	if (resolve_packaged(r, path, true, &canonical) < 0)
		return -1;
	return open_harmless(r, canonical, flags, &st);
}

int root_read_packaged(struct root *r, const char *path, size_t max, struct buf *ret)
{
	cleanup_free char *canonical = NULL;

	if (resolve_packaged(r, path, true, &canonical) < 0)
		return -1;
	return root_read_file(r, canonical, max, ret);
}
