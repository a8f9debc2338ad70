/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/dbcopy.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MAX (4ULL << 30)

static const char *const suffixes[] = {"", "-wal", "-journal"};

bool dbcopy_names_super_journal(int fd)
{
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9,
					       0x20, 0xa1, 0x63, 0xd7};
	unsigned char end[8];
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(end) &&
	       pread(fd, end, sizeof(end), st.st_size - (off_t)sizeof(end)) ==
		       (ssize_t)sizeof(end) &&
	       !memcmp(end, magic, sizeof(end));
}

/* What is no regular file is not opened at all: even that can do something to a device. */
static int open_regular(struct root *r, const char *path)
{
	struct statx st;

	if (root_statx(r, path, STATX_TYPE, &st))
		return -1;
	if (!S_ISREG(st.stx_mode)) {
		errno = EINVAL;
		return -1;
	}
	return root_openat(r, path, O_RDONLY, 0);
}

static int copy_one(int in, struct scratch *to, const char *name, struct error *err)
{
	cleanup_close int out = scratch_create(to, name, err);

	if (out < 0)
		return -1;
	return file_copy(in, out) ? err_errno(err, "cannot copy it") : 0;
}

int dbcopy_sqlite(struct root *r, const char *path, struct scratch **ret,
		  struct error *err)
{
	int fd[ELEMENTSOF(suffixes)] = {-1, -1, -1};
	unsigned long long bytes = 0;
	struct scratch *copy = NULL;
	const char *name = strrchr(path, '/');
	int rc = -1;

	name = name ? name + 1 : path;
	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
		cleanup_free char *file = xasprintf("%s%s", path, suffixes[i]);
		struct stat st;

		fd[i] = open_regular(r, file);
		if (fd[i] < 0 && errno == ENOENT && i == 0) {
			rc = 0;
			goto out;
		}
		if (fd[i] < 0 && errno == ENOENT)
			continue;
		if (fd[i] < 0 || fstat(fd[i], &st)) {
			err_errno(err, "cannot open '%s' in the root", file);
			goto out;
		}
		bytes += (unsigned long long)st.st_size;
		if (bytes > BYTES_MAX) {
			err_set(err, ERR_FAILED, "'%s' in the root is larger than 4 GiB",
				file);
			goto out;
		}
	}
	if (fd[2] >= 0 && dbcopy_names_super_journal(fd[2])) {
		err_set(err, ERR_FAILED,
			"'%s-journal' in the root names a journal elsewhere and is not believed",
			path);
		goto out;
	}
	if (scratch_new("db", bytes, &copy, err))
		goto out;
	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
		cleanup_free char *file = xasprintf("%s%s", name, suffixes[i]);

		if (fd[i] >= 0 && copy_one(fd[i], copy, file, err)) {
			err_prefix(err, "'%s%s' in the root", path, suffixes[i]);
			goto out;
		}
	}
	*ret = steal_ptr(copy);
	rc = 1;
out:
	scratch_free(copy);
	for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
		cleanup_closep(&fd[i]);
	return rc;
}
