/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_RUNNER_H
#define PUTBACK_BASE_RUNNER_H
/*
 * The only place from which a program is started: a service of the process outside (base/outside.h), which
 * stands outside of the walls and was forked before anything of the root was read. It takes orders:
 *
 *	RUNNER_TOOL     a program of the host, one of the table in runner.c, found in the host's $PATH.
 *	                It sees a view of the root (below), and can write to nothing else: all other
 *	                mounts are read-only to it, no device opens, there is no network, it has no socket
 *	                by which to talk to daemons of the host (where the kernel filters system calls),
 *	                and of root's rights it has those over files alone. An order with an environment is
 *	                refused.
 *	RUNNER_IN_ROOT  a program of the root, with the root as its whole world, its own /proc, a
 *	                /dev of plain devices, no network. Of /proc it can write to what is of a process
 *	                alone, and to nothing of a /sys that is mounted in the root: both are the kernel's
 *	                that the host runs on. Only where runner_prepare() said so: it is what the user
 *	                asks for by name.
 *
 *	RUNNER_REBUILD  the root's own rpmdb(8), which rebuilds the database in the folder `db` of a scratch
 *	                folder: all it can write to. It sees that as /dev/rpmdb, and the root, read-only, as
 *	                the rest of its world; rights and network are a tool's. The order says no more than the
 *	                folder. Only where runner_prepare() said so, as above.
 *
 * Any of them has an environment of PATH, HOME, LC_ALL (and, in the root, what the order says), nothing of
 * ours open, and is killed with all its children when its time is over, when it is to be stopped, or when putback
 * ends, be it by SIGKILL. What it says beyond what is kept is read and dropped.
 *
 * A view is made of directories of the root, each as an overlayfs of: a folder `upper` that takes what
 * the tool writes; a folder `layer` that covers what is there (optional); the root's own (which need
 * not be there where there is a layer). No layer may lie in a directory that it covers.
 * See the kernel's filesystems/overlayfs.rst, mount_setattr(2), pid_namespaces(7), capabilities(7).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/outside.h"
#include "base/root.h"

enum runner_what { RUNNER_TOOL, RUNNER_IN_ROOT, RUNNER_REBUILD };

struct runner_mount {
	char *path;  /* canonical, of the directory; "" first, parents before children */
	char *layer; /* folder beneath the root, canonical; NULL: none */
	char *upper; /* names in the order's folder */
	char *work;  /* NULL: no overlay, but upper itself, which cannot be written to */
};

struct runner_order {
	enum runner_what what;
	struct strlist
		argv; /* argv[0]: a tool's name, or a path in the root; "%R": the view */
	struct strlist env; /* in the root: "NAME=value", behind the fixed ones */
	const void *script; /* where not NULL, argv's "%F" names a file that holds it */
	size_t script_len;
	const char *input; /* of a program of the root: what it reads; NULL: nothing */
	unsigned seconds;
	/* RUNNER_TOOL: a scratch folder, with a folder "view" in it and those of the mounts;
	   RUNNER_REBUILD: one with "db" */
	const char *folder;
	const struct runner_mount *mounts;
	uint32_t n_mounts;
	struct outside_stop stop; /* stays with who asks: true ends the program */
};

struct runner_result {
	int status;	   /* as wait(2) has it */
	bool timed_out;	   /* it was killed */
	bool stopped;	   /* the same, because the order's stop said so */
	struct buf output; /* what it said on both its outputs, the first 64 KiB of it */
};
void runner_result_release(struct runner_result *r);
/* "exit status 3", "signal 11", "no end after 60 seconds"; the caller frees. NULL: all went well. */
char *runner_result_failure(const struct runner_result *r);
/* What it said last, one line fit for a message, or ""; the caller frees. */
char *runner_result_words(const struct runner_result *r);

/* Before the walls: the root that orders are about, and what of it may be run. */
struct runner_allowed {
	bool scriptlets; /* RUNNER_IN_ROOT */
	bool rpmdb;	 /* RUNNER_REBUILD */
};
void runner_prepare(const char *root, struct runner_allowed what);
extern const struct outside_service runner_service;
/* Whether a tool of the table is on this host; r: what lies beneath it does not count. */
bool runner_has(const struct root *r, const char *tool);
/* -1: it could not be started, and err says why. */
_must_check_ int runner_run(const struct runner_order *order, struct runner_result *ret,
			    struct error *err);

#endif
