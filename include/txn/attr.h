/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_ATTR_H
#define PUTBACK_TXN_ATTR_H
/*
 * Setting attributes. The order is rpm's (lib/fsm.c: fsmSetmeta): owner, mode, capabilities, times;
 * a change of owner clears setuid bits and capabilities, so these follow it always.
 */
#include "core/fact.h"
#include "txn/area.h"

/* An object that was just made and is open for writing. */
_must_check_ int attr_set_new(const struct area *a, int fd, const struct attr *want);
/* One that was just made under name in dir and cannot be opened: link, device, fifo. */
_must_check_ int attr_set_new_at(const struct area *a, int dir, const char *name,
				 const struct attr *want);
/* An object of the root: sets what differs, leaves its time of access alone. Never follows a link;
 * id: nothing is done to another object (ESTALE). All of them: 0, or -1 with errno. */
_must_check_ int attr_change(const struct area *a, int dir, const char *name,
			     const struct identity *id, const struct attr *want);
/* The same of mode and capabilities alone, and no more than differs. */
_must_check_ int attr_change_privileges(const struct area *a, int dir, const char *name,
					const struct identity *id, const struct attr *want);
/* The mtime of a directory alone. */
_must_check_ int attr_set_mtime(int dir, const char *name, int64_t mtime_ns);
struct timespec attr_timespec(int64_t ns);

#endif
