/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_PICK_H
#define PUTBACK_CMD_PICK_H
/* Which transaction a command means: the one that its argument names, or the newest it can act on. */
#include "cmd/session.h"

/*
 * states: bits 1 << TXN_*, those that the command can act on. *ret NULL: none is named and there is
 * none. ERR_USAGE: there is none of that number; ERR_REFUSED: it is in another state. list: owns
 * what *ret points at.
 */
_must_check_ int pick_transaction(struct session *s, struct root *r, unsigned states,
				  struct txn_list *list, const struct txn_info **ret,
				  struct error *err);
/* The end of a command that found nothing to act on. warnings: what is to be minded all the same, or NULL. */
void pick_nothing(struct session *s, const struct strlist *warnings, int *ret_exit);
/* "transaction 3 (undo of entry 7), done 2026-11-20 03:12"; the caller frees */
char *pick_describe(const struct txn_info *t);
/* The argument as a number; 0 where there is none; -1 with ERR_USAGE. */
_must_check_ int pick_number(struct session *s, const char *what, int64_t *ret,
			     struct error *err);

#endif
