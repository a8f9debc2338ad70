/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_REMNANT_H
#define PUTBACK_DISK_REMNANT_H
/*
 * A package that rpm was removing when it was cut off. rpm removes the files of a package, from the last to the
 * first, then its record, then goes on to the next one (lib/psm.c: rpmPackageErase(), lib/fsm.c:
 * rpmPackageFilesRemove()), and writes nothing down beforehand. So there is at most one, and all that tells it is:
 *
 *	of its files the last ones are gone, two at least, most of them, and none before these;
 *	not documents alone, which are taken away to save space;
 *	each directory that they were in, if it is there, was written to since the last package came;
 *	and there is no other package like that: files that are gone of several are somebody else's doing.
 *
 * A package that lost a file, or the first ones of several, is none. One of which rpm had removed but a few files is
 * not found: nothing tells it from a healthy package that somebody took files of.
 */
#include "base/root.h"
#include "core/pkg.h"

struct remnant {
	struct pkg *p; /* of the set; NULL: there is none */
	uint32_t gone,
		files; /* of its files, without directories and what other packages have, too */
};
void remnant_find(struct root *r, const struct pkgset *installed, struct remnant *ret);

#endif
