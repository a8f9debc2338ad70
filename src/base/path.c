/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/macros.h"
#include "base/path.h"

bool path_is_canonical(const char *path)
{
	if (!*path)
		return true;
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

char *path_join(const char *dir, const char *name)
{
	if (!*dir)
		return xstrdup(name);
	if (!*name)
		return xstrdup(dir);
	return xasprintf("%s/%s", dir, name);
}

char *path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xstrndup(path, slash - path) : xstrdup("");
}

bool path_is_beneath(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !n || (!strncmp(path, dir, n) && (path[n] == '/' || !path[n]));
}

static int rank(unsigned char c)
{
	return !c ? 0 : c == '/' ? 1 : c + 1;
}

int path_cmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return rank(*a) - rank(*b);
}
