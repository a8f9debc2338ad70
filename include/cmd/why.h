/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_WHY_H
#define PUTBACK_CMD_WHY_H
/* plan --why: what of a package there is in the sources, and why it is not taken. */
#include "cmd/prepare.h"
#include "select/passed.h"

struct why {
	struct passed_list passed;
	ARRAY(struct why_row) rows; /* for the report; strings are borrowed */
};
_must_check_ int why_fill(struct session *s, const struct prepared *p, struct why *ret,
			  struct error *err);
/* Where packages are missing: what comes nearest to those that --why names, into s->details. */
void why_missing(struct session *s, const struct prepared *p);
void why_release(struct why *w);
#define cleanup_why __attribute__((cleanup(why_release)))

#endif
