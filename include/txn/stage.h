/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_STAGE_H
#define PUTBACK_TXN_STAGE_H
/*
 * Staging: every new object is made in its slot, complete with owner, mode, label, capabilities and
 * times, beside the root's files and in nobody's way.
 *
 *	stage_new      which package brings what
 *	stage_start    forks the workers, who unpack regular files; the biggest package first
 *	               (whoever wants to work beside them starts here)
 *	stage_finish   makes the rest meanwhile; waits; ties hard links; notes what each object is
 *	stage_free     ends workers that are left
 */
#include "txn/content.h"
#include "txn/run.h"

struct staging;

struct staging *stage_new(struct run *t, const struct plan *plan,
			  const struct content *content);
_must_check_ int stage_start(struct staging *s, struct error *err);
/* ret_bytes: of files written. ERR_FAILED with "stopped" once the observer asks for it. */
_must_check_ int stage_finish(struct staging *s, uint64_t *ret_bytes, struct error *err);
void stage_free(struct staging *s); /* NULL does nothing */

#endif
