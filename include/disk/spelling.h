/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_SPELLING_H
#define PUTBACK_DISK_SPELLING_H
/*
 * The ways to write a path of the root: /lib64/libc.so.6 and /usr/lib64/libc.so.6 are one where
 * /lib64 is a link, and packages may list either.
 */
#include "base/array.h"
#include "base/root.h"
#include "core/pkg.h"

/*
 * Adds path as it is given (with one slash before it, and single ones), as it is canonically, and as
 * packages of the set have it. With a slash at its end it stands for a directory with all that is in it,
 * of which no more than the first two are looked for.
 */
void spelling_add(struct root *r, const struct pkgset *set, const char *path,
		  struct strlist *ret);

#endif
