/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_OWNED_H
#define PUTBACK_SELECT_OWNED_H
/* Packages by the paths that they own (--path). */
#include "core/pkg.h"

/* paths: "/usr/bin/sh" is that very path, "/opt/app/" all that lies beneath it, too. */
bool owned_by(const struct pkg *p, const struct strlist *paths);
bool owned_by_any(const struct pkgset *set, const struct strlist *paths);
/* Those of a set, as names that a selection takes: "bash.x86_64". */
void owned_names(const struct pkgset *set, const struct strlist *paths,
		 struct strlist *ret);

#endif
