/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_BESIDE_H
#define PUTBACK_DISK_BESIDE_H
/*
 * Of which packages the root keeps several versions beside one another, by its configuration: what
 * installonlypkgs of dnf and yum, and multiversion of zypper, name. Packages say so themselves, too (pkg.beside).
 */
#include "base/root.h"

/* Names of packages, patterns as fnmatch(3) has them, and of what packages provide; added to ret. */
void beside_names(struct root *r, struct strlist *ret);

#endif
