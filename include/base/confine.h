/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_CONFINE_H
#define PUTBACK_BASE_CONFINE_H
/*
 * The second wall. The first is that no path of a root gets to the kernel unresolved (base/root.h) and that
 * nothing runs a program; this one holds should a library that reads a hostile root or package be taken
 * over by it. It is raised before the first byte of a root is read, and stands until the end:
 *
 *	who				may change				cannot
 *	a command that looks		scratch, cache, named output files	change modes, owners, links
 *	a command that changes a root	the same, and all beneath the root
 *	a child that reads packages	scratch, a cache that was named		the same, nor open sockets
 *	  or the rpmdb (rpm/child.h)
 *	a child that unpacks		the transaction's slots			the same
 *	  (txn/crew.c)
 *
 * None of them executes anything, mounts, traces, loads, types into the terminal, or talks to a daemon
 * of the host; sockets of IP are open to those who have something to download. Reading is free: keys and
 * sources lie anywhere. Children hold no capability but to read; where slots
 * are on a vfat that was mounted as another user's, who unpacks may write to what others own, too.
 *
 * What is needed beyond that is done before (a clone of mounts: root_prepare()), or by a process that was
 * forked before (base/outside.h). Who needs a program of the host run asks there, by a service that
 * is handed in here.
 *
 * Where the kernel lacks one of the walls, the others stand; confine_stands() says which.
 */
#include <stdbool.h>

#include "base/array.h"
#include "base/error.h"
#include "base/outside.h"

struct confinement {
	const char *root;	/* with all that is mounted beneath it: may be changed; NULL: none */
	struct strlist caches;	/* folders that may be written to, by children too */
	struct strlist folders; /* the same, not by children */
	struct strlist outputs; /* files that will be written */
	struct strlist made;	/* folders that are removed at the end where they are empty */
	bool sockets;
	const struct outside_service *services;
	size_t n_services;
};

/* What stands around this process. */
struct standing {
	bool confined; /* confine_begin() was called */
	bool no_new_privileges;
	int landlock; /* the kernel's version of it; 0: it does not stand */
	bool calls;   /* the filter */
};

/*
 * Forks the process outside, and raises the walls; c must live until confine_end(), which ends
 * that process. Before any thread is started. A wall that the kernel has not got is no error.
 */
_must_check_ int confine_begin(const struct confinement *c, struct error *err);
void confine_end(void);
struct standing confine_stands(void);

/* For a new child, of a process that is confined (else they do no more than this): its standard input and output
 * are nothing. */
_must_check_ int confine_reader(struct error *err);
/* fds: of the folders that it may fill; others: some of them are another user's */
_must_check_ int confine_unpacker(const int *fds, size_t n, bool others,
				  struct error *err);
/*
 * Whether this process is one of these children. What only they may do, as having librpm read a stranger's
 * header, others leave to them. confine_as_child(): counts as one without being confined.
 */
bool confine_is_child(void);
void confine_as_child(void);
/* An hour of computing from now on, for the next piece of work of a child; then it is killed. */
void confine_allow_an_hour(void);

#endif
