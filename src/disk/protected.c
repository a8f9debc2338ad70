/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/protected.h"

#include <string.h>

#include "base/buf.h"
#include "base/path.h"

/* One name a line; what else a line holds is none. */
static void take_names(const char *text, struct strlist *ret)
{
	while (*text) {
		size_t n = strcspn(text, "\n"), blank = strspn(text, " \t");
		size_t name = strcspn(text + blank, " \t\r\n");

		if (name && blank + name <= n && text[blank] != '#' &&
		    !memchr(text + blank, '=', name) && text[blank] != '[')
			strlist_take(ret, xstrndup(text + blank, name));
		text += n + (text[n] == '\n');
	}
}

void protected_read(struct root *r, struct strlist *ret)
{
	enum { FILE_MAX = 64 << 10 };
	static const char *const folders[] = {"etc/dnf/protected.d",
					      "etc/yum/protected.d"};

	for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
		struct strlist names = {0};

		if (root_list(r, folders[i], &names) < 0)
			continue;
		for (uint32_t k = 0; k < names.n; k++) {
			cleanup_free char *path = path_join(folders[i], names.v[k]);
			const char *dot = strrchr(names.v[k], '.');
			cleanup_buf struct buf text = {0};

			if (dot && !strcmp(dot, ".conf") &&
			    root_read_packaged(r, path, FILE_MAX, &text) == 0 && text.s)
				take_names(text.s, ret);
		}
		strlist_release(&names);
	}
	strlist_sort_unique(ret);
}
