/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_WANTS_H
#define PUTBACK_CMD_WANTS_H
/* What a selection refers to outside of the root's own records: another root, a list in a file. */
#include "cmd/session.h"
#include "select/wanted.h"

/* --like and --manifest: 1 and *ret, or 0 where neither was given. */
_must_check_ int wants_read(struct session *s, struct wanted *ret, struct error *err);
/* A path of the root as the user may have written it: beneath the root's own path, too. */
const char *wants_path(const struct session *s, const char *path);

/* One of --only-path: the ways to write it and what lies beneath it, added to paths; its canonical
 * path, added to only. */
void wants_only(struct root *r, const struct pkgset *installed, const char *path,
		struct strlist *paths, struct strlist *only);

#endif
