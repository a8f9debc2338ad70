/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_DISK_MOUNTINFO_H
#define PUTBACK_DISK_MOUNTINFO_H
/* One line of /proc/self/mountinfo; see proc_pid_mountinfo(5). Whoever may mount chooses most of its bytes. */
#include <stdbool.h>
#include <stdint.h>

struct mountinfo {
	uint64_t id, dev;  /* dev: as stat(2) has it */
	const char *point; /* absolute, as the host sees it */
	const char *fstype, *device;
};
/* Takes a line apart in place, which ret then points into. false: it is none, and ret is not written. */
bool mountinfo_parse(char *line, struct mountinfo *ret);

#endif
