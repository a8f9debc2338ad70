/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_BESIDE_H
#define PUTBACK_DISK_BESIDE_H
/*
 * Packages of which the root keeps several versions beside one another: those that say so themselves
 * (pkg.beside), and those that installonlypkgs of dnf and yum, or multiversion of zypper, names.
 */
#include "base/root.h"
#include "core/pkg.h"

/* Sets pkg.beside of installed packages that the root's configuration names; patterns as fnmatch(3) has
 * them. */
void beside_mark(struct root *r, struct pkgset *installed);

#endif
