/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Text logs of package managers; the first byte says whose. */

#include "fuzz.h"
#include "history/history.h"

FUZZ_TARGET(histlog)
{
	static const char *const logs[] = {
		"var/log/zypp/history", "var/log/dnf.rpm.log", "var/log/dnf5.log",
		"var/log/yum.log",
		/* and packed */
		"var/log/zypp/history-20260101.xz", "var/log/dnf.rpm.log.1.gz",
		"var/log/dnf5.log.1.zst", "var/log/yum.log-20260101.bz2"};
	struct history h = {0};
	struct pkgset none = {0};
	const struct history_entry *e;
	const struct history_item *item;

	if (!n)
		return;
	history_read(
		fuzz_put(logs[data[0] % ELEMENTSOF(logs)], (const char *)data + 1, n - 1),
		&none, NULL, &h);
	array_foreach(e, &h.entries) {
		FUZZ_CHECK(e->items.n && e->command && e->user && e->comment);
		FUZZ_CHECK(history_name_is_valid(e->name) &&
			   history_find(&h, e->name) == e);
		array_foreach(item, &e->items)
			FUZZ_CHECK(*item->id.name && *item->id.arch);
	}
	history_release(&h);
}
