/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorder LOG MOUNTPOINT IMAGE...
 *
 * A file system in user space that holds each IMAGE as a file named 0, 1, ..., for a loop device to be
 * put over, and logs what is done to them: every write, flush and discard, in the order in which they
 * were answered, over all images. What is written to the file `mark` goes into the log as it is.
 *
 * The log is a row of entries, in the byte order of the machine:
 *
 *	u32 kind	WRITE, FLUSH, DISCARD, MARK
 *	u32 disk	number of the image
 *	u64 offset	in the image
 *	u64 length	in bytes; as many follow for WRITE and MARK
 *
 * One thread, so that the order in the log is the order of the answers. A loop device flushes by fsync
 * of its file, and has no forced unit access of its own: the kernel makes that a write and a flush.
 * A discard reads back as zeros, here and when the log is replayed.
 */
#include "config.h"

#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISKS	   8
#define FIRST_DISK 3 /* 1 is the directory, 2 is `mark` */
#define FOR_EVER   1e9

enum kind { WRITE = 1, FLUSH, DISCARD, MARK };

struct entry {
	uint32_t kind, disk;
	uint64_t offset, length;
};

static struct {
	int fd;
	off_t size;
} disks[DISKS];
static unsigned disk_count;
static int log_fd;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_all(int fd, const void *data, size_t n, off_t offset)
{
	for (const char *p = data; n;) {
		ssize_t done = offset < 0 ? write(fd, p, n) : pwrite(fd, p, n, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			die("cannot write");
		p += done;
		n -= (size_t)done;
		offset += offset < 0 ? 0 : done;
	}
}

static void note(enum kind kind, unsigned disk, off_t offset, size_t length,
		 const void *data)
{
	struct entry e = {kind, disk, (uint64_t)offset, length};

	write_all(log_fd, &e, sizeof(e), -1);
	if (data)
		write_all(log_fd, data, length, -1);
}

/* --- what is there ----------------------------------------------------------------------------------- */

static bool is_disk(fuse_ino_t ino)
{
	return ino >= FIRST_DISK && ino < FIRST_DISK + disk_count;
}

static void describe(fuse_ino_t ino, struct stat *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->st_ino = ino;
	ret->st_nlink = 1;
	ret->st_mode = ino == 1 ? S_IFDIR | 0755 : S_IFREG | 0600;
	if (is_disk(ino)) {
		ret->st_size = disks[ino - FIRST_DISK].size;
		ret->st_blksize = 4096;
		ret->st_blocks = ret->st_size / 512;
	}
}

static void on_init(void *ctx, struct fuse_conn_info *c)
{
	(void)ctx;
	c->max_write = c->max_readahead = 1 << 20;
	/* nothing may linger above us, and whole requests must arrive in one piece */
	c->want &= ~(unsigned)(FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_SPLICE_READ |
			       FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = {.attr_timeout = FOR_EVER, .entry_timeout = FOR_EVER};

	if (parent == 1 && !strcmp(name, "mark"))
		e.ino = 2;
	else if (parent == 1 && name[0] >= '0' && name[0] < '0' + (int)disk_count &&
		 !name[1])
		e.ino = (fuse_ino_t)(FIRST_DISK + name[0] - '0');
	if (!e.ino) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	describe(e.ino, &e.attr);
	fuse_reply_entry(req, &e);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	(void)fi;
	describe(ino, &st);
	fuse_reply_attr(req, &st, FOR_EVER);
}

static void on_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *st, int what,
		       struct fuse_file_info *fi)
{
	(void)st;
	(void)what;
	on_getattr(req, ino, fi);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fi->direct_io = !is_disk(ino);
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

/* --- what is done ------------------------------------------------------------------------------------ */

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	static char buf[1 << 20];
	ssize_t n = 0;

	(void)fi;
	if (is_disk(ino))
		n = pread(disks[ino - FIRST_DISK].fd, buf,
			  size < sizeof(buf) ? size : sizeof(buf), offset);
	if (n < 0)
		fuse_reply_err(req, errno);
	else
		fuse_reply_buf(req, buf, (size_t)n);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
		     off_t offset, struct fuse_file_info *fi)
{
	(void)fi;
	if (is_disk(ino)) {
		write_all(disks[ino - FIRST_DISK].fd, data, size, offset);
		note(WRITE, (unsigned)(ino - FIRST_DISK), offset, size, data);
	} else {
		note(MARK, 0, 0, size, data);
	}
	fuse_reply_write(req, size);
}

static void on_fsync(fuse_req_t req, fuse_ino_t ino, int data_only,
		     struct fuse_file_info *fi)
{
	(void)data_only;
	(void)fi;
	if (is_disk(ino))
		note(FLUSH, (unsigned)(ino - FIRST_DISK), 0, 0, NULL);
	fuse_reply_err(req, 0);
}

static void on_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset,
			 off_t length, struct fuse_file_info *fi)
{
	(void)fi;
	if (!is_disk(ino) || !(mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	if (fallocate(disks[ino - FIRST_DISK].fd,
		      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) < 0) {
		fuse_reply_err(req, errno);
		return;
	}
	note(DISCARD, (unsigned)(ino - FIRST_DISK), offset, (size_t)length, NULL);
	fuse_reply_err(req, 0);
}

static void on_close(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops ops = {
	.init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.setattr = on_setattr,
	.open = on_open,
	.read = on_read,
	.write = on_write,
	.fsync = on_fsync,
	.fallocate = on_fallocate,
	.flush = on_close,
	.release = on_close,
};

int main(int argc, char **argv)
{
	char name[] = "recorder", option[] = "-ofsname=recorder,allow_other";
	char *options[] = {name, option, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(2, options);
	struct fuse_session *s;
	int rc;

	if (argc < 4 || argc - 3 > DISKS) {
		fprintf(stderr, "usage: recorder LOG MOUNTPOINT IMAGE...\n");
		return 2;
	}
	for (; disk_count < (unsigned)argc - 3; disk_count++) {
		const char *path = argv[3 + disk_count];
		struct stat st;
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (fd < 0 || fstat(fd, &st) < 0)
			die(path);
		disks[disk_count].fd = fd;
		disks[disk_count].size = st.st_size;
	}
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (log_fd < 0)
		die(argv[1]);
	s = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	if (!s || fuse_set_signal_handlers(s) || fuse_session_mount(s, argv[2]))
		return 1;
	rc = fuse_session_loop(s);
	fuse_session_unmount(s);
	fuse_remove_signal_handlers(s);
	fuse_session_destroy(s);
	return rc ? 1 : 0;
}
