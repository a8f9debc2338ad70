/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_RESOLVE_H
#define PUTBACK_BASE_RESOLVE_H
/* The walk behind root_resolve(): symlinks followed in user space, never out of the root. */
#include "base/root.h"

/*
 * Walks path from the canonical directory dir, following links, of the last component too. A slash
 * behind that one says that it must be a directory, or missing. 0, or -1 with errno (see
 * root_resolve()).
 */
_must_check_ int resolve_beneath(struct root *r, const char *dir, const char *path,
				 char **ret_canonical);

#endif
