/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CORE_KERNELS_H
#define PUTBACK_CORE_KERNELS_H
/*
 * Kernels of which packages come or go, each known by the name of its modules' directory ("6.1.0-13.x86_64"). Its
 * image and its modules may lie in packages of their own, and are of no use without one another.
 */
#include "core/change.h"
#include "core/problems.h"

struct kernel_part {
	const struct pkg *before, *after; /* a package that has it; NULL: none has */
};
struct kernel {
	const char *release;
	struct kernel_part image; /* vmlinuz: in the modules' directory, or in /boot */
	struct kernel_part
		modules; /* kernel/ in it; what other packages add does not count */
};
struct kernels {
	struct arena mem;
	struct kernel *v;
	uint32_t n, cap;
};
/* Those that the changes touch; packages are borrowed. */
void kernels_find(const struct changes *changes, const struct pkgset *staying,
		  struct kernels *ret);
/* The one of that release, or NULL. */
const struct kernel *kernels_get(const struct kernels *k, const char *release);
/* A problem for each whose image and modules would be parted; nodeps: a warning. */
void kernels_check(const struct kernels *k, bool nodeps, struct problems *problems);
void kernels_release(struct kernels *k);

static inline bool kernel_goes(const struct kernel *k)
{
	return k->image.before && !k->image.after;
}
static inline bool kernel_comes(const struct kernel *k)
{
	return !k->image.before && k->image.after;
}

#endif
