/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_LABEL_H
#define PUTBACK_TXN_LABEL_H
/*
 * SELinux labels of staged objects, given after all else as rpm's plugins do
 * (lib/fsm.c: fsmSetmeta()). The plan says what the root's policy wants. Where it does not, an
 * object gets the label of what it replaces, else that of the directory it comes into.
 */
#include "core/plan.h"
#include "txn/run.h"

struct label {
	char *text; /* value of security.selinux; NULL: none */
	bool must;  /* the plan says so, and nobody will mend it when the machine boots */
};

/* One per op of the plan; NULL where none is to be given. */
struct label *label_find(struct run *t, const struct plan *plan);
void label_free(struct label *l, uint32_t n); /* NULL does nothing */
/*
 * To an object that was just made for task k: open, or under a name in dir. labels: what label_find()
 * gave. What cannot be given and must is an error.
 */
_must_check_ int label_give(const struct label *labels, const struct run *t, uint32_t task,
			    int fd, struct error *err);
_must_check_ int label_give_at(const struct label *labels, const struct run *t,
			       uint32_t task, int dir, const char *name,
			       struct error *err);
/* To what was made in a slot and no op of the plan is for: the label it would inherit, if that can be given. */
void label_inherit(struct run *t, const struct task *k, int dir, const char *name);

#endif
