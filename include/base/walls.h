/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_WALLS_H
#define PUTBACK_BASE_WALLS_H
/*
 * What the kernel can do to hold a process in: Landlock, a filter of system calls, fewer
 * capabilities. All of it is for good, for the calling thread and for what it forks; each call adds
 * to what stands already. The policy, who gets which walls, is base/confine.h.
 *
 * The words "landlock" and "seccomp" in the environment's PUTBACK_WITHOUT make it do as on a kernel
 * that has not got them.
 */
#include <stdbool.h>
#include <stdint.h>

/*
 * --- Landlock: landlock(7) -------------------------------------------------------------------------
 *
 * A domain in which files may be read, and nothing may be written, made, removed, renamed or
 * executed but where walls_allow() said so. What has a descriptor for writing keeps it (walls_close_open()).
 * A process in a domain can neither mount nor trace others, and, from version 6 on, not signal those
 * outside.
 */

/* Version of the kernel's interface; 0: none. Version 1 cannot rename from one folder to another. */
int walls_landlock(void);

enum walls_access {
	WALLS_FILE, /* write to this file or device */
	WALLS_TREE  /* all that can be done beneath this folder, devices opened to be read */
};
/* Descriptor of an empty ruleset, or -1 with errno. sockets: of TCP may be connected. */
int walls_ruleset(bool sockets);
/* fd: the file or folder; O_PATH will do. 0, or -1 with errno. */
int walls_allow(int ruleset, int fd, enum walls_access access);
/* Enters the domain: 0, or -1 with errno. The ruleset stays the caller's. */
int walls_enter(int ruleset);

/*
 * --- system calls: seccomp(2) ----------------------------------------------------------------------
 *
 * What is refused fails with EPERM. Always: executing, tracing, mounting, namespaces, modules, clocks,
 * kernel keys, io_uring, typing into the terminal, talking to daemons (sockets of other kinds than
 * IP). On an architecture whose numbers are not known here, there is no filter.
 */
enum walls_calls {
	WALLS_NO_ATTRIBUTES = 1, /* mode, owner, times, extended attributes, links to files */
	WALLS_NO_SOCKETS = 2	 /* of any kind */
};
bool walls_has_filter(void);
int walls_filter(unsigned walls_calls); /* 0, or -1 with errno */
/* Refuses sockets, of any kind, and nothing else: a program may be executed then. 0, or -1 with errno. */
int walls_no_sockets(void);

/*
 * Gives up all capabilities but that of reading what others own; write: and of writing to it. 0, or -1 with
 * errno. See capabilities(7).
 */
int walls_drop_capabilities(bool write);
/*
 * What was open before the walls stood is outside of them: closes files and devices that are open for
 * writing, and connections to other machines. Pipes, sockets to processes, what is only read and the first three
 * descriptors stay. In a child: its parent keeps its own. 0, or -1 with errno: that cannot be told.
 */
int walls_close_open(void);
/* no_new_privs: what is executed gains nothing; needed before the others. 0, or -1 with errno. */
int walls_no_new_privileges(void);

#endif
