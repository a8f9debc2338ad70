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

/* Whether any of them owns the image of a kernel: by which guard_is_kernel() is to go then. */
bool guard_tells_kernels(const struct pkgset *installed);
/* Whether a machine boots it. by_files: by what it owns; else by its name */
bool guard_is_kernel(const struct pkg *p, bool by_files);
/* protected: names; NULL: none */
void guard_steps(const struct strlist *protected, const struct pkgset *installed,
		 struct steps *steps, struct problems *problems);

#endif
