/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "base/mutant.h"
#include "txn/drop.h"
#include "txn/journal.h"
#include "txn/manifest.h"

/* Whether the journal speaks of a place that was the top of a file system, and is none now. */
static bool is_unmounted(struct root *r, const char *top)
{
	cleanup_free char *above = path_parent(top);
	struct statx a, b;

	return *top &&
	       (root_statx(r, top, STATX_TYPE | STATX_MNT_ID, &a) < 0 ||
		(root_statx(r, above, STATX_TYPE | STATX_MNT_ID, &b) == 0 &&
		 a.stx_dev_major == b.stx_dev_major &&
		 a.stx_dev_minor == b.stx_dev_minor && a.stx_mnt_id == b.stx_mnt_id));
}

/* 1: ours, and open; 0: there is none, or another's, which is left alone */
static int reopen(struct run *t, struct area *a, struct error *err)
{
	struct area now;
	int rc;

	if (a->fd >= 0)
		return 1;
	area_settle(t->root, a->top);
	if (is_unmounted(t->root, a->top)) {
		run_warn(
			t,
			"%s is not mounted: what '.putback' there holds goes when it is again",
			area_name(a));
		return 0;
	}
	rc = area_open(t->root, a->top, &now, err);
	if (rc < 0)
		return -1;
	/* without an id: a crash came between its directory and its file */
	if (rc == 1 && *now.id && strcmp(now.id, a->id)) {
		run_warn(t,
			 "'.putback' on %s is not this transaction's and is left alone",
			 area_name(a));
		rc = 0;
	}
	if (rc == 0) {
		area_release(&now);
		return 0;
	}
	memcpy(now.id, a->id, sizeof(now.id));
	area_release(a);
	*a = now;
	return 1;
}

/* All but the area that holds the journal go. ret_left (borrowed): those on file systems that are not mounted. */
static int empty_areas(struct run *t, struct areas *ret_left, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		struct area *a = &t->areas.v[i];
		int rc = reopen(t, a, err);

		if (rc < 0)
			return -1;
		if (rc == 0 && is_unmounted(t->root, a->top))
			array_add(ret_left, *a);
		if (rc > 0 && (area_remove_slots(a, t->id, err) < 0 ||
			       (*a->top && area_remove(t->root, a, err) < 0)))
			return -1;
	}
	return 0;
}

/* The area that holds the journal, if it can go. */
static int remove_top(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		struct area *a = &t->areas.v[i];

		if (!*a->top && a->fd >= 0 && area_remove(t->root, a, err) < 0)
			return -1;
	}
	return 0;
}

/* After the last row: the journal, and the area that held it. */
static int remove_journal(struct run *t, struct error *err)
{
	struct area a;
	int rc;

	journal_close(steal_ptr(t->journal));
	rc = area_open(t->root, "", &a, err);
	if (rc < 0)
		return -1;
	if (rc == 1)
		rc = journal_remove(&a, err) < 0 || area_remove(t->root, &a, err) < 0 ? -1
										      : 0;
	area_release(&a);
	return rc;
}

/*
 * The journal must not have forgotten for good what comes back: from another file system, or from its own,
 * for one that keeps a log of single files (btrfs) can make the journal's rows durable and nothing
 * else. By the top, since the area itself may be gone already when an earlier attempt died.
 */
static int sync_areas(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n && !MUTANT("drop-unsynced"); i++) {
		const struct area *a = &t->areas.v[i];
		cleanup_close int top =
			root_openat(t->root, a->top, O_RDONLY | O_DIRECTORY, 0);

		if (top < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			continue; /* nothing of it was removed */
		if (top < 0 || syncfs(top) < 0 || FAILPOINT("areas-synced"))
			return err_errno(err, "cannot sync %s", area_name(a));
	}
	return 0;
}

/* Whether it is the only one that the journal has. */
static int is_last(struct run *t, bool *ret, struct error *err)
{
	struct txn_list all = {0};

	if (journal_list(t->journal, 0, &all, err) < 0)
		return -1;
	*ret = all.n == 0 || (all.n == 1 && all.v[0].id == t->id);
	txn_list_release(&all);
	return 0;
}

/* left: what lies there goes by this row when it can be had again (drop_forgotten()). */
static int remove_row(struct run *t, const struct areas *left, struct error *err)
{
	if (!left->n)
		return journal_drop(t->journal, t->id, err);
	if (journal_force_state(t->journal, t, TXN_FORGOTTEN, err) < 0)
		return -1;
	return journal_clear(t->journal, t->id, left, err);
}

int drop_transaction(struct run *t, struct error *err)
{
	struct areas left = {0};
	bool last = false;
	int rc = empty_areas(t, &left, err);

	if (rc == 0)
		rc = sync_areas(t, err) < 0 || is_last(t, &last, err) < 0 ? -1 : 0;
	if (rc == 0 && last && !left.n)
		rc = remove_journal(t, err);
	else if (rc == 0)
		rc = remove_row(t, &left, err) < 0 || remove_top(t, err) < 0 ? -1 : 0;
	array_release(&left);
	return rc;
}

/* Whether the journal has more of it than areas that were not at hand. */
static bool has_rows(struct run *t)
{
	cleanup_free char *sql =
		xasprintf("SELECT count(*) FROM ctimes WHERE txn=%lld", (long long)t->id);
	int64_t n = 0;

	return journal_number(t->journal, sql, &n, NULL) < 0 || n;
}

/* An area goes after its row: a row of what is not at hand stays, and nothing else would tell it from one that is gone. */
int drop_slots(struct run *t, struct error *err)
{
	struct areas left = {0}; /* borrowed */
	int rc = 0;

	for (uint32_t i = 0; i < t->areas.n && rc == 0; i++) {
		struct area *a = &t->areas.v[i];
		int there = reopen(t, a, err);

		if (there == 0)
			array_add(&left, *a);
		rc = there < 0 || (there && manifest_remove(a, t->id, err) < 0) ? -1 : 0;
	}
	for (uint32_t i = 0; i < t->areas.n && rc == 0; i++)
		if (t->areas.v[i].fd >= 0)
			rc = area_remove_slots(&t->areas.v[i], t->id, err);
	if (rc == 0)
		rc = sync_areas(t, err);
	if (rc == 0 && (left.n < t->areas.n || has_rows(t)))
		rc = journal_clear(t->journal, t->id, &left, err);
	array_release(&left);
	for (uint32_t i = 0; i < t->areas.n && rc == 0; i++)
		if (t->areas.v[i].fd >= 0 &&
		    area_remove(t->root, &t->areas.v[i], err) < 0)
			rc = -1;
	return rc;
}

int drop_forgotten(struct root *r, struct journal *j, struct error *err)
{
	int64_t id = 0;

	for (;;) {
		cleanup_free char *sql = xasprintf(
			"SELECT min(id) FROM transactions WHERE state=%lld AND id>%lld "
			"AND id IN (SELECT txn FROM areas)",
			(long long)journal_state_code(TXN_FORGOTTEN), (long long)id);
		struct run t;
		int rc;

		if (journal_number(j, sql, &id, err) < 0)
			return -1;
		if (!id)
			return 0;
		run_init(&t, r, NULL, NULL);
		t.id = id;
		t.journal = j;
		rc = journal_load(j, &t, false, err);
		if (rc == 0)
			rc = drop_slots(&t, err);
		t.journal = NULL; /* the caller's */
		run_release(&t);
		if (rc < 0)
			return -1;
	}
}
