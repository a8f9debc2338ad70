/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/varpath.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

enum { FOLDERS_MAX = 1000 };

/* The pattern of one part of a path: "$name" and "${name...}" are stars, all else is itself. */
static char *pattern_of(const char *part, size_t n)
{
	struct buf b = {0};

	for (size_t i = 0; i < n;) {
		if (part[i] != '$') {
			if (strchr("*?[\\", part[i]))
				buf_char(&b, '\\');
			buf_char(&b, part[i++]);
			continue;
		}
		buf_char(&b, '*');
		i++;
		if (i < n && part[i] == '{') {
			const char *end = memchr(part + i, '}', n - i);

			i = end ? (size_t)(end - part) + 1 : n;
			continue;
		}
		while (i < n && (isalnum((unsigned char)part[i]) || part[i] == '_'))
			i++;
	}
	return buf_steal(&b);
}

static bool is_folder(struct root *r, const char *path)
{
	cleanup_free char *canonical = NULL;
	struct statx st;

	return root_resolve(r, path, true, &canonical, NULL) == 0 &&
	       root_statx(r, canonical, STATX_TYPE, &st) == 0 && S_ISDIR(st.stx_mode);
}

/* All folders of one that match. */
static void match(struct root *r, const char *folder, const char *pattern,
		  struct strlist *ret)
{
	cleanup_free char *canonical = NULL;
	struct strlist names = {0};

	if (root_resolve(r, *folder ? folder : "/", true, &canonical, NULL) == 0 &&
	    root_list(r, canonical, &names) == 0) {
		strlist_sort_unique(&names);
		for (uint32_t i = 0; i < names.n && ret->n < FOLDERS_MAX; i++) {
			cleanup_free char *path = xasprintf("%s/%s", folder, names.v[i]);

			if (fnmatch(pattern, names.v[i], FNM_PERIOD) == 0 &&
			    is_folder(r, path))
				strlist_take(ret, steal_ptr(path));
		}
	}
	strlist_release(&names);
}

void varpath_expand(struct root *r, const char *value, struct strlist *ret)
{
	struct strlist now = {0};

	if (!strchr(value, '$')) {
		strlist_add(ret, value);
		return;
	}
	strlist_add(&now, "");
	for (const char *at = value; *at;) {
		size_t n = strcspn(at, "/");
		bool varies = memchr(at, '$', n) != NULL;
		cleanup_free char *pattern = varies ? pattern_of(at, n) : NULL;
		struct strlist next = {0};

		for (uint32_t i = 0; n && i < now.n; i++) {
			if (varies)
				match(r, now.v[i], pattern, &next);
			else
				strlist_take(&next,
					     xasprintf("%s/%.*s", now.v[i], (int)n, at));
		}
		if (n) {
			strlist_release(&now);
			now = next;
		}
		at += n + (at[n] == '/');
	}
	for (uint32_t i = 0; i < now.n; i++)
		strlist_add(ret, now.v[i]);
	strlist_release(&now);
}
