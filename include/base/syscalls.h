/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_SYSCALLS_H
#define PUTBACK_BASE_SYSCALLS_H
/*
 * Calls that the kernel may have although the headers that this is built with are older. Those from
 * 5.0 on have the same number on every architecture that putback is for.
 */
#include <sys/syscall.h>

#ifndef SYS_open_tree /* 5.2 */
#define SYS_open_tree 428
#endif
#ifndef SYS_openat2 /* 5.6 */
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr /* 5.12 */
#define SYS_mount_setattr 442
#endif

#endif
