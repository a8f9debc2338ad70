/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_HELP_H
#define PUTBACK_CMD_HELP_H
/* What --help and the help command print. */
#include <stdio.h>

#include "cmd/cmd.h"

void help_overview(FILE *out, const struct command *const *commands, uint32_t n);
void help_command(FILE *out, const struct command *c);

#endif
