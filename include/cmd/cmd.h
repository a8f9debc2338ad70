/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_CMD_H
#define PUTBACK_CMD_CMD_H
/* One file per command, each ending in a const struct command that main.c lists. */
#include "base/root.h"
#include "core/event.h"
#include "core/plan.h"
#include "report/report.h"
#include "select/select.h"

struct options {
	const char *root; /* --root, $PUTBACK_ROOT, /mnt/sysimage, /mnt/sysroot */
	struct strlist from, keys;
	bool trust_root_keys, allow_unsigned, json, quiet, verbose, yes;
	bool nodeps, replacefiles, files, exit_code, back, force;
	enum config_policy config;
	const char *output; /* -o FILE */
	struct selection selection;
	int argc;    /* what follows the command's name */
	char **argv;
	char *command_line; /* quoted for a shell, for the journal */
	const struct report_ops *report;
	struct observer *observer;
};

struct command {
	const char *name;
	const char *usage;   /* "[ENTRY]" */
	const char *summary; /* one line */
	const char *help;    /* the options that matter here, whole text */
	bool takes_selection;
	/* 0, or -1 with err; *ret_exit may be set for 3 and 7 */
	int (*run)(struct options *o, int *ret_exit, struct error *err);
};

extern const struct command cmd_survey, cmd_history, cmd_plan, cmd_apply, cmd_undo, cmd_redo,
	cmd_recover, cmd_forget, cmd_log;

#endif
