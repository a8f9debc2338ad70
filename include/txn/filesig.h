/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_FILESIG_H
#define PUTBACK_TXN_FILESIG_H
/* Signatures of staged files (core/filesig.h), given after all else as rpm's plugin does. */
#include "core/plan.h"

/* To the file that was made for the op and is open. Where extended attributes are unknown there is none, as
 * with rpm. */
_must_check_ int filesig_give(const struct op *op, int fd, struct error *err);

#endif
