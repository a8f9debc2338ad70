/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_JAIL_H
#define PUTBACK_BASE_JAIL_H
/* The world that a program is put into; for runner.c, in the process that will be that program. */
#include "base/runner.h"

/* The root as its path and what stood there when it was opened. */
struct jail_root {
	const char *path;
	uint64_t dev, ino;
};
/* Leaves the mounts, processes and network of the host. The next child of the caller is the first
 * process of the new world. */
_must_check_ int jail_leave(struct error *err);
/* In that child: the view, and everything else read-only. */
_must_check_ int jail_view(const struct jail_root *root, const struct runner_order *order,
			   struct error *err);
/* In that child: the root is all there is. */
_must_check_ int jail_root(const struct jail_root *root, struct error *err);
/* In that child: the root is all there is, none of it can be written to, and the scratch folder is there as
 * JAIL_RPMDB. */
#define JAIL_RPMDB "/dev/rpmdb"
_must_check_ int jail_rebuild(const struct jail_root *root, const char *folder,
			      struct error *err);
/* Gives up the rights that the program needs not. */
_must_check_ int jail_drop_rights(enum runner_what what, struct error *err);

#endif
