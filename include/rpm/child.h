/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_CHILD_H
#define PUTBACK_RPM_CHILD_H
/*
 * Work of librpm in a process of its own. Its state is global, and what it is given may come from a
 * hostile root: a crash or an endless loop must not be ours. The child inherits memory and
 * descriptors, has no terminal as its input, a clean HOME and no TMPDIR, leaves Ctrl-C to its parent and
 * dies with it. Where its parent is confined, it is more so: it can write to scratch folders alone
 * (base/confine.h).
 *
 *	child_start(fn, ctx, &c, err);  ...  child_finish(c, seconds, &result, err);
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

struct child;

/* Runs in the child. Bytes added to ret come back to the parent, and so does err with its kind. */
typedef int (*child_fn)(void *ctx, struct buf *ret, struct error *err);

_must_check_ int child_start(child_fn fn, void *ctx, struct child **ret,
			     struct error *err);
/*
 * Waits for the end of it. silence: seconds after which a child that neither says anything nor ends
 * is killed; 0: never. -1: fn failed, and err is what it said; -2: it crashed or hung, or was taken over
 * and sends without bounds, and err says so. Frees c in every case. result may be NULL.
 */
_must_check_ int child_finish(struct child *c, unsigned silence, struct buf *result,
			      struct error *err);

/* Both at once; in a process that is such a child itself, fn is called here (it must not child_flush()). */
_must_check_ int child_do(child_fn fn, void *ctx, unsigned silence, struct buf *result,
			  struct error *err);
/*
 * A result in pieces that are of use before its end: frames, of any bytes. In the child, child_frame()
 * sends one by and by, and at its end, or at child_flush(), all. Its parent takes one after the other:
 *
 *	while (child_next(c, seconds, &frames, &bytes, &n))
 *		...
 *	child_finish(c, seconds, NULL, err);
 */
struct child_frames {
	struct buf got;
	size_t at;
};
int child_frame(struct buf *ret, const void *p, size_t n); /* as child_flush() */
/* True: a frame; good until the next call. False: there is none any more, and child_finish() says why. */
bool child_next(struct child *c, unsigned silence, struct child_frames *f,
		const char **ret, size_t *ret_n);

/*
 * For those who wait for several at once: when poll(2) says that there is something to read on
 * child_fd(), child_read() appends it to result. 1: there may be more; 0: the pipe's end, after which
 * child_finish() returns at once.
 */
int child_fd(const struct child *c);
int child_read(struct child *c, struct buf *result);
/* Kills it and forgets it. NULL does nothing. */
void child_free(struct child *c);

/* In the child: sends what ret holds so far, so that the parent sees it is alive. 0, or -1: the
 * parent is gone. */
int child_flush(struct buf *ret);

#endif
