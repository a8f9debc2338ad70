/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_OUTSIDE_H
#define PUTBACK_BASE_OUTSIDE_H
/*
 * A process that stands outside of the walls (base/confine.h). It is forked before they are raised and
 * before the first byte of a root is read, and reads nothing of a root itself. It does the few things that
 * who is walled in cannot: give an output file its name, run a tool of the host, tidy up at the end.
 *
 * What it can do is said beforehand, as a list of services: functions that run in that process, one
 * request at a time. Whoever asks has read what strangers wrote, and may be in their hands: a service
 * takes a request as input of a stranger, and what it acts on (paths, programs) it knows from before the
 * walls, in its ctx. So a service that runs tools has a table of them, and is asked for the third with
 * this kernel version, not for a command line.
 *
 *	confine_begin({.services = {{"depmod", run_depmod, &where}}}, err);   see base/confine.h
 *	...
 *	outside_ask("depmod", &version, &answer, err);
 *
 * It outlives the process that it serves by as much as tidying up takes, leaves signals of the terminal to
 * it, and has its standard error.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* 0, or -1 with err, which the asking side gets, as it gets what was added to answer. */
typedef int (*outside_fn)(void *ctx, const struct buf *ask, struct buf *answer,
			  struct error *err);
struct outside_service {
	const char *name;
	outside_fn serve;
	void *ctx;
};

/* The services, and at_end, which it calls when the asking process is no more, must not change afterwards. */
_must_check_ int outside_start(const struct outside_service *services, size_t n,
			       void (*at_end)(void), struct error *err);
/* answer may be NULL. -1: the service said no, or the process is gone, and err says so. */
_must_check_ int outside_ask(const char *service, const struct buf *ask,
			     struct buf *answer, struct error *err);
/* The same, and where stop() says so the service is asked to end early: what that means is its own business, and its
 * answer is waited for all the same. stop is asked after each signal, and four times a second. */
struct outside_stop {
	bool (*stop)(void *ctx); /* NULL: never */
	void *ctx;
};
_must_check_ int outside_ask_until(const char *service, const struct buf *ask,
				   const struct outside_stop *stop, struct buf *answer,
				   struct error *err);
/* In a service: poll(2) says POLLIN of this descriptor, which is not to be read, once it is asked to end early. */
int outside_stopped(void);
/* In a service: poll(2) says POLLHUP of this descriptor once the asking process is no more, however it
 * ended. A service that takes long looks at it, for nobody waits for the answer then. */
int outside_asker(void);
/* Ends it, and waits until it has tidied up. */
void outside_end(void);
/* In a child of the asking process: it has no business there. */
void outside_forget(void);

#endif
