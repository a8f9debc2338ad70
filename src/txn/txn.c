/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only folder that changes the root. Its states:
 *
 *             begin            all staged,          before op 1           last op + rpmdb
 *  (nothing) ──────> STAGING ─ synced, verified ─> READY ──> COMMITTING ─ synced ─> DONE
 *            [begin]    │         [make_ready]       │  [commit]  ▲  │   [finish_way]  ▲ │
 *                       └─ crash: [drop_transaction]─┘   forward  │  │ back            │ │ forget
 *                          (root untouched)        [txn_recover]  │  ▼       redo      │ ▼
 *                                              UNDOING ──────> UNDONE ─────────────────┘ FORGOTTEN
 *                                     [txn_undo]   [finish_way]
 *
 * What holds, whatever happens:
 *
 *  1. Before COMMITTING is durable, nothing in the root outside the areas has changed (of the
 *     tops that hold an area, the mtime is what it was).
 *  2. READY means: every staged object, the staged rpmdb and the tasks are complete, verified and
 *     durable.
 *  3. Each task records the identity of both sides: inode number with birth time, within an area known
 *     by its own random id; where inode numbers do not last, a digest. So done can be told from not
 *     done by looking: an exchange is its own inverse and says nothing by itself. An attribute task
 *     records both sets.
 *  4. A state is written only after syncfs of every file system that the step before it touched.
 *  5. Originals are renamed, never copied, never unlinked before forget: undo brings back the same
 *     inodes, and directories get their mtimes back. What is set on one meanwhile (txn/strip.h), the tasks
 *     know how it was.
 *  6. Recovery needs the areas and the journal only: no packages, no network, no rpm.
 *  7. Undo is the same tasks, backwards. A path that changed since stops it, with its name, before
 *     anything moves; forced, the newcomer is kept aside.
 *  8. One writer: a lock on the root directory's own descriptor, which no crash leaves behind; and
 *     rpm's own lock, so that rpm waits too.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/mutant.h"
#include "txn/area_id.h"
#include "txn/dbstep.h"
#include "txn/dbswap.h"
#include "txn/drop.h"
#include "txn/finish.h"
#include "txn/generate.h"
#include "txn/guard.h"
#include "txn/journal.h"
#include "txn/litter.h"
#include "txn/lock.h"
#include "txn/manifest.h"
#include "txn/others.h"
#include "txn/run.h"
#include "txn/stage.h"
#include "txn/swap.h"
#include "txn/way.h"
#include "txn/work.h"

/* --- when it fails ------------------------------------------------------------------------------------ */

/* Hands the reason up, with the reassurance where it is one. */
static int fail(struct error *err, struct error *why)
{
	int sys = why->sys;

	if (why->kind != ERR_HALFWAY && why->kind != ERR_UNFINISHED) {
		cleanup_free char *text = steal_ptr(why->msg);

		err_set(why, why->kind, "%s; the root is as it was", text);
		why->sys = sys;
	}
	err_move(err, why);
	return -1;
}

/* Nothing is in the root that was not there before, and every trace of the attempt goes. */
static int abandon(struct run *t)
{
	struct error second = ERROR_INIT;

	/* the journal may say more than was believed when its write was reported as failed */
	if (journal_force_state(t->journal, t, TXN_STAGING, &second) == 0 &&
	    drop_transaction(t, &second) == 0)
		return -1;
	log_warning("'.putback' could not be cleared (%s): run recover", second.msg);
	err_release(&second);
	return -1;
}

/* --- begin: areas, journal, STAGING --------------------------------------------------------------- */

static int refuse_unfinished(struct run *t, int64_t step_of, struct error *err)
{
	struct txn_list all = {0};
	int rc = journal_list(t->journal, 0, &all, err);

	for (uint32_t i = 0; i < all.n && rc == 0; i++)
		if (txn_state_is_unfinished(all.v[i].state))
			rc = err_set(err, ERR_UNFINISHED,
				     "transaction %" PRId64 " is unfinished (%s)",
				     all.v[i].id, txn_state_name(all.v[i].state));
		else if (all.v[i].step == STEP_OPEN && all.v[i].id != step_of)
			rc = err_set(
				err, ERR_UNFINISHED,
				"the database step of transaction %" PRId64
				" is open: the rpmdb does not say what is there; run "
				"`recover --rpmdb-by-root`, or undo it",
				all.v[i].id);
	txn_list_release(&all);
	return rc;
}

/* Looks for the areas that there are; those still to be made get their id, which the journal
 * knows before they are there. */
static int open_areas(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		struct area *a = &t->areas.v[i], now;

		area_settle(t->root, a->top);
		if (area_open(t->root, a->top, &now, err) < 0)
			return -1;
		area_release(a);
		*a = now;
		if (!*a->id)
			area_id_choose(t->root, a);
	}
	return 0;
}

static int open_journal(struct run *t, int64_t step_of, struct error *err)
{
	struct area top;
	int rc = area_open(t->root, "", &top, err);

	if (rc < 0)
		return -1;
	if (!*top.id) {
		area_id_choose(t->root, &top);
		rc = area_make(t->root, &top, err);
	}
	area_release(&top);
	if (rc < 0 || journal_open(t->root, JOURNAL_MAKE, &t->journal, err) < 0)
		return -1;
	if (refuse_unfinished(t, step_of, err) < 0)
		return -1;
	return drop_forgotten(t->root, t->journal, err);
}

/* Above what any area knows, also of file systems that this transaction leaves alone: the journal may be younger. */
static int choose_id(struct run *t, struct error *err)
{
	int64_t last = 0;

	if (journal_next_id(t->journal, &t->id, err) < 0 ||
	    areas_last_slots(t->root, &last, err) < 0)
		return -1;
	t->id = MAX(t->id, last + 1);
	for (uint32_t i = 0; i < t->areas.n; i++) {
		if (t->areas.v[i].fd >= 0 &&
		    area_last_slots(&t->areas.v[i], &last, err) < 0)
			return -1;
		t->id = MAX(t->id, last + 1);
	}
	if (t->id > TXN_ID_MAX)
		return err_set(err, ERR_REFUSED,
			       "'.putback' has a directory of the number %" PRId64
			       ", which is none of putback's; remove it",
			       t->id - 1);
	return 0;
}

static int put_start(struct run *t, const struct record *record, struct error *err)
{
	if (journal_begin(t->journal, err) < 0 ||
	    journal_put_start(t->journal, t, record, err) < 0 ||
	    journal_commit(t->journal, err) < 0) {
		journal_rollback(t->journal);
		return abandon(t);
	}
	t->state = TXN_STAGING;
	if (FAILPOINT("staging")) {
		err_errno(err, "cannot begin");
		return abandon(t);
	}
	return 0;
}

static int make_areas(struct run *t, struct error *err)
{
	for (uint32_t i = 0; i < t->areas.n; i++) {
		struct area *a = &t->areas.v[i];

		if (!a->self.ino && area_make(t->root, a, err) < 0)
			return -1;
		if (area_make_slots(a, t->id, err) < 0 || swap_probe(a, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the root must be what the plan saw ------------------------------------------------------------ */

static int check_root(struct run *t, const struct dbswap *db, const char *since,
		      struct error *err)
{
	struct findings f = {0};
	int rc = guard_check(t, FORWARD, true, &f, err);

	if (rc == 0 && (f.changed.n || f.lost.n)) {
		cleanup_free char *what =
			guard_summary(f.changed.n ? &f.changed : &f.lost);

		rc = err_set(err, ERR_FAILED, "the root changed %s: %s", since, what);
	}
	if (rc == 0 && db && !dbswap_holds(t, db))
		rc = err_set(err, ERR_FAILED,
			     "the root changed %s: somebody wrote to the rpmdb", since);
	findings_release(&f);
	return rc;
}

/* --- stage ---------------------------------------------------------------------------------------------- */

static int stage_others(struct run *t, const struct work_order *w,
			const struct scratch *rpmdb, uint64_t *bytes, struct error *err)
{
	struct newfiles files = {0};
	uint64_t n = 0;
	/* what the root's own rpm will make is not there yet */
	const char *made = w->rpmdb->for_root ? NULL : rpmdb->path;
	int rc = w->others->make(w->others->ctx, made, &files, err);

	if (rc == 0)
		rc = others_stage(t, &files, &n, err);
	*bytes += n;
	newfiles_release(&files);
	return rc;
}

/* Files and database are made side by side: the latter in a process of librpm's own. */
static int stage(struct run *t, const struct work_order *w, const struct dbswap *db,
		 uint64_t *ret_bytes, struct error *err)
{
	struct staging *s = stage_new(t, w->plan, w->content);
	struct scratch *made = NULL;
	void *job = NULL;
	uint64_t db_bytes = 0, derived_bytes = 0;
	int rc = stage_start(s, err);

	if (rc == 0 && db)
		rc = w->rpmdb->start(w->rpmdb->ctx, &job, err);
	if (rc == 0)
		rc = stage_finish(s, ret_bytes, err);
	if (rc == 0 && w->derived)
		rc = generate_stage(t, w->plan, w->derived, &derived_bytes, err);
	if (rc == 0 && job) {
		observer_progress(t->observer, PHASE_RPMDB, 0, 0, false, 0);
		rc = w->rpmdb->finish(steal_ptr(job), &made, err);
	}
	if (rc == 0 && made && w->others)
		rc = stage_others(t, w, made, ret_bytes, err);
	if (rc == 0 && made)
		rc = w->rpmdb->for_root
			     ? dbstep_stage(t, db->inside, made, &db_bytes, err)
			     : dbswap_stage(t, db, made, &db_bytes, err);
	*ret_bytes += db_bytes + derived_bytes;
	if (job)
		w->rpmdb->give_up(job);
	scratch_free(made);
	stage_free(s);
	if (rc == 0 && observer_stop(t->observer))
		rc = err_set(err, ERR_FAILED, "stopped as asked for");
	return rc;
}

/* Puts down all that recovery needs, and takes the space for what will be written later. */
static int put_tasks(struct run *t, struct error *err)
{
	if (stamps_collect(t, err) < 0 || pins_collect(t, err) < 0 ||
	    journal_begin(t->journal, err) < 0 ||
	    journal_put_tasks(t->journal, t, err) < 0 ||
	    journal_commit(t->journal, err) < 0) {
		journal_rollback(t->journal);
		return -1;
	}
	return journal_rehearse(t->journal, err);
}

static int make_ready(struct run *t, const struct work_order *w, const struct dbswap *db,
		      struct error *err)
{
	if (put_tasks(t, err) < 0 || manifest_write(t, w->record.title, err) < 0 ||
	    check_root(t, db, "while staging", err) < 0 ||
	    (!MUTANT("ready-unsynced") && finish_sync(t, err) < 0))
		return -1;
	if (observer_stop(t->observer))
		return err_set(err, ERR_FAILED, "stopped as asked for");
	if (journal_set_state(t->journal, t, TXN_READY, err) < 0)
		return -1;
	return FAILPOINT("ready") ? err_errno(err, "cannot go on") : 0;
}

/* --- the story ------------------------------------------------------------------------------------------ */

/* Looks only: nothing is written before all of it holds. */
static int prepare(struct run *t, const struct work_order *w, struct dbswap *db,
		   struct error *err)
{
	if (tasks_plan(t->root, w->plan, &t->tasks, &t->areas, err) < 0)
		return -1;
	tasks_index(&t->tasks);
	t->rpm_lock = lock_rpm(t->root, w->rpmdb ? w->rpmdb->db->dir : NULL, err);
	if (t->rpm_lock == -1 || (w->rpmdb && dbswap_check(t, w->rpmdb->db, db, err) < 0))
		return -1;
	db->whole = w->rpmdb && w->rpmdb->whole;
	if (w->others && others_check(t, &w->others->paths, err) < 0)
		return -1;
	if (w->derived && generate_check(t, w->derived, err) < 0)
		return -1;
	if (open_areas(t, err) < 0 || tasks_adopt(t, err) < 0 || pins_collect(t, err) < 0)
		return -1;
	return check_root(t, NULL, "since the plan was made", err);
}

static int begin(struct run *t, const struct work_order *w, struct dbswap *db,
		 struct error *err)
{
	/* the journal's area is one of them, or is made by it */
	if (prepare(t, w, db, err) < 0 || open_journal(t, w->record.step_of, err) < 0 ||
	    open_areas(t, err) < 0 || choose_id(t, err) < 0)
		return -1;
	return put_start(t, &w->record, err);
}

static int stage_and_commit(struct run *t, const struct work_order *w, struct dbswap *db,
			    struct txn_result *ret, struct error *err)
{
	if (make_areas(t, err) < 0 || stage(t, w, db, &ret->bytes_staged, err) < 0 ||
	    make_ready(t, w, db, err) < 0 || check_root(t, db, "while staging", err) < 0)
		return abandon(t);
	ret->id = t->id;
	ret->ops = t->tasks.list.n;
	ret->step_open = t->step.there;
	if (way_set_off(t, TXN_READY, TXN_COMMITTING, err) < 0 ||
	    way_run(t, FORWARD, PHASE_COMMIT, err) < 0)
		return err && err->kind == ERR_HALFWAY ? -1 : abandon(t);
	return 0;
}

int txn_run(struct root *r, const struct work_order *w, struct txn_result *ret,
	    struct error *err)
{
	struct txn_result result = {0};
	struct error why = ERROR_INIT;
	struct dbswap db = {0};
	struct run t;
	int rc;

	if (r->detached)
		BUG("a root that was opened for reading");
	run_init(&t, r, w->observer, &result.warnings);
	rc = begin(&t, w, &db, &why);
	if (rc == 0)
		rc = stage_and_commit(&t, w, w->rpmdb ? &db : NULL, &result, &why);
	dbswap_release(&db);
	run_release(&t);
	if (!litter_clear(r))
		log_warning("'.putback' could not be cleared: run recover");
	if (rc == 0) {
		*ret = result;
		return 0;
	}
	txn_result_release(&result);
	return fail(err, &why);
}
