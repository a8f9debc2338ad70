/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_FACT_H
#define PUTBACK_CORE_FACT_H
/* What is on the disk now: the planner's view of one path, one mount, the users. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/digest.h"

enum ftype { FT_NONE, FT_REG, FT_DIR, FT_LNK, FT_CHR, FT_BLK, FT_FIFO, FT_SOCK };
enum ftype ftype_of_mode(uint32_t mode);
const char *ftype_name(enum ftype t); /* "file", "directory", "symlink", ... */

#define CAPS_MAX 24

/* Everything about a file that can be set and is compared. */
struct attr {
	uint32_t mode; /* type bits and 07777 */
	uint32_t uid, gid;
	int64_t mtime_ns; /* nanoseconds since the epoch */
	uint8_t caps_len;
	uint8_t caps[CAPS_MAX]; /* value of security.capability */
};

/* Which inode it is: numbers alone are reused at once. */
struct identity {
	uint64_t ino;
	int64_t btime_ns; /* 0 where the file system has none */
};
static inline bool identity_is_same(const struct identity *a, const struct identity *b)
{
	return a->ino == b->ino && a->btime_ns == b->btime_ns;
}

struct fact {
	enum ftype type; /* FT_NONE: nothing there */
	int sys;	 /* errno if it could not be looked at (then type says what is known) */
	struct attr attr;
	struct identity id;
	uint32_t nlink;
	uint32_t mount; /* index in mounts */
	uint32_t rdev;	/* major << 8 | minor, 16 bits, as rpm compares */
	uint64_t dev;
	uint64_t size;
	int64_t ctime_ns;
	uint32_t flags;		 /* FACT_* */
	struct digest digest[2]; /* as asked for, at most two algorithms */
	const char *link;	 /* symlink's target, else NULL */
};
enum { FACT_IMMUTABLE = 1, FACT_APPEND = 2, FACT_VERITY = 4 };

struct mount {
	char *path;   /* canonical path of its top beneath the root; "" is the root itself */
	char *fstype; /* "ext4"; "?" where unknown */
	char *device; /* what is mounted, as mountinfo says */
	uint64_t mnt_id, dev;
	bool readonly;
	bool missing; /* named by the root's fstab, not mounted */
	uint64_t block_size, blocks_free; /* for unprivileged use: f_bavail */
	uint64_t bytes_total;
	uint64_t inodes_free; /* UINT64_MAX: the file system does not count them */
};
struct mounts {
	struct mount *v; /* v[0] is the root's own file system */
	uint32_t n, cap;
};
void mounts_release(struct mounts *m);
/* The mount (index) whose top is the longest prefix of path among those mounted. */
uint32_t mounts_of_path(const struct mounts *m, const char *path);
/* The missing mount that path would lie beneath, or NULL. */
const struct mount *mounts_missing_above(const struct mounts *m, const char *path);

/* Names to numbers from the root's own passwd and group; parse is tolerant of bad lines. */
struct users {
	struct arena mem;
	ARRAY(struct user_entry { const char *name; uint32_t id; }) users, groups;
};
void users_parse_passwd(struct users *u, const char *text); /* may be called for several files */
void users_parse_group(struct users *u, const char *text);
void users_finish(struct users *u); /* sorts; before the first look-up. First entry of a name wins */
bool users_uid(const struct users *u, const char *name, uint32_t *ret);
bool users_gid(const struct users *u, const char *name, uint32_t *ret);
const char *users_name(const struct users *u, uint32_t uid); /* NULL: none */
void users_release(struct users *u);

#endif
