/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/remarks.h"

/* Packages that were chosen first: one tells what it is about, --why tells of each. */
static void add_bad(struct prepared *p, const struct source *s)
{
	const struct bads *bads = &s->bad;
	cleanup_free char *more = NULL;

	if (!bads->list.n)
		return;
	if (bads->list.n > 1)
		more = xasprintf(", and %u more packages of it", bads->list.n - 1);
	problems_add(&p->plan.problems, PROBLEM_SOURCE, SEV_NOTE, s->shown,
		     "'%s' of source '%s' is of no use%s, and not taken: %s",
		     bads->list.v[0].location, s->shown, more ? more : "",
		     bads->list.v[0].why);
}

void remarks_add(struct prepared *p)
{
	for (uint32_t i = 0; i < p->sources.n; i++)
		add_bad(p, p->sources.v[i]);
}
