/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>

#include "base/array.h"
#include "rpm/db.h"
#include "txn/commit.h"
#include "txn/drop.h"
#include "txn/finish.h"
#include "txn/guard.h"
#include "txn/journal.h"
#include "txn/litter.h"
#include "txn/lock.h"
#include "txn/look.h"
#include "txn/txn.h"

static int find_unfinished(struct journal *j, int64_t *ret_id, struct error *err)
{
	struct txn_list all = {0};
	int found = 0;

	if (journal_list(j, 0, &all, err) < 0)
		return -1;
	for (uint32_t i = 0; i < all.n && !found; i++)
		if (txn_state_is_unfinished(all.v[i].state)) {
			*ret_id = all.v[i].id;
			found = 1;
		}
	txn_list_release(&all);
	return found;
}

/* What can be done about paths that are neither old nor new, or (lost false) about what would be moved away changed. */
static char *way_on(const struct run *t, enum way w, bool lost, bool force)
{
	const char *back =
		(t->state == TXN_COMMITTING) == (w == BACKWARD) ? "--back " : "";

	if (!lost)
		return xasprintf(
			"`recover %s--force` goes on, and keeps what was changed in "
			"'.putback' until forget",
			back);
	if (w == BACKWARD && force)
		return xstrdup("What the area held in their stead is gone: with "
			       "'.putback/" JOURNAL_FILE
			       "' moved away, `recover --salvage "
			       "--yes --force` puts back what is left");
	return xasprintf(
		"Put back what was there; or `recover %s--force` takes all back: "
		"what came by hand stays, or is kept in '.putback' where an "
		"original returns",
		t->state == TXN_COMMITTING ? "--back " : "");
}

static int refuse(struct run *t, enum way w, bool force, const struct strlist *lost,
		  const struct strlist *edited, struct error *err)
{
	const struct strlist *l = lost->n ? lost : edited;
	cleanup_free char *what = guard_summary(l),
			  *next = way_on(t, w, lost->n > 0, force);

	return err_set(
		err, ERR_HALFWAY,
		"nothing was moved, because %u %s not what the journal knows: %s. %s",
		l->n, l->n == 1 ? "path is" : "paths are", what, next);
}

/* Which of the two rpmdbs stands in its place; false: that is under way, or there is none. */
static bool find_rpmdb(struct run *t, enum way *ret)
{
	uint32_t old = 0, new = 0;

	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];
		struct seen s;

		if (!k->db || k->kind != OP_SWAP ||
		    look_path(t->root, &t->areas.v[k->area], k->path, &s) < 0)
			continue;
		old += look_is(&s, &k->old.id);
		new += look_is(&s, &k->new.id);
	}
	*ret = new ? FORWARD : BACKWARD;
	return (old > 0) != (new > 0);
}

/* Packages that came or went since it was put there, by the root's own rpm, say, are in no other. */
static void look_at_rpmdb(struct run *t, enum way w, struct strlist *edited)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *shown = NULL;
	const struct digest *want;
	struct digest now;
	enum way stands;

	if (!t->db_dir || !find_rpmdb(t, &stands))
		return;
	want = stands == FORWARD ? &t->db_new : &t->db_old;
	if (!want->len || (db_digest(t->root, t->db_dir, &now, &why) == 0 &&
			   digest_is_same(&now, want)))
		return;
	shown = quoted(t->db_dir);
	if (stands == w) {
		t->db_strange = true;
		run_warn(t, "the rpmdb in '/%s' has changed since: packages came or went",
			 shown);
	} else {
		strlist_take(
			edited,
			why.msg ? xasprintf("the rpmdb in '/%s' cannot be read (%s)",
					    shown, why.msg)
				: xasprintf(
					  "the rpmdb in '/%s' has changed: packages came "
					  "or went",
					  shown));
	}
}

/* Looks at everything before anything moves. force: who came in between may stay, or is kept aside; whoever began an undo by
 * force has said so of what is kept. */
static int check(struct run *t, enum way w, bool force, struct error *err)
{
	struct strlist lost = {0}, edited = {0};
	bool keep = force || (w == BACKWARD && t->forced);
	int rc = commit_look(t, w, &lost, &edited, err);

	if (rc == 0)
		look_at_rpmdb(t, w, &edited);
	for (uint32_t i = 0; i < lost.n; i++)
		run_warn(t, "%s", lost.v[i]);
	for (uint32_t i = 0; i < edited.n; i++)
		run_warn(t, "%s%s", edited.v[i],
			 keep ? "; it is kept in '.putback' until forget" : "");
	if (rc == 0 && lost.n && force) {
		strlist_release(&lost);
		t->turned = true;
		t->forced |= w == BACKWARD;
		rc = commit_look(t, w, &lost, &edited, err);
	}
	if (rc == 0 && (lost.n || (edited.n && !keep)))
		rc = refuse(t, w, force, &lost, &edited, err);
	strlist_release(&lost);
	strlist_release(&edited);
	return rc;
}

static int go(struct run *t, enum way w, bool force, struct error *err)
{
	if (journal_load(t->journal, t, true, err) < 0 || run_open_areas(t, err) < 0)
		return -1;
	t->rpm_lock = lock_rpm(t->root, t->db_dir, err);
	if (t->rpm_lock == -1)
		return -1;
	root_forget(t->root);
	if (check(t, w, force, err) < 0 || commit_run(t, w, PHASE_RECOVER, err) < 0)
		return -1;
	return finish_way(t, w, err);
}

static int recover(struct run *t, unsigned how, enum txn_state *ret, struct error *err)
{
	struct run look;
	enum way w;
	int rc;

	run_init(&look, t->root, NULL, NULL);
	look.id = t->id;
	rc = journal_load(t->journal, &look, false, err);
	t->state = look.state;
	if (rc == 0 && (t->state == TXN_STAGING || t->state == TXN_READY)) {
		rc = journal_load(t->journal, t, false, err) < 0 ||
				     drop_transaction(t, err) < 0
			     ? -1
			     : 0;
		*ret = TXN_STAGING;
	} else if (rc == 0) {
		w = (t->state == TXN_COMMITTING) != !!(how & RECOVER_BACK) ? FORWARD
									   : BACKWARD;
		/* who began, or recovered before, may have kept something aside before he died */
		t->kept_aside = true;
		rc = go(t, w, how & RECOVER_FORCE, err);
		*ret = w == FORWARD ? TXN_DONE : TXN_UNDONE;
		if (rc < 0 && err && err->kind == ERR_FAILED) {
			cleanup_free char *why = steal_ptr(err->msg);
			int sys = err->sys;

			err_set(err, ERR_HALFWAY,
				"%s. Nothing is lost: mend what is named, and recover again",
				why);
			err->sys = sys;
		}
		if (rc < 0 && err && err->kind != ERR_LOCKED)
			err->kind = ERR_HALFWAY;
	}
	run_release(&look);
	return rc;
}

int txn_recover(struct root *r, unsigned how, const struct observer *o,
		struct txn_result *ret, enum txn_state *ret_state, struct error *err)
{
	struct txn_result result = {0};
	struct run t;
	int rc;

	run_init(&t, r, o, &result.warnings);
	area_settle(r, "");
	rc = journal_open(r, JOURNAL_WRITE, &t.journal, err);
	if (rc > 0)
		rc = find_unfinished(t.journal, &t.id, err);
	if (rc > 0) {
		rc = recover(&t, how, ret_state, err);
		if (rc == 0)
			rc = 1;
	} else if (rc == 0 && t.journal) {
		rc = drop_forgotten(t.root, t.journal, err);
	}
	result.id = t.id;
	result.ops = t.tasks.list.n;
	run_release(&t);
	litter_clear(r);
	*ret = result;
	return rc;
}
