/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "base/memory.h"

int file_write_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		s += done;
		n -= done;
	}
	return 0;
}

ssize_t file_read_full(int fd, void *p, size_t n)
{
	char *s = p;
	size_t have = 0;

	while (have < n) {
		ssize_t got = read(fd, s + have, n - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		have += got;
	}
	return have;
}

int file_copy(int in, int out)
{
	cleanup_free char *block = NULL;
	enum { PIECE = 128 * 1024, AT_ONCE = 1 << 30 };
	bool copied = false;
	ssize_t n;

	/* within one file system the kernel shares blocks or copies by itself */
	while ((n = copy_file_range(in, NULL, out, NULL, AT_ONCE, 0)) > 0 ||
	       (n < 0 && errno == EINTR))
		copied |= n > 0;
	if (n == 0 && copied)
		return 0;
	/* some kernels give 0 for files whose size they do not know beforehand: read those */
	if (n < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS &&
	    errno != EOPNOTSUPP && errno != EPERM && errno != EBADF && errno != EIO)
		return -1;
	block = xmalloc(PIECE);
	while ((n = file_read_full(in, block, PIECE)) > 0)
		if (file_write_all(out, block, n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* --- durable writes -------------------------------------------------------------------------------- */

static int sync_folder_of(const char *path)
{
	cleanup_free char *copy = xstrdup(path);
	cleanup_close int fd = -1;

	/* dirname(3) may change the copy and gives a piece of it */
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int file_begin(const char *path, struct outfile *ret, struct error *err)
{
	cleanup_free char *fresh = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(fresh, O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot create a file beside '%s'", path);
	*ret = (struct outfile){fd, xstrdup(path), steal_ptr(fresh)};
	return 0;
}

int file_finish(struct outfile *f, mode_t mode, struct error *err)
{
	if (FAILPOINT("file-written") || fchmod(f->fd, mode) < 0 || fsync(f->fd) < 0 ||
	    FAILPOINT("file-synced") || rename(f->fresh, f->path) < 0)
		return err_errno(err, "cannot write '%s'", f->path);
	free(f->fresh);
	f->fresh = NULL;
	if (FAILPOINT("file-renamed") || sync_folder_of(f->path) < 0)
		return err_errno(err, "cannot sync the folder of '%s'", f->path);
	return 0;
}

void file_release(struct outfile *f)
{
	if (!f->path)
		return;
	if (f->fresh)
		unlink(f->fresh);
	cleanup_closep(&f->fd);
	free(f->fresh);
	free(f->path);
	*f = (struct outfile){0};
}

int file_write_durably(const char *path, const void *p, size_t n, mode_t mode,
		       struct error *err)
{
	cleanup_outfile struct outfile f = {0};

	if (file_begin(path, &f, err) < 0)
		return -1;
	if (file_write_all(f.fd, p, n) < 0)
		return err_errno(err, "cannot write '%s'", path);
	return file_finish(&f, mode, err);
}

/* --- folders that stay ------------------------------------------------------------------------------- */

int file_make_folders(const char *path, mode_t mode)
{
	cleanup_free char *copy = xstrdup(path);

	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return mkdir(copy, mode) < 0 && errno != EEXIST ? -1 : 0;
}

int file_temporary(const char *folder)
{
	cleanup_free char *path = NULL;
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	/* a file system without nameless files */
	path = xasprintf("%s/putback-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int file_remove(const char *path)
{
	return unlink(path);
}

/* --- files that are kept ----------------------------------------------------------------------------- */

int file_open_folder(const char *path, struct error *err)
{
	int fd;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make the folder '%s'", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(err, "cannot open the folder '%s'", path) : fd;
}

int file_folder_in(int dir, const char *name)
{
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int file_open_in(int dir, const char *name)
{
	cleanup_close int fd = openat(
		dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errno = EINVAL;
		return -1;
	}
	return steal_fd(&fd);
}

int file_rename_in(int dir, const char *from, const char *to)
{
	return renameat(dir, from, dir, to);
}

int file_remove_folder_in(int dir, const char *name)
{
	return unlinkat(dir, name, AT_REMOVEDIR);
}

int file_remove_in(int dir, const char *name)
{
	return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? -1 : 0;
}

/* --- scratch folders --------------------------------------------------------------------------------- */

enum { PLACES = 5, ROOM_LEFT = 32 * 1024 * 1024 };
#define TMPFS 0x01021994 /* f_type; statfs(2) */

/* The folders in which scratch folders are made, the best first; NULL: not set. */
static void places(const char *ret[PLACES])
{
	const char *tmpdir = secure_getenv("TMPDIR");

	ret[0] = "/dev/shm";
	ret[1] = "/run";
	ret[2] = tmpdir && *tmpdir == '/' ? tmpdir : NULL;
	ret[3] = "/var/tmp";
	ret[4] = "/tmp";
}

/* Whether the folder has room for need bytes, in memory where in_memory is set. */
static bool has_room(const char *place, unsigned long long need, bool in_memory)
{
	unsigned long long room;
	struct statfs fs;

	if (statfs(place, &fs) < 0)
		return false;
	room = (unsigned long long)fs.f_bavail * fs.f_bsize;
	if (in_memory) {
		if (fs.f_type != TMPFS)
			return false;
		/* a tmpfs promises more than the machine may hold; half of what is free at
		 * most: others need memory too */
		room = MIN(room, memory_available() / 2);
	}
	return room >= need && room - need >= ROOM_LEFT;
}

/* Makes the folder and locks it. A sweeper may come in between: then it is made anew. */
static struct scratch *make_in(const char *place, const char *label)
{
	for (int i = 0; i < 8; i++) {
		cleanup_free char *path = xasprintf("%s/putback-%s-%ld-XXXXXX", place,
						    label, (long)getpid());
		cleanup_close int fd = -1;
		struct scratch *s;
		struct stat st;

		if (!mkdtemp(path) || FAILPOINT("scratch-made"))
			return NULL;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0 ||
		    !st.st_nlink) {
			rmdir(path);
			continue;
		}
		s = xcalloc(1, sizeof(*s));
		s->path = steal_ptr(path);
		s->fd = steal_fd(&fd);
		s->owner = getpid();
		return s;
	}
	return NULL;
}

int scratch_new(const char *label, unsigned long long need, struct scratch **ret,
		struct error *err)
{
	const char *all[PLACES];
	bool in_memory;

	if (!*label || label[strspn(label, "abcdefghijklmnopqrstuvwxyz")])
		BUG("a scratch folder called '%s'", label);
	places(all);
	for (int i = 0; i < PLACES; i++) {
		in_memory = i < 2;
		if (!all[i] || !has_room(all[i], need, in_memory))
			continue;
		*ret = make_in(all[i], label);
		if (*ret)
			return 0;
	}
	return err_set(
		err, ERR_FAILED,
		"no room for %s of working copies in /dev/shm, /run, /var/tmp or /tmp; "
		"set TMPDIR to a folder that has it",
		human_size(need));
}

int scratch_create(struct scratch *s, const char *name, struct error *err)
{
	int fd = openat(s->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd < 0)
		return err_errno(err, "cannot create '%s' in '%s'", name, s->path);
	return fd;
}

/* Empties the folder that fd is; follows no link. Takes fd. */
static void empty_folder(int fd)
{
	cleanup_closedir DIR *d = fdopendir(fd);
	struct dirent *e;

	if (!d) {
		cleanup_closep(&fd);
		return;
	}
	while ((e = readdir(d))) {
		int sub;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0) == 0 ||
		    (errno != EISDIR && errno != EPERM))
			continue;
		sub = openat(dirfd(d), e->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		empty_folder(sub);
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
}

void scratch_free(struct scratch *s)
{
	int saved = errno;

	if (!s)
		return;
	if (s->owner == getpid()) {
		empty_folder(fcntl(s->fd, F_DUPFD_CLOEXEC, 3));
		rmdir(s->path);
	}
	close(s->fd);
	free(s->path);
	free(s);
	errno = saved;
}

/* "putback-LABEL-PID-XXXXXX", as make_in() puts it together */
static bool is_scratch_name(const char *name)
{
	size_t n;

	if (strncmp(name, "putback-", 8) != 0)
		return false;
	name += 8;
	n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
	if (!n || name[n] != '-')
		return false;
	name += n + 1;
	n = strspn(name, "0123456789");
	if (!n || name[n] != '-')
		return false;
	name += n + 1;
	return strlen(name) == 6 && !strpbrk(name, "-./ ");
}

/* Removes a scratch folder that nobody holds the lock of. */
static void sweep(int place, const char *name)
{
	cleanup_close int fd =
		openat(place, name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 07777) != 0700 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	empty_folder(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	unlinkat(place, name, AT_REMOVEDIR);
}

void scratch_sweep(void)
{
	const char *all[PLACES];

	places(all);
	for (int i = 0; i < PLACES; i++) {
		cleanup_closedir DIR *d = all[i] ? opendir(all[i]) : NULL;
		struct dirent *e;

		while (d && (e = readdir(d)))
			if (is_scratch_name(e->d_name))
				sweep(dirfd(d), e->d_name);
	}
}
