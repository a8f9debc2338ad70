/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_ROOT_H
#define PUTBACK_BASE_ROOT_H
/*
 * The root: an opened directory, and everything beneath it. No absolute path of the root reaches
 * a system call; no symlink in it leads out of it.
 *
 * Two kinds of paths:
 *   - a packaged path ("/usr/lib/libc.so.6") may pass through symlinks; root_resolve() turns its
 *     directory part into a canonical one, links being followed beneath the root only;
 *   - a canonical path ("usr/lib/libc.so.6", no leading slash, "" is the root itself) has no
 *     symlink in its directory part. Every *at-like call below takes canonical paths only, never
 *     follows the last component, and fails with ELOOP or ENOTDIR should a directory have become
 *     a link since (openat2 RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS, or a walk
 *     with O_NOFOLLOW where the kernel has no openat2).
 *
 * All reads use O_NOATIME where the caller may.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/path.h"

struct root {
	int fd;		 /* O_RDONLY|O_DIRECTORY */
	char *path;	 /* as the user gave it, for messages */
	char *real;	 /* canonical path on the host, for /proc/self/mountinfo */
	bool detached;	 /* fd is in a private read-only copy of the mounts */
	bool no_openat2; /* walk component by component */
	/* kept by root.c (not for threads; see root_dup) */
	int tree_fd;  /* holds that copy; -1: none */
	int dir_fd;   /* the last parent opened, or -1 */
	char *dir_path;
	char *packaged_dir; /* the last directory that root_resolve() resolved, */
	char *resolved_dir; /* and what it came to */
};

/* How a root is opened. */
enum root_mode {
	ROOT_READ, /* through a private read-only, noatime clone of its mounts where the kernel and
		      our rights allow (open_tree, mount_setattr); else directly, with O_NOATIME */
	ROOT_WRITE /* directly */
};

/*
 * Opens the directory path as a root. Refuses "/" (whatever its spelling, bind mounts of it
 * included: same device and inode) with ERR_USAGE, a missing one or one that is no directory with
 * ERR_FAILED. Words in the environment's PUTBACK_WITHOUT ("openat2", "open_tree") make it do as on
 * a kernel without these calls.
 */
_must_check_ int root_open(const char *path, enum root_mode mode, struct root **ret_root,
			   struct error *err);
/*
 * Makes the read-only clone of path's mounts now, for root_open() later: who is confined
 * (base/confine.h) cannot any more. A path that is no root, and a kernel that cannot, are no matter.
 */
void root_prepare(const char *path);
/* A second handle with a directory cache of its own, for another thread. NULL with errno. */
struct root *root_dup(const struct root *r);
void root_free(struct root *r);

/*
 * Canonical path of a packaged path: links in its directory part (and, with follow or a slash at
 * the end, the last component) are followed beneath the root, where ".." of the root is the root
 * and an absolute target starts anew. Missing parts are kept as they are. Fails on a loop (more
 * than 40 links) or when a component that is not last is no directory (err->sys: ELOOP, ENOTDIR).
 */
_must_check_ int root_resolve(struct root *r, const char *path, bool follow, char **ret_canonical,
			      struct error *err);

/*
 * As openat(2) etc. with a canonical path: fd or 0, or -1 with errno; EINVAL for a path that is
 * not canonical. O_CLOEXEC and O_NOFOLLOW are added always (with O_PATH a link itself is opened);
 * O_NOATIME, O_NONBLOCK and O_NOCTTY for reading. That still opens a device: look first.
 */
int root_openat(struct root *r, const char *path, int flags, mode_t mode);
/* Opens the directory that holds path (O_PATH) and gives the last component's name, "." for the
 * root itself. The fd is borrowed from the handle's cache and good until the next call. */
int root_parent(struct root *r, const char *path, const char **ret_name);
/* mask: STATX_*; AT_SYMLINK_NOFOLLOW always */
int root_statx(struct root *r, const char *path, unsigned mask, struct statx *st);
/* Nanoseconds since the epoch. A time from a disk may be anything: what they cannot hold is the nearest. */
int64_t root_ns(const struct statx_timestamp *t);
/* NUL-terminated; the caller frees */
int root_readlink(struct root *r, const char *path, char **ret_target);
/* Whole regular file, at most max bytes (EFBIG); a file that is not regular is EINVAL, no hang */
int root_read_file(struct root *r, const char *path, size_t max, struct buf *ret);
/* Names in a directory except "." and "..", in no order. */
struct strlist;
int root_list(struct root *r, const char *path, struct strlist *ret_names);
/* Forgets what is cached: after each rename, removal or exchange of a directory or of a link. */
void root_forget(struct root *r);

/* Opens a regular file or a directory for reading by a packaged path (links followed beneath the
 * root): fd or -1 with errno; EINVAL for anything else, which is not opened at all. */
int root_open_packaged(struct root *r, const char *path, int flags);

/* As root_read_file by a packaged path, links followed beneath the root. */
int root_read_packaged(struct root *r, const char *path, size_t max, struct buf *ret);

#endif
