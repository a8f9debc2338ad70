/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SESSION_H
#define PUTBACK_CMD_SESSION_H
/* One run of the program: its options, where results and progress go, whether it was asked to stop. */
#include "base/root.h"
#include "cmd/options.h"
#include "core/event.h"
#include "report/progress.h"
#include "report/report.h"
#include "txn/txn.h"

/* What there is to tell beside the message of an error. */
struct details {
	struct strlist missing, looked_at;
	struct arena mem;
	ARRAY(struct package_fault) faults; /* strings in mem */
	ARRAY(struct missing_row) why;	    /* strings and rows in mem */
	struct problems problems;
};

struct session {
	struct options *o;
	const struct report_ops *report; /* text or JSON, for stdout */
	struct observer observer;
	struct progress *progress;
	struct details details;
	bool printed; /* a JSON document is on stdout already */
};

void session_init(struct session *s, struct options *o);
void session_release(struct session *s);
/*
 * SIGINT, SIGTERM and SIGHUP ask to stop, and what for that waits is said: before COMMITTING that rolls
 * back, during it the commit is finished first. While a command looks, the second of them kills it.
 */
void session_catch_signals(bool changes);
/* From here on there is something to take back or to finish. */
void session_changes_root(void);
bool session_stopped(void);
int session_err_stopped(struct error *err); /* -1 */

/* stdout, with the line of progress out of its way. */
FILE *session_output(struct session *s);

static inline void session_rootp(struct root **r)
{
	root_free(*r);
}
#define cleanup_root __attribute__((cleanup(session_rootp)))

/* Opens the root that the options name. */
_must_check_ int session_open(struct session *s, enum root_mode mode, struct root **ret,
			      struct error *err);
/* The same, to change it: locked, and ERR_UNFINISHED where one of the journal's transactions is unfinished. */
_must_check_ int session_open_settled(struct session *s, struct root **ret,
				      struct error *err);
/* What no journal knows: a warning, or where the root stands in the middle of it, ERR_UNFINISHED; unless that is older than
 * transaction `below`. */
_must_check_ int session_check_orphans(struct session *s, struct root *r, int64_t below,
				       struct error *err);
/* Both: nothing stands in the way of something new. */
_must_check_ int session_open_to_change(struct session *s, struct root **ret,
					struct error *err);

/* For who only looks: a line on stderr where a transaction is unfinished. */
void session_mention_unfinished(struct session *s, struct root *r);

/* ERR_USAGE where nobody could answer the question that session_confirm() will ask. */
_must_check_ int session_must_ask(struct session *s, struct error *err);
/* Asks unless --yes was given; -1 for anything but yes. After a yes the root counts as being changed. */
_must_check_ int session_confirm(struct session *s, const char *question,
				 struct error *err);

#endif
