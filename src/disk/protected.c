/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/protected.h"

#include <string.h>
#include <sys/stat.h>

#include "disk/pmconf.h"

static bool is_file(struct root *r, const char *path)
{
	struct statx st;

	return root_statx(r, path, STATX_TYPE, &st) == 0 && S_ISREG(st.stx_mode);
}

void protected_read(struct root *r, struct strlist *ret)
{
	/* who protects the others does not take itself away. Both read this file, and each begins its list of
	   protected packages with its own name (libdnf, libdnf5: conf/config_main.cpp) */
	if (is_file(r, "etc/dnf/dnf.conf")) {
		strlist_add(ret, "dnf");
		strlist_add(ret, "dnf5");
	}
	if (is_file(r, "etc/yum.conf"))
		strlist_add(ret, "yum");
	pmconf_names(r, "/etc/yum/protected.d", "*.conf", ret);
	pmconf_names(r, "/etc/dnf/protected.d", "*.conf", ret);
	pmconf_list(r, "protected_packages", ret);
	strlist_sort_unique(ret);
}
