/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_BOOT_H
#define PUTBACK_CMD_BOOT_H
/* What a change of kernels means for what the machine boots: core/kernels.h and disk/bootloader.h, wired to the plan. */
#include "cmd/prepare.h"

/*
 * Adds problems for kernels that would be parted from their modules; for what was made for a kernel that goes, or
 * was not made for one that comes; and for a default entry whose kernel is not there afterwards. With
 * --fix-boot that becomes one whose kernel is: p->boot has the new content.
 */
void boot_look(struct session *s, struct prepared *p);
/* Adds that content to what txn exchanges. */
_must_check_ int boot_make(const struct prepared *p, struct newfiles *ret,
			   struct error *err);
void boot_fixes_release(struct boot_fixes *l);

#endif
