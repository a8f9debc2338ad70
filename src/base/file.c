/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "base/file.h"

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

int file_beginning(int fd, size_t n)
{
	cleanup_close int copy = memfd_create("beginning", MFD_CLOEXEC);
	cleanup_free char *bytes = xmalloc(n + 1);
	ssize_t got = pread(fd, bytes, n, 0);

	if (got >= 0 && (size_t)got < n)
		errno = EIO;
	if (copy < 0 || got < 0 || (size_t)got < n || file_write_all(copy, bytes, n) < 0)
		return -1;
	return steal_fd(&copy);
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

/* A new file beside path, under a name that nobody has. The mode is the file's from the start: who is
 * walled in (base/confine.h) cannot change it. */
static int create_beside(const char *path, mode_t mode, char **ret_name)
{
	for (int i = 0; i < 100; i++) {
		cleanup_free char *name = NULL;
		uint32_t number;
		mode_t mask;
		int fd;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		name = xasprintf("%s.%06x", path, number & 0xffffff);
		mask = umask(0);
		fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		umask(mask);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd >= 0)
			*ret_name = steal_ptr(name);
		return fd;
	}
	return -1;
}

/* Files that were begun before the walls, and are finished by the process outside of them. */
static ARRAY(struct outfile) promised;

static int begin(const char *path, mode_t mode, struct outfile *ret, struct error *err)
{
	char *fresh = NULL;
	int fd = create_beside(path, mode, &fresh);

	if (fd < 0)
		return err_errno(err, "cannot create a file beside '%s'", path);
	*ret = (struct outfile){fd, xstrdup(path), fresh, 0};
	return 0;
}

int file_promise(const char *path, mode_t mode, struct error *err)
{
	struct outfile f;

	if (begin(path, mode, &f, err) < 0)
		return -1;
	f.promised = promised.n + 1;
	array_add(&promised, f);
	return 0;
}

static int rename_promised(void *ctx, const struct buf *ask, struct buf *answer,
			   struct error *err)
{
	struct outfile *f;
	uint32_t i;

	(void)ctx;
	(void)answer;
	if (ask->n != sizeof(i))
		return err_set(err, ERR_FAILED, "no number of a file");
	memcpy(&i, ask->s, sizeof(i));
	if (i < 1 || i > promised.n || !promised.v[i - 1].fresh)
		return err_set(err, ERR_FAILED, "no file that was promised");
	f = &promised.v[i - 1];
	if (rename(f->fresh, f->path) < 0)
		return err_errno(err, "cannot write '%s'", f->path);
	free(steal_ptr(f->fresh));
	return 0;
}

const struct outside_service file_service = {"rename a promised file", rename_promised,
					     NULL};

void file_break_promises(void)
{
	for (uint32_t i = 0; i < promised.n; i++)
		if (promised.v[i].fresh)
			unlink(promised.v[i].fresh);
}

int file_begin(const char *path, mode_t mode, struct outfile *ret, struct error *err)
{
	for (uint32_t i = 0; i < promised.n; i++) {
		struct outfile *f = &promised.v[i];

		if (!f->path || strcmp(f->path, path) != 0)
			continue;
		*ret = *f;
		*f = (struct outfile){.fd = -1};
		return 0;
	}
	return begin(path, mode, ret, err);
}

static int give_name(struct outfile *f, struct error *err)
{
	cleanup_buf struct buf ask = {0};

	if (!f->promised)
		return rename(f->fresh, f->path) < 0
			       ? err_errno(err, "cannot write '%s'", f->path)
			       : 0;
	buf_add(&ask, &f->promised, sizeof(f->promised));
	return outside_ask(file_service.name, &ask, NULL, err);
}

int file_finish(struct outfile *f, struct error *err)
{
	if (FAILPOINT("file-written") || fsync(f->fd) < 0 || FAILPOINT("file-synced"))
		return err_errno(err, "cannot write '%s'", f->path);
	if (give_name(f, err) < 0)
		return -1;
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
	/* what was promised is seen to outside */
	if (f->fresh && !f->promised)
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

	if (file_begin(path, mode, &f, err) < 0)
		return -1;
	if (file_write_all(f.fd, p, n) < 0)
		return err_errno(err, "cannot write '%s'", path);
	return file_finish(&f, err);
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

int file_remove_folder(const char *path)
{
	return rmdir(path);
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
