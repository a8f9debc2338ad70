/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/beside.h"

#include <fnmatch.h>

#include "disk/pmconf.h"

void beside_mark(struct root *r, struct pkgset *installed)
{
	struct strlist names = {0};

	pmconf_list(r, "installonlypkgs", &names);
	pmconf_list(r, "multiversion", &names);
	for (uint32_t i = 0; i < installed->n; i++)
		for (uint32_t k = 0; k < names.n; k++)
			installed->v[i]->beside |=
				fnmatch(names.v[k], installed->v[i]->id.name, 0) == 0;
	strlist_release(&names);
}
