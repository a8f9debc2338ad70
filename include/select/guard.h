/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_GUARD_H
#define PUTBACK_SELECT_GUARD_H
/*
 * What a selection does not take away, whatever it says, so that no rollback ends there: packages that
 * the root protects, and its last kernel. They stay, and that is told in a warning.
 *
 * A kernel is bootable where it owns a vmlinuz, in boot or beside its modules, whatever it is called; where
 * none of those installed is known to, any package called kernel or kernel-core counts. With the last one all
 * of its version stay, its modules.
 */
#include "core/problems.h"
#include "select/step.h"

/* protected: names; NULL: none */
void guard_steps(const struct strlist *protected, const struct pkgset *installed,
		 struct steps *steps, struct problems *problems);

#endif
