/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_ACL_H
#define PUTBACK_TXN_ACL_H
/*
 * Default access control lists. What is made in a directory that has one inherits it (acl(5)), and so
 * does what rpm unpacks there. A staged object comes to life elsewhere: it is given the list of the
 * directory that it goes to.
 */
#include "core/plan.h"
#include "txn/run.h"

struct acls;

/* For the ops of a plan; NULL where no directory has one, which is the rule. */
struct acls *acl_find(struct run *t, const struct plan *plan);
void acl_free(struct acls *l); /* NULL does nothing */
/*
 * To an object that was just made for a task, before its mode is set: the mode then says what the list
 * allows at most. By descriptor, or by a name in dir of what is no link. 0, or -1 with errno.
 */
_must_check_ int acl_give(const struct acls *l, uint32_t task, int fd, bool is_dir);
_must_check_ int acl_give_at(const struct acls *l, uint32_t task, int dir, const char *name);

#endif
