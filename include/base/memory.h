/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_MEMORY_H
#define PUTBACK_BASE_MEMORY_H
/* How much memory there is to be had. */

/*
 * Bytes that could be taken without anybody being killed for it: MemAvailable of /proc/meminfo, or
 * what the control groups of this process still allow where that is less (memory.max of
 * version 2, memory.limit_in_bytes of version 1; page cache counts as free). 0: not known.
 */
unsigned long long memory_available(void);

/* The same, with other folders for /proc and /sys/fs/cgroup. */
unsigned long long memory_available_in(const char *proc, const char *cgroup);

#endif
