/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SAVED_H
#define PUTBACK_CMD_SAVED_H
/*
 * A saved plan holds the arguments that made it and the digest of what they came to. apply makes
 * the plan anew from these arguments and compares: what runs is what was shown, or nothing.
 */
#include "cmd/prepare.h"

#define cleanup_saved __attribute__((cleanup(saved_plan_release)))

/* ERR_USAGE where something else is at path already. */
_must_check_ int saved_check_output(const char *path, struct error *err);
/* Saves the plan at s->o->output. */
_must_check_ int saved_write(struct session *s, const struct prepared *p,
			     struct error *err);

/* Without a plan, where packages are missing or not to be trusted: what is wanted, for `fetch` on another machine. Says what was
 * saved, and of what was not, why. */
_must_check_ int saved_write_wants(struct session *s, const struct prepared *p,
				   struct error *err);

/* Whether arg, which could be the name of a package too, means a file: it has a slash, or there
 * is a saved plan of that name. */
bool saved_is_file(const char *arg);
/* ERR_USAGE where one of several arguments is a saved plan. */
_must_check_ int saved_is_alone(const struct strlist *args, struct error *err);
/*
 * Reads it and puts its arguments into the options. ERR_USAGE where it is no saved plan, or where
 * the command line says something else about what to do.
 */
_must_check_ int saved_read(struct session *s, const char *path, struct saved_plan *ret,
			    struct error *err);
/* Why no plan could be made of its arguments, in the terms of the saved plan: when the root has
 * changed since, that; never wrong usage of this command line. Always -1. */
int saved_err(const struct saved_plan *saved, const char *path, const struct prepared *p,
	      struct error *err);
/* ERR_REFUSED unless the plan made anew is the one that was saved. */
_must_check_ int saved_compare(const struct saved_plan *saved, const char *path,
			       const struct prepared *p, struct error *err);

#endif
