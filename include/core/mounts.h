/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_MOUNTS_H
#define PUTBACK_CORE_MOUNTS_H
/* The file systems beneath the root, as the planner sees them; disk/mounts reads them. */
#include <stdbool.h>
#include <stdint.h>

struct mount {
	char *path; /* canonical path of its top beneath the root; "" is the root itself */
	char *host; /* the same as this host names it; NULL: not known */
	char *fstype; /* "ext4"; "?" where unknown */
	char *device; /* what is mounted, as mountinfo says */
	uint64_t mnt_id, dev;
	bool readonly;
	bool passing; /* it is made anew whenever a system starts, or it is the running one's:
		       * nothing on it is the machine's */
	bool no_labels; /* it does not keep security.selinux, whatever it is */
	bool no_xattrs; /* files cannot have capabilities */
	bool missing;			  /* named by the root's fstab, not mounted */
	uint64_t block_size, blocks_free; /* for unprivileged use: f_bavail; what does
					     not count them has no end of them */
	uint64_t bytes_total;
	uint64_t inodes_free; /* UINT64_MAX: the file system does not count them */
};
struct mounts {
	struct mount *v; /* v[0] is the root's own file system */
	uint32_t n, cap;
	char *unknown; /* why nobody can tell what is missing, as a sentence; or NULL */
};
void mounts_release(struct mounts *m);
/* false: it keeps neither owners nor modes (nor labels) but gives those that it was mounted with. */
bool mount_keeps_attributes(const struct mount *m);
/* The mount (index) whose top is the longest prefix of path among those mounted. */
uint32_t mounts_of_path(const struct mounts *m, const char *path);
/* The missing mount that path would lie beneath, or NULL. */
const struct mount *mounts_missing_above(const struct mounts *m, const char *path);

#endif
