/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_ARCH_H
#define PUTBACK_CMD_ARCH_H
/* The architectures of a root, by what is installed on it. */
#include "cmd/prepare.h"

/* Refuses packages that are for no architecture of the root's. */
void arch_check(struct prepared *p);
/* Whether programs of the host's architecture are the root's as well. */
bool arch_is_native(const struct prepared *p);

#endif
