/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mutant.h"
#include "rpm/db.h"
#include "txn/finish.h"
#include "txn/freeze.h"
#include "txn/journal.h"
#include "txn/look.h"
#include "txn/strip.h"

int finish_sync(struct run *t, struct error *err)
{
	observer_progress(t->observer, PHASE_SYNC, 0, 0, false, 0);
	for (uint32_t i = 0; i < t->areas.n; i++) {
		const struct area *a = &t->areas.v[i];

		if (syncfs(a->fd) < 0 || FAILPOINT("synced"))
			return err_errno(err, "cannot sync %s", area_name(a));
	}
	return 0;
}

/* --- ctimes ------------------------------------------------------------------------------------------------ */

/* An object that came back to its place: its ctime when it left, and now. */
struct back {
	uint32_t area;
	struct identity id;
	int64_t left, now;
};
struct backs {
	struct back *v;
	uint32_t n, cap;
};

static int cmp_backs(const void *a, const void *b)
{
	const struct back *x = a, *y = b;

	if (x->area != y->area)
		return x->area < y->area ? -1 : 1;
	if (x->id.ino != y->id.ino)
		return x->id.ino < y->id.ino ? -1 : 1;
	return x->id.btime_ns < y->id.btime_ns ? -1 : x->id.btime_ns > y->id.btime_ns;
}

/* The ctimes of the objects that stand at the tasks' paths now; 0 where it is another or none. */
static int look_at_all(struct run *t, enum way w, int64_t *ret, struct backs *backs,
		       struct error *err)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		struct task *k = &t->tasks.list.v[i];
		/* what stands there when the way has been gone: where a next run back would start */
		const struct object *o = task_here(k, way_back(w));
		struct seen s;

		ret[i] = 0;
		if (!object_is_there(o) || t->areas.v[k->area].plain)
			continue;
		if (look_path(t->root, &t->areas.v[k->area], task_place(k, way_back(w)),
			      &s) < 0)
			return err_errno(err, "cannot look at '/%s' in the root",
					 k->path);
		if (!look_is(&s, &o->id) || S_ISDIR(s.st.stx_mode))
			continue;
		ret[i] = root_ns(&s.st.stx_ctime);
		if (o->ctime_ns && o->ctime_ns != ret[i])
			array_add(backs,
				  (struct back){k->area, o->id, o->ctime_ns, ret[i]});
	}
	return 0;
}

/* --- other transactions ------------------------------------------------------------------------------------ */

/*
 * Objects that this transaction had away and brought back have another ctime than before, though
 * nobody changed them. Another transaction that knows them takes the new one over.
 */
static bool take_over(const struct backs *backs, const uint32_t *area_of, uint32_t area,
		      const struct object *o, int64_t *ctime)
{
	struct back key = {.id = o->id};
	const struct back *found;

	if (!object_is_there(o) || !*ctime || area_of[area] == NO_INDEX)
		return false;
	key.area = area_of[area];
	found = bsearch(&key, backs->v, backs->n, sizeof(key), cmp_backs);
	if (!found || found->left != *ctime)
		return false;
	*ctime = found->now;
	return true;
}

static int refresh_one(struct run *t, int64_t id, const struct backs *backs,
		       struct error *err)
{
	struct run other;
	cleanup_free uint32_t *area_of = NULL;
	cleanup_free int64_t *old = NULL, *new = NULL;
	bool any_old = false, any_new = false;
	int rc;

	run_init(&other, t->root, NULL, NULL);
	other.id = id;
	rc = journal_load(t->journal, &other, true, err);
	if (rc < 0)
		goto out;
	area_of = xcalloc(other.areas.n + 1, sizeof(*area_of));
	for (uint32_t i = 0; i < other.areas.n; i++) {
		area_of[i] = NO_INDEX;
		for (uint32_t j = 0; j < t->areas.n; j++)
			if (!strcmp(other.areas.v[i].id, t->areas.v[j].id))
				area_of[i] = j;
	}
	old = xcalloc(other.tasks.list.n + 1, sizeof(*old));
	new = xcalloc(other.tasks.list.n + 1, sizeof(*new));
	for (uint32_t i = 0; i < other.tasks.list.n; i++) {
		const struct task *k = &other.tasks.list.v[i];

		old[i] = k->old.ctime_ns;
		new[i] = k->new.ctime_ns;
		any_old |= take_over(backs, area_of, k->area, &k->old, &old[i]);
		any_new |= take_over(backs, area_of, k->area, &k->new, &new[i]);
	}
	if (any_old)
		rc = journal_put_ctimes(t->journal, id, false, old, other.tasks.list.n,
					err);
	if (any_new && rc == 0)
		rc = journal_put_ctimes(t->journal, id, true, new, other.tasks.list.n,
					err);
out:
	run_release(&other);
	return rc;
}

static int refresh_others(struct run *t, struct backs *backs, struct error *err)
{
	struct txn_list all = {0};
	int rc;

	if (!backs->n)
		return 0;
	qsort(backs->v, backs->n, sizeof(*backs->v), cmp_backs);
	rc = journal_list(t->journal, 0, &all, err);
	for (uint32_t i = 0; i < all.n && rc == 0; i++)
		if (all.v[i].id != t->id &&
		    (all.v[i].state == TXN_DONE || all.v[i].state == TXN_UNDONE))
			rc = refresh_one(t, all.v[i].id, backs, err);
	txn_list_release(&all);
	return rc;
}

/* --- the state --------------------------------------------------------------------------------------------- */

/* What came to it since it was made, before a forced undo took it away, comes back with a redo, and is a change still. */
static void digest_rpmdb(struct run *t, enum way w)
{
	struct digest *known = w == FORWARD ? &t->db_new : &t->db_old, now;
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *shown = NULL;

	/* as it should be is what the next one compares it with */
	if (!t->db_dir || t->db_strange)
		return;
	if (db_digest(t->root, t->db_dir, &now, &why) < 0) {
		run_warn(t, "the rpmdb cannot be read: %s", why.msg);
	} else if (w == FORWARD && known->len && !digest_is_same(&now, known)) {
		shown = quoted(t->db_dir);
		run_warn(t, "the rpmdb in '/%s' has changed since: packages came or went",
			 shown);
	} else {
		*known = now;
	}
}

static int write_state(struct run *t, enum way w, const int64_t *ctimes,
		       struct backs *backs, struct error *err)
{
	struct journal *j = t->journal;
	enum txn_state state = w == FORWARD ? TXN_DONE : TXN_UNDONE;

	/* the side that stands in its place now */
	if (journal_begin(j, err) < 0 ||
	    journal_put_ctimes(j, t->id, w == FORWARD, ctimes, t->tasks.list.n, err) <
		    0 ||
	    refresh_others(t, backs, err) < 0 || journal_put_rpmdb(j, t, err) < 0 ||
	    journal_put_state(j, t, state, err) < 0 || journal_commit(j, err) < 0) {
		journal_rollback(j);
		return -1;
	}
	t->state = state;
	return 0;
}

int finish_way(struct run *t, enum way w, struct error *err)
{
	cleanup_free int64_t *ctimes = xcalloc(t->tasks.list.n + 1, sizeof(*ctimes));
	struct backs backs = {0};
	int rc;

	root_forget(t->root);
	rc = stamps_set(t, w, err);
	if (rc == 0)
		rc = strip_run(t, w, err);
	if (rc == 0)
		rc = pins_give(t, w, err);
	if (rc == 0)
		rc = look_at_all(t, w, ctimes, &backs, err);
	if (rc == 0 && !MUTANT("done-unsynced"))
		rc = finish_sync(t, err);
	if (rc == 0)
		rc = freeze_boot(t, err);
	if (rc == 0) {
		digest_rpmdb(t, w);
		rc = write_state(t, w, ctimes, &backs, err);
	}
	array_release(&backs);
	return rc;
}
