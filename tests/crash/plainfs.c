/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plainfs FOLDER MOUNTPOINT [MODE [UID]]
 *
 * A folder as vfat would show it, for machines whose kernel has none: type fuse.vfat.
 *
 *   - everything is of the one user UID (root) and has the one MODE (0700); to ask for another owner is EPERM,
 *     to ask for another mode changes nothing
 *   - no links of either kind, no devices, no extended attributes
 *   - names that differ in case only are one; a new name keeps the case that it came with
 *   - a rename knows no flags
 *   - times of two seconds
 *   - inode numbers are made up anew for each mount and whenever a name was forgotten
 *
 * What is called as one of the names in the environment's PLAINFS_EIO ("passwd:fstab") cannot be read: EIO.
 * It ends when it is unmounted.
 */
#include "config.h"

#define FUSE_USE_VERSION 35
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static int top;
static mode_t the_mode = 0700;
static uid_t the_uid;

/* --- names ------------------------------------------------------------------------------------------------ */

/* Spells one component as the folder has it; as it is where there is none. */
static void spell(int dir, char *name)
{
	DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strcasecmp(e->d_name, name)) {
			memcpy(name, e->d_name, strlen(name));
			break;
		}
	if (d)
		closedir(d);
}

/* The folder's own name of a path, "." for its top. */
static const char *real(const char *path, char buf[PATH_MAX])
{
	int dir = dup(top);
	char *at = buf;

	snprintf(buf, PATH_MAX, "%s", path[1] ? path + 1 : ".");
	while (dir >= 0) {
		char *slash = strchr(at, '/');
		int next;

		if (slash)
			*slash = '\0';
		spell(dir, at);
		next = slash ? openat(dir, at, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		close(dir);
		dir = next;
		if (slash) {
			*slash = '/';
			at = slash + 1;
		}
	}
	return buf;
}

#define REAL(path) real((path), (char[PATH_MAX]){0})

static int result(int rc)
{
	return rc < 0 ? -errno : 0;
}

/* --- what is there ---------------------------------------------------------------------------------------- */

static int plain_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	(void)fi;
	if (fstatat(top, REAL(path), st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	st->st_mode = (st->st_mode & S_IFMT) | the_mode;
	st->st_uid = the_uid;
	st->st_gid = 0;
	st->st_nlink = 1;
	st->st_ino = 0; /* the library gives it one */
	st->st_atim.tv_nsec = st->st_mtim.tv_nsec = 0;
	st->st_ctim = st->st_mtim;
	return 0;
}

static int plain_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
			 struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	DIR *d = fdopendir(openat(top, REAL(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const struct dirent *e;

	(void)offset;
	(void)fi;
	(void)flags;
	if (!d)
		return -errno;
	while ((e = readdir(d)))
		fill(buf, e->d_name, NULL, 0, 0);
	closedir(d);
	return 0;
}

static int plain_statfs(const char *path, struct statvfs *fs)
{
	(void)path;
	if (fstatvfs(top, fs) < 0)
		return -errno;
	fs->f_files = fs->f_ffree = fs->f_favail = 0;
	return 0;
}

/* --- what changes it --------------------------------------------------------------------------------------- */

static int plain_mkdir(const char *path, mode_t mode)
{
	(void)mode;
	return result(mkdirat(top, REAL(path), 0700));
}

static int plain_unlink(const char *path)
{
	return result(unlinkat(top, REAL(path), 0));
}

static int plain_rmdir(const char *path)
{
	return result(unlinkat(top, REAL(path), AT_REMOVEDIR));
}

/* The new name keeps its own case, also where it is the old one's in another. */
static int plain_rename(const char *from, const char *to, unsigned flags)
{
	char old[PATH_MAX], new[PATH_MAX];
	const char *name = strrchr(to, '/') + 1;

	if (flags)
		return -EINVAL;
	real(from, old);
	real(to, new);
	if (strcmp(old, new) != 0 && faccessat(top, new, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return result(renameat(top, old, top, new));
	memcpy(new + strlen(new) - strlen(name), name, strlen(name));
	return result(renameat(top, old, top, new));
}

/* As in fs/fat/file.c, fat_setattr(): what cannot be kept is not refused, but for setuid and its kin. */
static int plain_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	(void)path;
	(void)fi;
	return mode & 07000 ? -EPERM : 0;
}

static int plain_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi)
{
	(void)path;
	(void)fi;
	return (uid == the_uid || uid == (uid_t)-1) && (gid == 0 || gid == (gid_t)-1) ?
		       0 :
		       -EPERM;
}

static void coarsen(struct timespec *t)
{
	if (t->tv_nsec == UTIME_OMIT)
		return;
	if (t->tv_nsec == UTIME_NOW)
		t->tv_sec = time(NULL);
	t->tv_sec -= t->tv_sec % 2;
	t->tv_nsec = 0;
}

static int plain_utimens(const char *path, const struct timespec times[2],
			 struct fuse_file_info *fi)
{
	struct timespec t[2] = {times[0], times[1]};

	(void)fi;
	coarsen(&t[0]);
	coarsen(&t[1]);
	return result(utimensat(top, REAL(path), t, AT_SYMLINK_NOFOLLOW));
}

static int plain_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	int fd = openat(top, REAL(path), O_WRONLY | O_NOFOLLOW | O_CLOEXEC), rc;

	(void)fi;
	if (fd < 0)
		return -errno;
	rc = result(ftruncate(fd, size));
	close(fd);
	return rc;
}

/* --- content ------------------------------------------------------------------------------------------------ */

static int open_real(const char *path, int flags, struct fuse_file_info *fi)
{
	int fd = openat(top, REAL(path), (flags & ~O_NOATIME) | O_NOFOLLOW | O_CLOEXEC,
			0700);

	fi->fh = (uint64_t)fd;
	return result(fd);
}

static int plain_open(const char *path, struct fuse_file_info *fi)
{
	return open_real(path, fi->flags, fi);
}

static int plain_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	(void)mode;
	return open_real(path, fi->flags | O_CREAT, fi);
}

/* Whether the name is one of $PLAINFS_EIO, "a:b". */
static int is_unreadable(const char *path)
{
	const char *names = getenv("PLAINFS_EIO"), *name = strrchr(path, '/') + 1;
	size_t n = strlen(name);

	while (names && *names) {
		size_t length = strcspn(names, ":");

		if (length == n && !strncmp(names, name, n))
			return 1;
		names += length + (names[length] == ':');
	}
	return 0;
}

static int plain_read(const char *path, char *buf, size_t n, off_t offset,
		      struct fuse_file_info *fi)
{
	ssize_t rc;

	if (is_unreadable(path))
		return -EIO;
	rc = pread((int)fi->fh, buf, n, offset);
	return rc < 0 ? -errno : (int)rc;
}

static int plain_write(const char *path, const char *buf, size_t n, off_t offset,
		       struct fuse_file_info *fi)
{
	ssize_t rc = pwrite((int)fi->fh, buf, n, offset);

	(void)path;
	return rc < 0 ? -errno : (int)rc;
}

static int plain_fsync(const char *path, int data, struct fuse_file_info *fi)
{
	(void)path;
	(void)data;
	return result(fsync((int)fi->fh));
}

static int plain_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	return result(close((int)fi->fh));
}

static void *plain_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	(void)conn;
	/* what is one file has many names: nothing is known for longer than a call */
	config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
	config->use_ino = 0;
	config->hard_remove = 1;
	return NULL;
}

static const struct fuse_operations operations = {
	.init = plain_init,
	.getattr = plain_getattr,
	.readdir = plain_readdir,
	.statfs = plain_statfs,
	.mkdir = plain_mkdir,
	.unlink = plain_unlink,
	.rmdir = plain_rmdir,
	.rename = plain_rename,
	.chmod = plain_chmod,
	.chown = plain_chown,
	.utimens = plain_utimens,
	.truncate = plain_truncate,
	.open = plain_open,
	.create = plain_create,
	.read = plain_read,
	.write = plain_write,
	.fsync = plain_fsync,
	.release = plain_release,
};

int main(int argc, char **argv)
{
	char *args[] = {argv[0],
			argv[2],
			(char *)"-s",
			(char *)"-o",
			(char *)"fsname=plain,subtype=vfat,default_permissions",
			NULL};

	if (argc < 3 || argc > 5) {
		fprintf(stderr, "usage: plainfs FOLDER MOUNTPOINT [MODE [UID]]\n");
		return 2;
	}
	if (argc >= 4)
		the_mode = (mode_t)strtoul(argv[3], NULL, 8);
	if (argc == 5)
		the_uid = (uid_t)strtoul(argv[4], NULL, 10);
	top = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0) {
		perror(argv[1]);
		return 1;
	}
	return fuse_main(5, args, &operations, NULL);
}
