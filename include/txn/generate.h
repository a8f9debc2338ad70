/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_GENERATE_H
#define PUTBACK_TXN_GENERATE_H
/*
 * Derived files (core/derived.h) made by tools of the host, while everything is staged and nothing has
 * moved: a tool sees the root as it will be after the commit, and what it writes lands in a scratch folder.
 * Of that, what the step may write and what differs from what is there becomes tasks like all others, so
 * that it comes and goes with the packages.
 *
 * How it will be is a layer over each file system (base/runner.h): hard links to what is staged, and
 * whiteouts where something goes, in `.putback/ID/view`, which is gone before READY.
 */
#include "core/derived.h"
#include "txn/run.h"

/* Adds the areas that the steps write to, before there is anything to stage. */
_must_check_ int generate_check(struct run *t, const struct derived_steps *steps,
				struct error *err);
/* A step whose tool fails becomes a warning that names the command to run. -1: what was made could not be
 * staged. */
_must_check_ int generate_stage(struct run *t, const struct plan *plan,
				const struct derived_steps *steps, uint64_t *ret_bytes,
				struct error *err);

#endif
