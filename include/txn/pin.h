/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_PIN_H
#define PUTBACK_TXN_PIN_H
/*
 * A pin: a file or directory that chattr(1) has fixed in its place, immutable (+i) or append-only (+a), as
 * intruders do to what they swap, and administrators to what shall not change. It is lifted before
 * the first rename and comes back with the object: on what stays in its place (directories that tasks
 * rename in, objects whose attributes alone change) after either way, on what goes after an undo.
 */
#include "txn/task.h"

struct pin {
	const char
		*path; /* canonical: where the object stands before the tasks are run */
	uint32_t area;
	struct identity id; /* ino 0: not known any more, in a copied area */
	bool immutable, append;
	bool stays; /* the object is at path after the tasks as well */
};
struct pins {
	struct pin *v;
	uint32_t n, cap;
};

struct run;
/* Looks at the tasks' objects and the directories they lie in; before the first rename. */
_must_check_ int pins_collect(struct run *t, struct error *err);
/* Whether the object that stands at path is among them. */
struct seen;
bool pins_has(const struct run *t, const char *path, const struct seen *s);
/* Takes them off, wherever the object is on that way's side; may be repeated. */
_must_check_ int pins_lift(struct run *t, struct error *err);
/* Puts back those that belong where the way ends; may be repeated. */
_must_check_ int pins_give(struct run *t, enum way w, struct error *err);
/* Whether what stands at its path belongs there when the way is gone, and lacks a mark. */
bool pin_is_lost(struct run *t, const struct pin *p, enum way w);
/* A sentence about one that is lost, with the command that sets it; the caller frees. */
char *pin_describe(const struct pin *p);

#endif
