/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_PLANNING_H
#define PUTBACK_CORE_PLANNING_H
/*
 * A plan in the making; shared by the files that plan.c calls in turn:
 *
 *	states_infer     which arriving files are not installed by the root's own policy
 *	claims_settle    who decides about each slot
 *	act_decide       what has to be done there
 *	links_regroup    hard-link sets
 *	dirs_settle      directories that empty out, that are needed, that are in the way
 *	only_keep        where some paths are meant only: nothing else
 *	scripts_collect  scriptlets that will not run
 */
#include "base/strmap.h"
#include "core/plan.h"

enum act {
	ACT_NONE,
	ACT_SWAP,
	ACT_CREATE,
	ACT_REMOVE,
	ACT_ATTR,
	ACT_MOVE,	/* aside; nothing comes in its place */
	ACT_MOVE_CREATE /* aside, and the packaged one in its place */
};

/* What is decided about a slot. */
struct step {
	uint32_t want; /* claim of the file that shall be there; NO_INDEX */
	uint32_t old;  /* claim of the package that goes; NO_INDEX */
	bool gone;     /* shall not be there */
	bool implied; /* a directory that no package owns but something beneath it needs */
	enum act act;
	enum op_reason reason;
	struct attr new;
	const char *aside;    /* ACT_MOVE*: the new name */
	uint32_t link_leader; /* slot; NO_INDEX */
	uint32_t content;     /* claim whose file is staged; NO_INDEX */
};

struct planning {
	const struct changes *changes;
	const struct pkgset *staying;
	const struct layout *layout;
	const struct mounts *mounts;
	const struct users *users;
	const struct plan_policy *policy;
	struct plan *plan;
	struct step *steps; /* one per slot */
	uint8_t **states;   /* per change: install state of each arriving file */
	struct strmap said; /* what is to be said once only, see planning_first() */
	/* .rpmnew.1 and such, for which there is no slot */
	ARRAY(struct extra {
		const char *path;
		uint32_t content; /* claim */
		uint32_t slot;	  /* beside this one */
	}) extras;
};

static inline const struct pkg *planning_pkg(const struct planning *g,
					     const struct claim *c)
{
	return layout_pkg(g->changes, g->staying, c);
}
static inline const struct pkgfile *planning_file(const struct planning *g,
						  const struct claim *c)
{
	return &planning_pkg(g, c)->files.v[c->file];
}
/* Install state of a claim: recorded for installed packages, inferred for arriving ones. */
static inline uint8_t planning_state(const struct planning *g, const struct claim *c)
{
	return c->side == SIDE_ARRIVING ? g->states[c->owner][c->file]
					: planning_file(g, c)->state;
}

/* Whether this is asked about key for the first time. */
bool planning_first(struct planning *g, const char *key);

void states_infer(struct planning *g);
void claims_settle(struct planning *g);
void act_decide(struct planning *g);
/* Attributes that a packaged file shall have; unknown owners become root without setuid. */
void act_attr(struct planning *g, const struct pkg *p, const struct pkgfile *f,
	      struct attr *ret);
/*
 * What the file system beneath a slot can hold:
 *	holds_attributes	owner, mode, links, exact times at all
 *	holds_adjust		what it makes of attributes that a file there shall have
 *	holds_check		refuses what cannot be there, as rpm does (lib/fsm.c: fsmSymlink(), fsmSetFCaps())
 *	holds_leave		of all steps takes out those on what is not the machine's, and tells it
 */
bool holds_attributes(const struct planning *g, const struct slot *s);
void holds_adjust(struct planning *g, const struct slot *s, struct attr *shall);
void holds_leave(struct planning *g);
void holds_check(struct planning *g, const struct slot *s, const struct pkg *p,
		 const struct pkgfile *f);
void links_regroup(struct planning *g);
void dirs_settle(struct planning *g);
void only_keep(struct planning *g);
/* Of the finished ops: which take privileges from what goes. */
void strip_settle(struct planning *g);
void scripts_collect(struct planning *g);

#endif
