/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* dnf 5's history, all of it, or statements on one: read, and a rollback noted in it. */

#include "dnf5.h"
#include "history/history.h"
#include "rollback.h"

static struct fuzz_base base = {.sql = dnf5_sql};

FUZZ_TARGET(historydnf5)
{
	cleanup_buf struct buf file = {0};
	struct history h = {0};
	struct pkgset none = {0};
	const struct history_entry *e;
	struct root *r;

	fuzz_sqlite(&base, data, n, &file);
	r = fuzz_put(DNF5_PLACE, file.s, file.n);
	history_read(r, &none, NULL, &h);
	array_foreach(e, &h.entries) {
		FUZZ_CHECK(e->command && e->user && e->comment);
		FUZZ_CHECK(history_name_is_valid(e->name) && history_find(&h, e->name));
		(void)history_entry_has_changes(e);
	}
	(void)history_last(&h);
	history_release(&h);
	rollback_note(r);
}
