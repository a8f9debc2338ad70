/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_CMD_H
#define PUTBACK_CMD_CMD_H
/*
 * One file per command, each ending in a const struct command that main.c lists. A command parses
 * nothing (options.c did), wires the layers, and hands what they found to the report.
 */
#include "cmd/options.h"
#include "cmd/session.h"

struct command {
	const char *name;
	const char *usage;   /* "[ENTRY]" */
	const char *summary; /* one line */
	const char *help;    /* whole paragraphs */
	uint64_t takes;	     /* GIVEN(...) beside the global ones */
	uint32_t min_args, max_args;
	bool takes_selection; /* its arguments are packages */
	bool changes;	      /* changes the root: must not die in the middle */
	bool runs_tools;      /* of the host, on the root (base/runner.h) */
	/* 0, or -1 with err; *ret_exit may be set for 3, 5 and 7 */
	int (*run)(struct session *s, int *ret_exit, struct error *err);
};

extern const struct command cmd_survey, cmd_history, cmd_plan, cmd_fetch, cmd_apply, cmd_undo,
	cmd_redo, cmd_recover, cmd_forget, cmd_log;

#endif
