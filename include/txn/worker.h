/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_WORKER_H
#define PUTBACK_TXN_WORKER_H
/*
 * Workers: child processes that unpack packages into slots. They share counters with their parent
 * and take the next package from them; what goes wrong comes back whole through a pipe. They can
 * write to the slots, and nowhere else (base/confine.h); owner, mode and the like are set by their parent.
 */
#include "txn/content.h"
#include "txn/run.h"

/* A package to unpack, and the files wanted of it. */
struct job {
	uint32_t change;
	uint64_t bytes;
	ARRAY(struct wanted {
		uint32_t
			file; /* first of its hard-link set: content comes with any of them */
		uint32_t task;
	}) wanted; /* sorted by file */
};
struct jobs {
	struct job *v; /* in the order in which they are handed out */
	uint32_t n, cap;
};

struct work {
	struct run *run;
	const struct plan *plan;
	const struct content *content;
	const struct jobs *jobs;
};

struct crew;
_must_check_ int crew_start(const struct work *w, struct crew **ret, struct error *err);
/* Bytes and files that the workers have written so far. */
void crew_progress(const struct crew *p, uint64_t *ret_bytes, uint64_t *ret_files);
/* Waits for news, ms at most. 1: all are done, 0: not yet, -1: one failed. */
_must_check_ int crew_wait(struct crew *p, int ms, struct error *err);
void crew_free(struct crew *p); /* ends those that are left; NULL does nothing */

/* One package, in the calling process. */
_must_check_ int worker_unpack(const struct work *w, const struct job *job,
			       void (*wrote)(void *ctx, uint64_t bytes, uint64_t files),
			       void *ctx, struct error *err);

#endif
