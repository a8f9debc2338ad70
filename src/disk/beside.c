/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/beside.h"

#include <string.h>

#include "disk/pmconf.h"

#define PROVIDES "provides:"

void beside_names(struct root *r, struct strlist *ret)
{
	uint32_t first;

	pmconf_list(r, "installonlypkgs", ret);
	first = ret->n;
	pmconf_list(r, "multiversion", ret);
	/* zypper says which of its names are of capabilities; dnf takes each for either */
	for (uint32_t i = first; i < ret->n; i++)
		if (!strncmp(ret->v[i], PROVIDES, strlen(PROVIDES)))
			memmove(ret->v[i], ret->v[i] + strlen(PROVIDES),
				strlen(ret->v[i]) - strlen(PROVIDES) + 1);
}
