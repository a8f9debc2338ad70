/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_LOCK_H
#define PUTBACK_TXN_LOCK_H
/* The lock that rpm takes to write (lib/rpmlock.c): a POSIX write lock on .rpm.lock in the rpmdb's
 * directory, so that an rpm in the root waits for us. txn_lock() is in txn/txn.h. */
#include "base/root.h"

/* A descriptor that holds it; -2: the directory has no such file, so nobody else can hold it. db_dir NULL:
 * where the root has its rpmdb, if it has one; files that packages own are rpm's to change, too.
 * Waits up to 2 s, then ERR_LOCKED naming the process. */
_must_check_ int lock_rpm(struct root *r, const char *db_dir, struct error *err);

#endif
