/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SELECTED_H
#define PUTBACK_CMD_SELECTED_H
/* The part of the command line that says what is wanted: from words to a selection, and back. */
#include "base/error.h"
#include "select/select.h"

/* The values of --undo, --back-to. ERR_USAGE where they make no sense, as below. */
_must_check_ int selected_undo(struct selection *sel, const char *value,
			       struct error *err);
_must_check_ int selected_back_to(struct selection *sel, const char *value,
				  struct error *err);
/* Those of --like, --manifest: a place of the host. */
void selected_place(char **place, const char *value);
/* The arguments as packages; then whether the whole selects something, and one thing only. */
_must_check_ int selected_finish(struct selection *sel, const struct strlist *args,
				 struct error *err);
/* As arguments that say the same; undone: what --undo came to, "7" or "7..9" (NULL: not known). */
void selected_args(const struct selection *sel, const char *undone, struct strlist *ret);

#endif
