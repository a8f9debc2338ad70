/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_TRACES_H
#define PUTBACK_DISK_TRACES_H
/*
 * Files that package managers have while they run and that are gone, or empty, when they ended by
 * themselves: what dnf, yum, zypper and PackageKit lock with, rpm's -wal and -journal, and the environment
 * of a Berkeley DB. None of them proves anything by itself.
 */
#include "base/array.h"
#include "base/root.h"

/* db_dir, db_file: where the rpmdb is. Canonical paths. */
void traces_find(struct root *r, const char *db_dir, const char *db_file,
		 struct strlist *ret);

#endif
