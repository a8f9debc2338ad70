/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_RESOLVE_H
#define PUTBACK_BASE_RESOLVE_H
/* The walk behind root_resolve(): symlinks followed in user space, never out of the root. */
#include <stdbool.h>

#include "base/root.h"

/*
 * Walks path from the canonical directory dir. The last component is followed where follow says so;
 * a slash behind it makes it one that is not last. 0, or -1 with errno (see root_resolve()).
 */
_must_check_ int resolve_beneath(struct root *r, const char *dir, const char *path, bool follow,
				 char **ret_canonical);

#endif
