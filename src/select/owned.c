/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/owned.h"

#include <string.h>

#include "base/buf.h"

static bool is_meant(const char *path, const char *by)
{
	size_t n = strlen(by);

	if (!n || by[n - 1] != '/')
		return !strcmp(path, by);
	/* with or without its last slash, it is the directory itself */
	return !strncmp(path, by, n) ||
	       (strlen(path) == n - 1 && !strncmp(path, by, n - 1));
}

bool owned_by(const struct pkg *p, const struct strlist *paths)
{
	cleanup_buf struct buf path = {0};
	const struct pkgfile *f;

	array_foreach(f, &p->files) {
		pkgfile_path(f, &path);
		for (uint32_t i = 0; i < paths->n; i++)
			if (is_meant(path.s, paths->v[i]))
				return true;
	}
	return false;
}

bool owned_by_any(const struct pkgset *set, const struct strlist *paths)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (!pkg_is_pseudo(set->v[i]) && owned_by(set->v[i], paths))
			return true;
	return false;
}

void owned_names(const struct pkgset *set, const struct strlist *paths,
		 struct strlist *ret)
{
	for (uint32_t i = 0; i < set->n; i++) {
		const struct nevra *id = &set->v[i]->id;

		if (!pkg_is_pseudo(set->v[i]) && owned_by(set->v[i], paths))
			strlist_take(ret, xasprintf("%s%s%s", id->name,
						    *id->arch ? "." : "", id->arch));
	}
	strlist_sort_unique(ret);
}
