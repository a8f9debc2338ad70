/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* An rpmdb of Berkeley DB, read by librpm in a child: what the child dies of is no death of ours. */

#include "fuzz.h"
#include "rpm/db_rows.h"
#include "rpm/librpm.h"

static int count(void *ctx, uint32_t instance _unused_, const void *blob, size_t n,
		 struct error *err _unused_)
{
	FUZZ_CHECK(blob || !n);
	return ++*(unsigned *)ctx > 1000;
}

FUZZ_TARGET(bdb)
{
	cleanup_free char *folder = NULL;
	uint32_t records;
	unsigned seen = 0;
	int fd = fuzz_fd(data, n);

	if (librpm_init(NULL) < 0 || db_rows_check(fd, DB_BDB, &records, NULL) < 0)
		return;
	folder = xasprintf("%s/var", fuzz_put("var/Packages", data, n)->path);
	fuzz_ignore(db_rows_each(folder, DB_BDB, count, &seen, NULL));
}
