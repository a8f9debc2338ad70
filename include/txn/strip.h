/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_STRIP_H
#define PUTBACK_TXN_STRIP_H
/*
 * What lies in a slot and has a name elsewhere is not setuid, setgid or given capabilities while it lies there (see
 * core/strip.c); what stands at its path has what the tasks say. Taken when the renames are done, so that whichever way a
 * crash is recovered from ends with the one or the other.
 */
#include "txn/run.h"

/* For what has gone that way and what has come; may be repeated. */
_must_check_ int strip_run(struct run *t, enum way w, struct error *err);

#endif
