/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_FACT_H
#define PUTBACK_CORE_FACT_H
/* What is on the disk now: the planner's view of one path. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/digest.h"
#include "core/mounts.h"
#include "core/users.h"

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

/* Setuid, setgid or with capabilities; and without them (lib/fsm.c: removeSBITS() leaves 0777 of the mode). */
bool attr_is_privileged(const struct attr *a);
struct attr attr_unprivileged(const struct attr *a);

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
	int sys; /* errno if it could not be looked at (then type says what is known) */
	struct attr attr;
	struct identity id;
	uint32_t nlink;
	uint32_t mount; /* index in mounts */
	uint32_t rdev;	/* major << 8 | minor, 16 bits, as rpm compares */
	uint64_t dev;
	uint64_t size;
	int64_t ctime_ns;
	uint32_t flags;		 /* FACT_* */
	uint64_t ima;		 /* filesig_mark() of a file's security.ima; 0: it has none */
	struct digest digest[2]; /* as asked for, at most two algorithms */
	const char *link;	 /* symlink's target, else NULL */
};
enum {
	FACT_IMMUTABLE = 1,
	FACT_APPEND = 2,
	FACT_VERITY = 4,
	FACT_ACL = 8 /* a regular file with more than mode bits; none that its directory gives it */
};

#endif
