/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/help.h"

void help_overview(FILE *out, const struct command *const *commands, uint32_t n)
{
	fputs("usage: putback [--root DIR] [--from SOURCE]... [--key FILE]... COMMAND [...]\n"
	      "\n"
	      "Puts the files of a broken RPM machine back to prior package versions, from outside.\n"
	      "\n"
	      "Commands:\n",
	      out);
	for (uint32_t i = 0; i < n; i++)
		fprintf(out, "  %-10s%s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "  %-10s%s\n", "help", "explain a command: `putback help COMMAND`");
	fputs("\n"
	      "Options that every command takes, before or after it:\n",
	      out);
	option_help(out, GIVEN_GLOBAL);
	fputs("\n"
	      "DIR is $PUTBACK_ROOT, else /mnt/sysimage, else /mnt/sysroot, where --root is not given.\n"
	      "\n"
	      "A rescue: survey, history, plan --undo last, apply --undo last; and undo, if that was wrong.\n",
	      out);
}

void help_command(FILE *out, const struct command *c)
{
	fprintf(out, "usage: putback [OPTIONS] %s%s%s\n\n%s\nOptions:\n", c->name,
		*c->usage ? " " : "", c->usage, c->help);
	option_help(out, c->takes | GIVEN_GLOBAL);
}
