/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_HALFWAY_DISK_H
#define PUTBACK_CMD_HALFWAY_DISK_H
/*
 * How packages compare with what is on the disk. The planner is asked: a plan that puts packages in
 * their own place has an op for each path that is not as they have it, by all of its rules.
 */
#include "cmd/prepare.h"

struct halfway_disk {
	struct changes changes; /* one per package, in their order */
	struct pkgset staying;	/* members are not its own */
	struct layout layout;
	struct plan plan;
};

/* v: installed ones, or one that is not. ERR_FAILED where paths of theirs lead nowhere. */
_must_check_ int halfway_disk(struct session *s, struct prepared *p, struct pkg *const *v,
			      uint32_t n, struct halfway_disk *ret, struct error *err);
void halfway_disk_release(struct halfway_disk *d);
#define cleanup_halfway_disk __attribute__((cleanup(halfway_disk_release)))

/* Whether a path is not as package number i has it, and something happened to it since (seconds): what was
 * edited before is no trace of the update. tid: of what came with it. */
bool halfway_disk_differs(struct root *r, const struct halfway_disk *d, uint32_t i,
			  int64_t since, int64_t tid);
/*
 * Whether files of a package that was coming are there: some path is as it has it, and not as any
 * installed package has it. d: of that package alone; was: of the one in whose place it comes, or NULL.
 * How many such paths. since (seconds): only those that came since and differ in more than attributes, for there is
 * nothing else that speaks of an update; NULL: all.
 */
uint32_t halfway_disk_has_come(const struct halfway_disk *d,
			       const struct halfway_disk *was, const int64_t *since);
/* What is gone of package number i since (seconds), of the files that no package that stays has. rpm removes
 * from the last one to the first. */
struct halfway_gone {
	uint32_t n; /* so many of the last ones; 0: it was not being removed */
	bool alone; /* and nothing else is missing, or differs, but for configuration files */
	bool all; /* no file is left, but for configuration files */
};
struct halfway_gone halfway_disk_gone(struct root *r, const struct halfway_disk *d,
				      uint32_t i, int64_t since);
/* Whether at a path of package number i there is the file of a package that came with transaction tid. */
bool halfway_disk_is_covered(const struct halfway_disk *d, uint32_t i, int64_t tid);
/* Whether a directory of package number i is gone since, as a %pretrans moves one out of the way for a
 * link in its place, before any package is unpacked. */
bool halfway_disk_made_room(struct root *r, const struct halfway_disk *d, uint32_t i,
			    int64_t since, int64_t tid);
/* Whether files of package number i are lost, or empty, or others without having been written to
 * since rpm set their times: what a power cut does to files that were never synced. */
bool halfway_disk_is_damaged(const struct halfway_disk *d, uint32_t i);
/* Whether some file of package number i was put there by another package's installation: its content is
 * not the package's, its times are those of a package, and came there since. */
bool halfway_disk_was_written(const struct halfway_disk *d, uint32_t i, int64_t since);

#endif
