/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_OPTIONS_H
#define PUTBACK_CMD_OPTIONS_H
/*
 * The command line: options before and after the command, then the command's own arguments. Which
 * command takes which option is a matter of bits, so that the same table checks and explains.
 */
#include "base/error.h"
#include "cmd/option.h"
#include "core/fate.h"
#include "select/select.h"

struct options {
	/* --root, $PUTBACK_ROOT, /mnt/sysimage, /mnt/sysroot; NULL: none */
	const char *root;
	const char *cache; /* --cache DIR */
	struct strlist why; /* --why PACKAGE */
	struct strlist from, keys;
	uint64_t given; /* GIVEN(...) */
	bool trust_root_keys, allow_unsigned, json, quiet, verbose, yes;
	bool no_closure, nodeps, replacefiles, autorelabel, fix_boot, run_scriptlets, rpmdb_by_root, files, exit_code, back, force, salvage;
	bool help, version;
	bool offline;
	const char *releasever, *cacert, *timeout, *retries;
	enum config_policy config;
	const char *output; /* -o FILE */
	const char *to;	    /* --to DIR */
	struct selection selection;
	const char *command; /* NULL: none given */
	struct strlist args; /* what follows the command's name */
	char *command_line;  /* quoted for a shell, for the journal */
};

/* Strings are borrowed from argv, which must outlive the options. All errors are ERR_USAGE. */
_must_check_ int options_parse(struct options *o, int argc, char *const *argv,
			       struct error *err);
void options_release(struct options *o);
/* Takes the arguments as a selection: packages, or none where --undo was given. */
_must_check_ int options_selection(struct options *o, struct error *err);
/* ERR_USAGE names the options given that are not among those taken. */
_must_check_ int options_check(const struct options *o, uint64_t taken,
			       struct error *err);
const char *config_policy_name(enum config_policy p);

#endif
