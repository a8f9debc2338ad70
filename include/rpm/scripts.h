/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_SCRIPTS_H
#define PUTBACK_RPM_SCRIPTS_H
/*
 * Which scriptlets a transaction of rpm's would run for these changes, in which order and with which
 * arguments (lib/transaction.c: rpmtsRun(), lib/psm.c: rpmPackageInstall(), rpmPackageErase()):
 *
 *	%pretrans of all that come; %preuntrans of all that go; %transfiletriggerun
 *	each package in the order of librpm's rpmtsOrder():
 *	  that comes   %triggerprein of others, its own; %pre; %post; %triggerin of others, its own
 *	  that goes    %triggerun its own, of others; %preun; %postun; %triggerpostun of others
 *	               and around these %filetriggerin, -un, -postun, those of high priority first
 *	%posttrans of all that come; %postuntrans of all that go; %transfiletriggerin and -postun
 *
 * The first argument is how many of the name there will be, of a trigger its package's; a trigger's second
 * one is how many there are of what set it off. What rpm's versions do otherwise follows the root's own rpm: the
 * argument of %posttrans (4.18), %preuntrans and %postuntrans (4.19), the arguments of file triggers (4.15, 4.20),
 * whether two versions of a package both run theirs (6.1).
 */
#include "rpm/db.h"

struct script_run {
	const char *package; /* NEVRA of whose it is */
	const char *kind;    /* "%post" */
	struct strlist argv; /* "%F" stands for a file with the body */
	struct strlist env;  /* "RPM_INSTALL_PREFIX=/opt" */
	const char *body;    /* NULL: none */
	const char *
		input; /* what it reads: the files that set a file trigger off, a line each; "" */
	const char *why_not; /* it cannot be run from outside of rpm: why; NULL */
};
struct script_runs {
	struct arena mem;
	ARRAY(struct script_run) list;
};
void scripts_release(struct script_runs *r);

/* db: as it was before the changes. installed: all of it. In child processes. */
_must_check_ int scripts_find(struct db *db, const struct pkgset *installed,
			      const struct changes *changes, db_open_pkg_fn open_pkg,
			      void *ctx, struct script_runs *ret, struct error *err);

#endif
