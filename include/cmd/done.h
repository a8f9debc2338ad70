/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_DONE_H
#define PUTBACK_CMD_DONE_H
/* The end of a command that changed the root: what was done, what is to be minded, what can be done next. */
#include "cmd/hold.h"
#include "cmd/session.h"

struct done {
	struct txn_result result;
	struct buf text;
	struct strlist next;
	struct hold hold; /* what the next update must leave out */
};

void done_say(struct done *d, const char *fmt, ...) _printf_(2, 3);
/* The plan's warnings, behind those of the transaction. */
void done_warn(struct done *d, const struct problems *p);
/* "putback --root DIR COMMAND ID", and what it is good for */
void done_next(struct done *d, const struct session *s, const char *command, int64_t id,
	       const char *what_for);
/* What the next update must leave out, now that this transaction stands again. */
void done_hold(struct done *d, struct root *r, int64_t id);
/* Says how many packages were put back and how many removed. What was in no rpmdb counts as neither. */
void done_count(struct done *d, const struct changes *changes);
/* What another has to say comes behind. */
void done_append(struct done *d, const struct done *other);
/* Hands it all to the report; *ret_exit becomes 7 where there are warnings. */
void done_report(struct done *d, struct session *s, enum txn_state state,
		 const struct plan_report *plan, int *ret_exit);
void done_release(struct done *d);
#define cleanup_done __attribute__((cleanup(done_release)))

#endif
