/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/litter.h"

#include "base/log.h"
#include "disk/mounts.h"
#include "txn/drop.h"
#include "txn/journal.h"

/* Whether no transaction is in it: it was made, and then the first row did not come. */
static bool is_empty(struct root *r, struct journal *j)
{
	struct txn_list all = {0};
	bool empty = journal_list(j, 0, &all, NULL) == 0 && all.n == 0;

	if (!empty && drop_forgotten(r, j, NULL) < 0)
		log_debug("a forgotten transaction keeps part of its space");
	txn_list_release(&all);
	return empty;
}

/* false: it stays */
static bool clear_journal(struct root *r, struct journal **j)
{
	struct area a;
	bool cleared;

	if (*j && !is_empty(r, *j))
		return true;
	journal_close(*j);
	*j = NULL;
	if (area_open(r, "", &a, NULL) < 0)
		return true;
	cleared = a.fd < 0 ||
		  (journal_remove(&a, NULL) == 0 && area_remove(r, &a, NULL) >= 0);
	area_release(&a);
	return cleared;
}

/* Of what cannot be looked up it is not said that nobody knows it. */
static void clear_area(struct root *r, const char *top, struct journal *j)
{
	struct area a;
	bool known = false;

	if (area_open(r, top, &a, NULL) < 0)
		return;
	if (a.fd >= 0 &&
	    (!*a.id || !j || journal_knows_area(j, 0, a.id, &known, NULL) == 0) &&
	    !known && area_remove(r, &a, NULL) < 0)
		log_debug("an empty '.putback' stays at '/%s'", top);
	area_release(&a);
}

bool litter_clear(struct root *r)
{
	bool cleared = true;
	struct mounts mounts = {0};
	struct journal *j = NULL;
	int there;

	if (mounts_read(r, &mounts, NULL) < 0)
		return true;
	for (uint32_t i = 0; i < mounts.n; i++)
		if (!mounts.v[i].missing)
			area_settle(r, mounts.v[i].path);
	there = journal_open(r, JOURNAL_WRITE, &j, NULL);
	if (there >= 0)
		cleared = clear_journal(r, &j);
	for (uint32_t i = 0; i < mounts.n && there >= 0; i++)
		if (!mounts.v[i].missing && (j || *mounts.v[i].path))
			clear_area(r, mounts.v[i].path, j);
	journal_close(j);
	mounts_release(&mounts);
	return cleared;
}
