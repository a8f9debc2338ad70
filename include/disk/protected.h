/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_PROTECTED_H
#define PUTBACK_DISK_PROTECTED_H
/*
 * Packages that the root's own dnf, dnf5 or yum would never take away: itself, the names in etc/dnf/protected.d and
 * etc/yum/protected.d, and protected_packages of its configuration (disk/pmconf.h).
 */
#include "base/array.h"
#include "base/root.h"

void protected_read(struct root *r, struct strlist *ret);

#endif
