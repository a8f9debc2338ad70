/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_SCRATCH_H
#define PUTBACK_BASE_SCRATCH_H
/* Private folders of the host for working copies. */
#include <stdbool.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/error.h"

/*
 * A private folder (0700) for working copies that no other user can reach, on tmpfs where there
 * is one with room for need bytes (/dev/shm, /run), else under $TMPDIR or /var/tmp or /tmp.
 * label: lower-case letters.
 */
struct scratch {
	char *path; /* .../putback-LABEL-PID-XXXXXX */
	int fd;	    /* locked while its owner lives */
	pid_t owner;
};
_must_check_ int scratch_new(const char *label, unsigned long long need,
			     struct scratch **ret, struct error *err);
/*
 * The same for what may be big: on a disk with that much room if there is one ($TMPDIR, /var/tmp, /tmp), else
 * in memory, of which it leaves others half. NULL: there is no such place.
 */
struct scratch *scratch_big(const char *label, unsigned long long need);
/* Bytes that may still be written there before others would miss them. */
unsigned long long scratch_room(const struct scratch *s);
/* Whether a folder is on a disk: not in memory, nor on an overlay, whose upper layer is memory in a live
 * system. */
bool scratch_is_on_disk(const char *folder);
/* Creates name in it for reading and writing: fd. */
_must_check_ int scratch_create(struct scratch *s, const char *name, struct error *err);
/* Removes the folder and all in it, unless this is a child of the process that made it, which only
 * lets go of it. NULL does nothing. */
void scratch_free(struct scratch *s);
/* Removes what scratch folders of dead processes have left (called at start). */
void scratch_sweep(void);

/*
 * From here on all scratch folders are made within one folder of this process's own at each of the
 * places, so that these can be all that it may write to. They are there until scratch_leave(), which the
 * process outside calls (base/outside.h): who is walled in cannot remove them.
 */
void scratch_settle(void);
void scratch_leave(void);
/* Their paths; none before scratch_settle(). */
const struct strlist *scratch_places(void);
/* The one at place, "/var/tmp" for example; place itself where there is none. Borrowed. */
const char *scratch_at(const char *place);

#endif
