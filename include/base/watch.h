/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_WATCH_H
#define PUTBACK_BASE_WATCH_H
/*
 * A program that a service of the process outside has started (base/runner.h): its end is waited for, the first of
 * what it says kept, the rest read and dropped, for it must neither fill the memory nor wait for us. The program is
 * the first process of a world of its own (pid_namespaces(7)): with it ends whatever else could still speak.
 */
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

struct watch {
	size_t most;  /* of what it says, bytes */
	int children; /* by watch_begin() */
	pid_t pid;
	int words; /* the reading end of a pipe */
	/* by watch_program() */
	struct buf said;
	int status; /* as wait(2) has it; -1: not known */
	bool timed_out, stopped;
};

/* Before the program is forked. */
_must_check_ int watch_begin(struct watch *w, struct error *err);
/* Returns once it has ended, by itself or killed: after so many seconds (0: never), when the service is asked to end
 * early, or when who asked is gone. Takes words. */
void watch_program(struct watch *w, unsigned seconds);

#endif
