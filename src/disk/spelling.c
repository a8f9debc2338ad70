/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/spelling.h"

#include <string.h>

#include "base/buf.h"

static void add(struct strlist *l, const char *path)
{
	if (!strlist_has(l, path))
		strlist_add(l, path);
}

/* "/usr/lib//x" and "usr/lib/./x" -> "/usr/lib/x" */
static char *tidy(const char *path)
{
	struct buf b = {0};

	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n && !(n == 1 && *p == '.'))
			buf_printf(&b, "/%.*s", (int)n, p);
		p += n + (p[n] == '/');
	}
	if (!b.n || path[strlen(path) - 1] == '/')
		buf_char(&b, '/');
	return buf_steal(&b);
}

/* The directory of a packaged path, canonical; NULL: it leads nowhere. */
static char *directory_of(struct root *r, const char *dir)
{
	char *canonical;

	return root_resolve(r, dir, true, &canonical, NULL) < 0 ? NULL : canonical;
}

/* Those of packages that have the same last component, and whose directory is the same one. */
static void add_packaged(struct root *r, const struct pkgset *set, const char *base,
			 const char *dir, struct strlist *ret)
{
	cleanup_buf struct buf path = {0};

	for (uint32_t i = 0; i < set->n; i++) {
		const struct pkgfile *f;

		array_foreach(f, &set->v[i]->files) {
			cleanup_free char *there = NULL;

			if (strcmp(f->base, base) != 0)
				continue;
			there = directory_of(r, f->dir);
			if (there && !strcmp(there, dir))
				add(ret, pkgfile_path(f, &path));
		}
	}
}

void spelling_add(struct root *r, const struct pkgset *set, const char *path,
		  struct strlist *ret)
{
	cleanup_free char *given = tidy(path), *dir = NULL, *above = NULL;
	const char *base = strrchr(given, '/') + 1;
	cleanup_buf struct buf canonical = {0};

	add(ret, given);
	above = xstrndup(given, (size_t)(base - given));
	dir = directory_of(r, above);
	if (!dir)
		return;
	buf_printf(&canonical, "/%s%s%s", dir, *dir ? "/" : "", base);
	add(ret, canonical.s);
	if (*base)
		add_packaged(r, set, base, dir, ret);
}
