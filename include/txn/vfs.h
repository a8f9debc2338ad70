/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_VFS_H
#define PUTBACK_TXN_VFS_H
/*
 * SQLite's file layer, fenced in. One of it serves one database and lets SQLite at that file and
 * its -journal only:
 *
 *   - names are used as given: "/proc/self/fd/7/journal.sqlite" stays beneath the directory that was
 *     opened and checked, and is not resolved a second time;
 *   - a -journal may name a super-journal, which SQLite would look for and delete: a forged one must
 *     not name a file of the host;
 *   - a planted -wal is not there.
 */
struct sqlite3_vfs;

/* Made for the database path (copied), and registered under the name that is returned. */
const char *vfs_register(const char *path);
/* By the database's file layer, after it was closed. */
void vfs_unregister(const char *name);

#endif
