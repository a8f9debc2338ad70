/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_TXN_H
#define PUTBACK_TXN_TXN_H
/*
 * Transactions: the only code that changes the root.
 *
 *             begin            all staged,          before op 1           last op + rpmdb
 *  (nothing) ──────> STAGING ─ synced, verified ─> READY ──> COMMITTING ─ synced ─> DONE
 *                       │                            │        │  ▲  │               │ ▲ │
 *                       └─ crash: drop the area ─────┘   forward │  back       undo │ │ └ forget
 *                          (root untouched)                      │  ▼               ▼ │ redo
 *                                                                └─ UNDONE <── UNDOING
 *
 * redo goes UNDONE -> COMMITTING -> DONE. Recovery finishes COMMITTING to DONE (back: to UNDONE) and
 * UNDOING to UNDONE (back: to DONE). An UNDONE transaction keeps what it staged until forget.
 */
#include "base/newfile.h"
#include "base/root.h"
#include "core/derived.h"
#include "core/event.h"
#include "core/plan.h"
#include "rpm/db.h"
#include "source/sources.h"

#define TXN_STATES(X)                   \
	X(TXN_STAGING, "staging")       \
	X(TXN_READY, "ready")           \
	X(TXN_COMMITTING, "committing") \
	X(TXN_DONE, "done")             \
	X(TXN_UNDOING, "undoing")       \
	X(TXN_UNDONE, "undone")         \
	X(TXN_FORGOTTEN, "forgotten")

enum txn_state {
#define X(id, name) id,
	TXN_STATES(X)
#undef X
};
/*
 * Where nobody here can write the rpmdb, a transaction that stands has a step left: the root's own rpm is to
 * rebuild it, which txn_rebuild() has it do in a transaction of its own.
 */
enum txn_step {
	STEP_NONE,
	STEP_OPEN,    /* the rpmdb still says what was there before */
	STEP_BY_HAND, /* somebody else made the rpmdb say what is there now */
	STEP_DONE
};
const char *txn_step_name(enum txn_step s); /* "open", "by-hand", "done"; NULL: none */

const char *txn_state_name(enum txn_state s);
bool txn_state_is_unfinished(enum txn_state s);

/* Of a scriptlet before and while it is run; for good, where putback was cut off. */
#define SCRIPT_WAITS "not run: its turn did not come"
#define SCRIPT_BEGUN "begun, and its end is not on record"

/* One row of `log`. */
struct txn_info {
	int64_t id;
	enum txn_state state;
	int64_t begun, ended; /* seconds */
	char *title;	      /* "undo of entry 7" */
	char *command;	      /* the command line */
	uint32_t changes, ops;
	bool unsigned_allowed;
	uint64_t bytes_held; /* in the areas, by the journal's own figures */
	struct txn_change {
		enum change_kind kind;
		char *from, *to, *source, *signer; /* NEVRAs and where from; NULL */
		char *reason;			   /* why it was in the plan, or NULL */
		bool unsigned_allowed;
	} * change_list; /* txn_log() with detail only */
	struct txn_script {
		char *package, *kind, *args; /* as run: "/bin/sh 1" */
		char *result; /* "ok", what went wrong, SCRIPT_WAITS, SCRIPT_BEGUN */
		char *output;
	} * scripts; /* with detail only */
	uint32_t n_scripts;
	uint32_t scripts_all; /* of one that stands: how many were to be run afterwards */
	uint32_t scripts_left; /* that have not come to their end */
	char *script_cut; /* "%post of bash-5.2-1.x86_64": which of these was begun; NULL */
	enum txn_step step; /* of one that stands */
	int64_t step_by; /* the transaction that did it, or did it and was taken back; 0 */
	int64_t step_of; /* the one whose step this is; 0 */
};
struct txn_list {
	struct txn_info *v;
	uint32_t n, cap;
};
void txn_list_release(struct txn_list *l);
/*
 * The journal's transactions, oldest first, read from a private copy so that nothing of the root
 * changes, on a read-only mount too. No journal: an empty list. id 0: all, without change lists.
 * A journal of a newer version, or one that is damaged or planted, is ERR_FAILED.
 */
_must_check_ int txn_log(struct root *r, int64_t id, struct txn_list *ret,
			 struct error *err);
/* The unfinished transaction if there is one: 1 and *ret, else 0. */
_must_check_ int txn_unfinished(struct root *r, struct txn_info *ret, struct error *err);
void txn_info_release(struct txn_info *t);
/* The transaction whose database step is open: 1 and *ret, else 0. */
_must_check_ int txn_open_step(struct root *r, struct txn_info *ret, struct error *err);

/* The lock on the root directory's own descriptor (flock), ERR_LOCKED when another has it. Released
 * with the descriptor. Also removes what a crash left of making the first area, and of
 * forgetting a transaction. */
_must_check_ int txn_lock(struct root *r, struct error *err);

/*
 * Files that change with the packages and are none of theirs (base/newfile.h). make() is called when
 * the new rpmdb is made (rpmdb: its folder on the host; NULL: the root's own rpm will make it later) and before
 * anything in the root changes.
 */
struct others_maker {
	struct strlist paths; /* canonical: all that make() may bring */
	void *ctx;
	int (*make)(void *ctx, const char *rpmdb, struct newfiles *ret, struct error *err);
};

struct txn_request {
	const struct plan *plan;
	struct db *db;
	const struct sources *sources; /* content of the arriving packages */
	const char *title, *command;
	bool unsigned_allowed;
	const struct others_maker *others; /* NULL: none */
	const struct derived_steps *derived; /* to be made anew by tools of the host; NULL: none */
	/* that the caller runs afterwards, as txn_note_scripts() is told */
	const struct txn_script *scripts;
	uint32_t n_scripts;
	const struct observer *observer;
};
struct txn_result {
	int64_t id;
	uint32_t ops;
	uint64_t bytes_staged;
	struct strlist warnings;
	bool step_open; /* its database step is */
};
void txn_result_release(struct txn_result *r);

/*
 * Stages and commits. The root must be opened ROOT_WRITE and locked. Any failure before COMMITTING
 * leaves the root as it was (ERR_FAILED and its kin) and no area behind; one after it, or of which nobody can say
 * whether it came after it, is ERR_HALFWAY unless the ops already done could be taken back.
 */
_must_check_ int txn_apply(struct root *r, const struct txn_request *req,
			   struct txn_result *ret, struct error *err);

/*
 * Takes DONE back, or brings UNDONE again. id 0: the newest that stands; the last that was taken back.
 * force: a path that changed since is kept aside in the area instead of being refused.
 * ERR_REFUSED: nothing moved; *ret is written all the same, and its warnings name every path that
 * stands in the way. ERR_FAILED: what had been done was reversed. ERR_HALFWAY: run recover.
 */
_must_check_ int txn_undo(struct root *r, int64_t id, bool force,
			  const struct observer *o, struct txn_result *ret,
			  struct error *err);
_must_check_ int txn_redo(struct root *r, int64_t id, const struct observer *o,
			  struct txn_result *ret, struct error *err);
/* What undo of DONE, or redo of UNDONE, would need and is not to be had: "'/usr/bin/x' is not in the area any more". Of
 * what --force gets over nothing is said. */
_must_check_ int txn_lost(struct root *r, int64_t id, struct strlist *ret,
			  struct error *err);
/*
 * Finishes what a crash left, forward or the way back that was begun, or with RECOVER_BACK the other way.
 * 1: did so, *ret_state is where it ended (TXN_STAGING: it had not begun, and every trace of it is
 * gone); 0: there was nothing. On failure, ERR_HALFWAY, *ret is
 * written all the same: its warnings name every path that is neither old nor new.
 *
 * RECOVER_FORCE: such paths do not stop it. What somebody put there stays, where what belongs there is gone as well,
 * or has not moved; where an original returns it is kept aside in the area. To go on is still refused where it is
 * in the way of something new.
 */
enum { RECOVER_BACK = 1, RECOVER_FORCE = 2 };
_must_check_ int txn_recover(struct root *r, unsigned how, const struct observer *o,
			     struct txn_result *ret, enum txn_state *ret_state,
			     struct error *err);
/*
 * Has the root's own rpm, in a world in which it can write nothing else, rebuild the rpmdb from what
 * transaction id kept for that, looks at what came of it, and exchanges the rpmdb for it. 1: done, as
 * the transaction ret->id; or taken from one that was taken back; 0: there was nothing to do, for the rpmdb says what
 * it should already, and the step is closed. On failure the step is open and the root as it was, but for ERR_HALFWAY.
 */
_must_check_ int txn_rebuild(struct root *r, int64_t id, const char *command,
			     const struct observer *o, struct txn_result *ret,
			     struct error *err);
/* How it goes with the scriptlets of a transaction that stands, from the one with index first on. Durable when it
 * returns. */
_must_check_ int txn_note_scripts(struct root *r, int64_t id, uint32_t first,
				  const struct txn_script *v, uint32_t n,
				  struct error *err);
/* Removes the area of a DONE or UNDONE transaction: the space comes back, the undo goes. force: also where
 * the area of a file system is not at hand, which is ERR_REFUSED else. */
_must_check_ int txn_forget(struct root *r, int64_t id, bool force,
			    const struct observer *o, struct txn_result *ret,
			    struct error *err);

/* A plan as a file: the journal's own schema in a database of its own. Holds the selection and
 * options as text (key=value lists) and the plan's digest; see cmd/saved.h for what is in it. */
struct saved_plan {
	struct strlist
		args; /* the arguments that made it, in order, paths made absolute */
	/* the packages that come, for who has to fetch them: "NEVRA SOURCE KEYID", of which the name of
	 * the source package and the key id may be "-" */
	struct strlist wants;
	char *root_id; /* machine-id or file system identity of the root it was made on */
	struct digest
		digest; /* plan_digest(); none: there is no plan, for packages were missing */
	int64_t made;
};
_must_check_ int txn_save_plan(const char *path, const struct plan *plan,
			       const struct saved_plan *meta, struct error *err);
_must_check_ int txn_load_plan(const char *path, struct saved_plan *ret,
			       struct error *err);
void saved_plan_release(struct saved_plan *s);

#endif
