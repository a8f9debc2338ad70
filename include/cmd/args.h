/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_ARGS_H
#define PUTBACK_CMD_ARGS_H
/* What a saved plan holds of the options: GIVEN_SAVED and the selection. */
#include "cmd/options.h"

/*
 * As arguments that options_parse() takes, in a fixed order, paths made absolute; undone: what
 * --undo came to, "7" or "7..9" (NULL: not known).
 */
void args_of(const struct options *o, const char *undone, struct strlist *ret);
/* The same options of o give way to those of made, which may only be released afterwards. */
void args_move(struct options *o, struct options *made);

#endif
