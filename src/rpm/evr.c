/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/evr.h"

#include <rpm/rpmver.h>

#include "base/macros.h"

int evr_cmp(const struct nevra *a, const struct nevra *b)
{
	int64_t ea = MAX(a->epoch, 0), eb = MAX(b->epoch, 0);
	int d;

	if (ea != eb)
		return ea < eb ? -1 : 1;
	d = rpmvercmp(a->version, b->version);
	return d ? d : rpmvercmp(a->release, b->release);
}
