/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_INSIDE_H
#define PUTBACK_TXN_INSIDE_H
/* What lies in a directory that goes: it takes nothing along but what the tasks know. */
#include "base/array.h"
#include "txn/run.h"

/* Adds the path of each entry that no task is about. place: where the directory of task k is. 0, or -1 with
 * errno. */
_must_check_ int inside_strangers(struct run *t, const struct task *k, const char *place,
				  struct strlist *ret);
/*
 * Whether object o of task k, which stands at its path and is to go, is a directory that would take something along.
 * The rpmdb's does. dry: what tasks have not taken out of it yet does not count, by their paths. 1, 0, or -1 with
 * errno.
 */
_must_check_ int inside_is_filled(struct run *t, const struct task *k,
				  const struct object *o, bool dry);

#endif
