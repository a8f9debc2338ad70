/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_ENCLOSE_H
#define PUTBACK_CMD_ENCLOSE_H
/*
 * The walls of a command (base/confine.h): what it may write to follows from its options, and what it
 * needs beyond them is made ready. Whoever wants a tool of the host adds a service here.
 */
#include "base/confine.h"
#include "cmd/cmd.h"

struct enclosure {
	struct confinement c;
};

/* Before anything of a root or of a package is read, and before a thread is started. */
_must_check_ int enclose_begin(struct enclosure *e, const struct session *s,
			       const struct command *command, struct error *err);
void enclose_end(struct enclosure *e);

#endif
