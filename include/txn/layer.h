/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_LAYER_H
#define PUTBACK_TXN_LAYER_H
/* What the staged objects will change, as layers of an overlayfs (txn/generate.h). */
#include "base/runner.h"
#include "base/scratch.h"
#include "core/derived.h"
#include "txn/run.h"

struct layers {
	bool *made; /* per area of the run */
	ARRAY(struct runner_mount)
		mounts; /* of a view: "" first, parents before children */
};
/*
 * s: takes the folders that stand for tops of file systems. Mounts without an upper folder are to get one,
 * and a work folder. ERR_FAILED where a file system knows no hard links or device nodes: then there is no
 * view.
 */
_must_check_ int layers_make(struct run *t, const struct plan *plan,
			     const struct derived_steps *steps, const struct scratch *s,
			     struct layers *ret, struct error *err);
/* Removes them from the areas. */
_must_check_ int layers_remove(struct run *t, struct layers *l, struct error *err);
void layers_release(struct layers *l);

#endif
