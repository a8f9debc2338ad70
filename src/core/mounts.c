/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/mounts.h"

#include <string.h>

#include "base/array.h"
#include "core/fstype.h"

/* "" contains everything */
static bool contains(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	return n == 0 ||
	       (strncmp(dir, path, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

static const struct mount *deepest(const struct mounts *m, const char *path, bool missing)
{
	const struct mount *best = NULL, *x;

	array_foreach(x, m) {
		if (x->missing != missing || !contains(x->path, path))
			continue;
		if (!best || strlen(x->path) >= strlen(best->path))
			best = x;
	}
	return best;
}

uint32_t mounts_of_path(const struct mounts *m, const char *path)
{
	const struct mount *x = deepest(m, path, false);

	return x ? (uint32_t)(x - m->v) : 0;
}

const struct mount *mounts_missing_above(const struct mounts *m, const char *path)
{
	const struct mount *gone = deepest(m, path, true), *here;

	if (!gone || strcmp(gone->path, path) == 0)
		return NULL;
	/* a file system mounted further down is there all the same */
	here = deepest(m, path, false);
	return here && strlen(here->path) > strlen(gone->path) ? NULL : gone;
}

void mounts_release(struct mounts *m)
{
	struct mount *x;

	array_foreach(x, m) {
		free(x->path);
		free(x->host);
		free(x->fstype);
		free(x->device);
	}
	free(m->unknown);
	m->unknown = NULL;
	array_release(m);
}

bool mount_keeps_attributes(const struct mount *m)
{
	return !(fstype_lacks(m->fstype) & FS_NO_ATTRIBUTES);
}
