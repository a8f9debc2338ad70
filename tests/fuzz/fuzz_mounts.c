/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* fstab, on a root with links in it. */

#include "core/fact.h"
#include "core/mounts.h"
#include "disk/mounts.h"
#include "fuzz.h"

FUZZ_TARGET(mounts)
{
	struct root *r = fuzz_root(data, n);
	struct mounts m = {0};

	if (mounts_read(r, &m, NULL) < 0)
		return;
	FUZZ_CHECK(m.n > 0 && !*m.v[0].path);
	for (uint32_t i = 0; i < m.n; i++)
		FUZZ_CHECK(path_is_canonical(m.v[i].path));
	(void)mounts_of_path(&m, "usr/bin");
	(void)mounts_missing_above(&m, "boot/vmlinuz");
	mounts_release(&m);
}
