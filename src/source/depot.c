/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/depot.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/scratch.h"

enum { ROOM_LEFT = 32 * 1024 * 1024 };

static char *default_place(void)
{
	const char *xdg = secure_getenv("XDG_CACHE_HOME"), *home = secure_getenv("HOME");

	/* relative ones do not count: XDG Base Directory Specification */
	if (xdg && *xdg == '/')
		return xasprintf("%s/putback", xdg);
	if (home && *home == '/')
		return xasprintf("%s/.cache/putback", strcmp(home, "/") ? home : "");
	return geteuid() ? NULL : xstrdup("/var/cache/putback");
}

/* Where it is, or would be made. */
static bool is_in_root(const char *path, const char *root)
{
	cleanup_free char *at = xstrdup(path);

	for (;;) {
		cleanup_free char *real = realpath(*at ? at : "/", NULL);
		char *slash = strrchr(at, '/');

		if (real)
			return path_is_beneath(real, root);
		/* what cannot be told is not written to */
		if (errno != ENOENT || !slash)
			return true;
		*slash = '\0';
	}
}

int depot_place(const char *given, const char *root, char **ret, struct error *err)
{
	cleanup_free char *path = given ? xstrdup(given) : default_place();

	*ret = NULL;
	if (!path || (!given && root && is_in_root(path, root)))
		return 0;
	if (file_make_folders(path, 0700) < 0 || access(path, R_OK | W_OK | X_OK) < 0) {
		if (!given) {
			log_info("nothing is kept for the next run: '%s': %s", path,
				 strerror(errno));
			return 0;
		}
		err_errno(err, "--cache '%s' cannot be used", path);
		if (err)
			err->kind = ERR_USAGE;
		return -1;
	}
	*ret = steal_ptr(path);
	return 0;
}

int depot_open(const char *given, const struct root *r, struct depot **ret,
	       struct error *err)
{
	char *path;

	*ret = NULL;
	if (depot_place(given, r ? r->real : NULL, &path, err) < 0)
		return -1;
	if (!path)
		return 0;
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct depot){path, given != NULL};
	return 0;
}

void depot_free(struct depot *d)
{
	if (!d)
		return;
	free(d->path);
	free(d);
}

char *depot_path(const struct depot *d, const char *name)
{
	return xasprintf("%s/%s", d->path, name);
}

static bool has_room(const char *folder, uint64_t bytes)
{
	struct statvfs room;

	return !statvfs(folder, &room) &&
	       (uint64_t)room.f_bavail * room.f_frsize >= bytes + ROOM_LEFT;
}

bool depot_has_room(const struct depot *d, uint64_t bytes)
{
	struct statfs kind;

	if (!has_room(d->path, bytes) || statfs(d->path, &kind))
		return false;
	if (kind.f_type == TMPFS_MAGIC || kind.f_type == RAMFS_MAGIC)
		return memory_available() / 2 > bytes;
	return true;
}

int depot_temporary(const struct depot *d, uint64_t bytes, const char *what,
		    struct error *err)
{
	/* several may be open at once, each in a process of its own */
	enum { PART_OF_MEMORY = 16 };
	const char *tmpdir = secure_getenv("TMPDIR");
	const char *disks[] = {tmpdir && *tmpdir == '/' ? tmpdir : "/var/tmp",
			       "/var/tmp"};
	int fd = -1;

	if (d && d->named) {
		if (depot_has_room(d, bytes))
			fd = file_temporary(d->path);
	} else if (bytes < memory_available() / PART_OF_MEMORY) {
		fd = memfd_create("putback-package", MFD_CLOEXEC);
	}
	for (size_t i = 0; i < ELEMENTSOF(disks) && fd < 0; i++)
		if (scratch_is_on_disk(disks[i]) && has_room(disks[i], bytes))
			fd = file_temporary(scratch_at(disks[i]));
	if (fd < 0)
		return err_set(
			err, ERR_REFUSED,
			"no room for the %s of '%s', neither in memory nor in /var/tmp; "
			"name a folder on a disk with --cache DIR",
			human_size(bytes), what);
	return fd;
}

int depot_open_file(const struct depot *d, const char *name)
{
	cleanup_free char *path = depot_path(d, name);
	cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return -1;
	return steal_fd(&fd);
}

struct kept {
	char *path;
	struct timespec used;
};

static int newest_first(const void *pa, const void *pb)
{
	const struct kept *a = pa, *b = pb;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec > b->used.tv_sec ? -1 : 1;
	return a->used.tv_nsec > b->used.tv_nsec   ? -1
	       : a->used.tv_nsec < b->used.tv_nsec ? 1
						   : 0;
}

void depot_prune(const struct depot *d, const char *suffix, uint32_t n)
{
	cleanup_closedir DIR *dir = opendir(d->path);
	ARRAY(struct kept) all = {0};
	const struct dirent *e;
	size_t length = strlen(suffix);
	struct stat st;

	while (dir && (e = readdir(dir))) {
		size_t size = strlen(e->d_name);

		if (size > length && !strcmp(e->d_name + size - length, suffix) &&
		    !fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    S_ISREG(st.st_mode))
			array_add(&all,
				  (struct kept){depot_path(d, e->d_name), st.st_mtim});
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), newest_first);
	for (uint32_t i = 0; i < all.n; i++) {
		if (i >= n)
			file_remove(all.v[i].path);
		free(all.v[i].path);
	}
	array_release(&all);
}
