/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/rpmplugins.h"

#include <sys/stat.h>

bool rpmplugins_has(struct root *r, const char *name)
{
	static const char *const folders[] = {"usr/lib64/rpm-plugins",
					      "usr/lib/rpm-plugins"};

	for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
		cleanup_free char *path = xasprintf("/%s/%s.so", folders[i], name),
				  *file = NULL;
		struct statx st;

		if (root_resolve(r, path, true, &file, NULL) == 0 &&
		    root_statx(r, file, STATX_TYPE, &st) == 0 && S_ISREG(st.stx_mode))
			return true;
	}
	return false;
}
