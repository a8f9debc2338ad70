/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/failpoint.h"
#include "txn/guard.h"
#include "txn/journal.h"
#include "txn/lock.h"
#include "txn/txn.h"
#include "txn/undo.h"
#include "txn/way.h"

/* undo and redo: the same, in the one direction and in the other. */
struct turn {
	enum way way;
	enum txn_state from, by; /* the state it must have, and the one on the way */
	const char *verb, *done; /* "undo", "taken back" */
};
#define IS_REDO(w) ((w)->way == FORWARD)
static const struct turn undo = {BACKWARD, TXN_DONE, TXN_UNDOING, "undo", "taken back"};
static const struct turn redo = {FORWARD, TXN_UNDONE, TXN_COMMITTING, "redo",
				 "done again"};

/* --- which one -------------------------------------------------------------------------------------------- */

static int refuse_unfinished(const struct txn_list *all, struct error *err)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (txn_state_is_unfinished(all->v[i].state))
			return err_set(err, ERR_UNFINISHED,
				       "transaction %" PRId64
				       " is unfinished (%s): run recover first",
				       all->v[i].id, txn_state_name(all->v[i].state));
	return 0;
}

static int check_order(const struct turn *w, const struct txn_list *all, int64_t id,
		       struct error *err)
{
	const struct txn_info *found = NULL, *newer = NULL;

	for (uint32_t i = 0; i < all->n; i++) {
		const struct txn_info *t = &all->v[i];

		if (t->id == id)
			found = t;
		if (t->id > id && t->state == TXN_DONE && t->step_of != id)
			newer = t;
	}
	if (!found)
		return err_set(err, ERR_USAGE, "there is no transaction %" PRId64, id);
	if (found->state != w->from)
		return err_set(err, ERR_REFUSED,
			       "transaction %" PRId64 " is %s and cannot be %s", id,
			       txn_state_name(found->state), w->done);
	if (newer)
		return err_set(err, ERR_REFUSED,
			       "transaction %" PRId64 " came after %" PRId64
			       " and stands: undo that one first",
			       newer->id, id);
	return 0;
}

/* The one whose turn it is: of those that stand the newest; of those taken back, the last. */
static int choose(struct journal *j, const struct turn *w, int64_t *id, struct error *err)
{
	struct txn_list all = {0};
	int rc = journal_list(j, 0, &all, err);

	if (rc == 0)
		rc = refuse_unfinished(&all, err);
	if (rc == 0 && !*id) {
		cleanup_free char *sql = xasprintf(
			"SELECT id FROM transactions WHERE state=%lld ORDER BY %s LIMIT 1",
			(long long)journal_state_code(w->from),
			w->way == BACKWARD ? "id DESC" : "seq DESC, id");

		rc = journal_number(j, sql, id, err);
		if (rc == 0 && !*id)
			rc = err_set(err, ERR_USAGE, "there is no transaction to %s",
				     w->verb);
	}
	if (rc == 0)
		rc = check_order(w, &all, *id, err);
	txn_list_release(&all);
	return rc;
}

/* --- whether it can be done ------------------------------------------------------------------------------ */

/* What is done again expects what came before it; a hint where that is taken back too. */
static char *hint(struct run *t, const struct turn *w)
{
	cleanup_free char *sql =
		xasprintf("SELECT max(id) FROM transactions WHERE id<%lld AND "
			  "state=%lld",
			  (long long)t->id, (long long)journal_state_code(TXN_UNDONE));
	int64_t older = 0;

	if (!IS_REDO(w))
		return xstrdup(". --force keeps them aside");
	if (journal_number(t->journal, sql, &older, NULL) < 0 || !older)
		return xstrdup("");
	return xasprintf(". Transaction %" PRId64
			 " came before it and is taken back: redo that one "
			 "first",
			 older);
}

/* What is left to do where the area lacks something. */
static const char *way_out(const struct turn *w, const struct findings *f)
{
	if (!f->gone)
		return "";
	return IS_REDO(w) ? ". A new apply does it anew"
			  : ". With '.putback/" JOURNAL_FILE
			    "' (and its -journal) moved away, `recover --salvage "
			    "--force` puts back what is left";
}

static int judge(struct run *t, const struct turn *w, struct findings *f, bool force,
		 struct txn_result *ret, struct error *err)
{
	cleanup_free char *what = guard_summary(f->lost.n ? &f->lost : &f->changed),
			  *more = NULL;

	for (uint32_t i = 0; i < f->lost.n; i++)
		strlist_add(&ret->warnings, f->lost.v[i]);
	for (uint32_t i = 0; i < f->changed.n; i++)
		strlist_add(&ret->warnings, f->changed.v[i]);
	if (f->lost.n)
		return err_set(err, ERR_REFUSED,
			       "transaction %" PRId64
			       " cannot be %s: %s; the root is as it was%s",
			       t->id, w->done, what, way_out(w, f));
	if (!f->changed.n || force)
		return 0;
	more = hint(t, w);
	return err_set(err, ERR_REFUSED,
		       "%u %s changed since transaction %" PRId64
		       " was %s: %s; the root is as it was%s",
		       f->changed.n, f->changed.n == 1 ? "thing has" : "things have",
		       t->id, IS_REDO(w) ? "taken back" : "made", what, more);
}

static int check(struct run *t, const struct turn *w, bool force, struct txn_result *ret,
		 struct error *err)
{
	struct findings f = {0};
	int rc = guard_check(t, w->way, false, &f, err);

	if (rc == 0)
		rc = judge(t, w, &f, force, ret, err);
	findings_release(&f);
	return rc;
}

static int prepare(struct run *t, const struct turn *w, bool force,
		   struct txn_result *ret, struct error *err)
{
	if (journal_load(t->journal, t, true, err) < 0 || run_open_areas(t, err) < 0)
		return -1;
	t->rpm_lock = lock_rpm(t->root, t->db_dir, err);
	if (t->rpm_lock == -1)
		return -1;
	if (check(t, w, force, ret, err) < 0)
		return -1;
	t->forced = force && ret->warnings.n;
	/* space for the states to come, where something else took it meanwhile */
	return journal_rehearse(t->journal, err);
}

static int turn(struct root *r, const struct turn *w, int64_t id, bool force,
		const struct observer *o, struct txn_result *ret, struct error *err)
{
	struct txn_result result = {0};
	struct run t;
	int rc;

	run_init(&t, r, o, &result.warnings);
	rc = journal_open(r, JOURNAL_WRITE, &t.journal, err);
	if (rc == 0)
		rc = err_set(err, ERR_USAGE, "there is no transaction to %s", w->verb);
	else if (rc > 0)
		rc = choose(t.journal, w, &id, err);
	t.id = id;
	if (rc == 0)
		rc = prepare(&t, w, force, &result, err);
	if (rc == 0)
		rc = way_set_off(&t, w->from, w->by, err);
	if (rc == 0) {
		rc = way_run(&t, w->way, w->way == FORWARD ? PHASE_COMMIT : PHASE_UNDO,
			     err);
		if (rc < 0 && err && err->kind == ERR_FAILED)
			err_prefix(err,
				   "transaction %" PRId64
				   " could not be %s and is left as it was",
				   id, w->done);
	}
	result.id = id;
	result.ops = t.tasks.list.n;
	run_release(&t);
	/* on refusal the caller still gets to know every path */
	*ret = result;
	return rc;
}

int undo_redo_one(struct root *r, int64_t id, const struct observer *o,
		  struct txn_result *ret, struct error *err)
{
	return turn(r, &redo, id, false, o, ret, err);
}

/* --- with the database step that belongs to it ----------------------------------------------------------- */

/* One that is a step stands for what it belongs to. *ret_step: that which goes the same way; 0: none. */
static int find_step(struct root *r, const struct turn *w, int64_t *id, int64_t *ret_step,
		     struct error *err)
{
	struct txn_list all = {0};
	struct journal *j = NULL;
	int rc = journal_open(r, JOURNAL_READ, &j, err);

	if (rc > 0)
		rc = *id ? 0 : choose(j, w, id, err);
	if (rc == 0 && j)
		rc = journal_list(j, 0, &all, err);
	journal_close(j);
	for (uint32_t i = 0; i < all.n; i++)
		if (all.v[i].id == *id && all.v[i].step_of) {
			*id = all.v[i].step_of;
			break;
		}
	for (uint32_t i = 0; i < all.n; i++)
		if (all.v[i].step_of == *id && all.v[i].state == w->from)
			*ret_step = all.v[i].id;
	txn_list_release(&all);
	return rc;
}

/* To look at all but the rpmdb, which is not what it will be. */
static int load_to_look(struct run *t, int64_t id, struct error *err)
{
	int rc = journal_open(t->root, JOURNAL_READ, &t->journal, err);

	t->id = id;
	if (rc >= 0)
		rc = journal_load(t->journal, t, true, err);
	if (rc == 0)
		rc = run_open_areas(t, err);
	free(steal_ptr(t->db_dir));
	return rc;
}

int txn_lost(struct root *r, int64_t id, struct strlist *ret, struct error *err)
{
	struct findings f = {0};
	struct run t;
	int rc;

	run_init(&t, r, NULL, NULL);
	rc = load_to_look(&t, id, err);
	if (rc == 0)
		rc = guard_check(&t, t.state == TXN_DONE ? BACKWARD : FORWARD, false, &f,
				 err);
	for (uint32_t i = 0; rc == 0 && i < f.lost.n; i++)
		strlist_add(ret, f.lost.v[i]);
	findings_release(&f);
	run_release(&t);
	return rc;
}

/* Whether it could be done once its step is taken back: nothing moves before that is known. */
static int look_first(struct root *r, const struct turn *w, int64_t id, bool force,
		      struct txn_result *ret, struct error *err)
{
	struct run t;
	int rc;

	run_init(&t, r, NULL, &ret->warnings);
	rc = load_to_look(&t, id, err);
	if (rc == 0)
		rc = check(&t, w, force, ret, err);
	run_release(&t);
	ret->id = id;
	return rc;
}

static void take_warnings(struct txn_result *ret, struct txn_result *from)
{
	for (uint32_t i = 0; i < from->warnings.n; i++)
		strlist_add(&ret->warnings, from->warnings.v[i]);
	txn_result_release(from);
}

static int undo_with(struct root *r, int64_t id, int64_t step, bool force,
		     const struct observer *o, struct txn_result *ret, struct error *err)
{
	struct txn_result of_step = {0};
	int rc = look_first(r, &undo, id, force, ret, err);

	if (rc < 0)
		return -1;
	txn_result_release(ret);
	rc = turn(r, &undo, step, force, o, &of_step, err);
	if (rc == 0 && FAILPOINT("dbstep-undone"))
		rc = err_errno(err, "cannot go on");
	if (rc == 0)
		rc = turn(r, &undo, id, force, o, ret, err);
	if (rc < 0 && err && err->kind != ERR_HALFWAY && of_step.ops) {
		struct txn_result again = {0};

		/* as it was, if that can be had; else its step is open, and the next undo goes on */
		(void)turn(r, &redo, step, false, o, &again, NULL);
		txn_result_release(&again);
	}
	take_warnings(ret, &of_step);
	return rc;
}

int txn_undo(struct root *r, int64_t id, bool force, const struct observer *o,
	     struct txn_result *ret, struct error *err)
{
	int64_t step = 0;

	*ret = (struct txn_result){0};
	if (find_step(r, &undo, &id, &step, err) < 0)
		return -1;
	return step ? undo_with(r, id, step, force, o, ret, err)
		    : turn(r, &undo, id, force, o, ret, err);
}

int txn_redo(struct root *r, int64_t id, const struct observer *o, struct txn_result *ret,
	     struct error *err)
{
	struct txn_info open = {0};
	struct txn_result of_step = {0};
	struct error why = ERROR_INIT;
	int64_t step = 0;

	*ret = (struct txn_result){0};
	if (find_step(r, &redo, &id, &step, err) < 0 ||
	    turn(r, &redo, id, false, o, ret, err) < 0)
		return -1;
	if (step && (FAILPOINT("dbstep-redone") ||
		     turn(r, &redo, step, false, o, &of_step, &why) < 0))
		strlist_take(&of_step.warnings,
			     xasprintf("the rpmdb is not back: %s",
				       why.msg ? why.msg : strerror(errno)));
	take_warnings(ret, &of_step);
	err_release(&why);
	ret->step_open = txn_open_step(r, &open, NULL) > 0;
	txn_info_release(&open);
	return 0;
}
