/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/remarks.h"

/* Whether any version was chosen among what the sources have, or in vain. */
static bool is_open(const struct prepared *p)
{
	const struct change *c;

	array_foreach(c, &p->outcome.changes.list)
		if (c->open)
			return true;
	for (uint32_t i = 0; i < p->deps.list.n; i++)
		if (p->deps.list.v[i].kind == PROBLEM_DEPENDENCY)
			return true;
	return false;
}

/* What could not be read of a source. */
static void add_remarks(struct prepared *p, const struct source *s,
			enum severity severity)
{
	enum { REMARKS_MAX = 8 };
	const char *meant =
		severity == SEV_NOTE
			? ""
			: "the version that was meant may be among what could not be read: ";
	uint32_t told = 0, aside = 0;

	for (uint32_t i = 0; i < s->remarks.n; i++) {
		if (aside < s->asides.n && s->asides.v[aside] == i) {
			aside++;
			continue;
		}
		if (told++ < REMARKS_MAX)
			problems_add(&p->plan.problems, PROBLEM_SOURCE, severity,
				     s->shown, "%s%s", meant, s->remarks.v[i]);
	}
	if (told > REMARKS_MAX)
		problems_add(&p->plan.problems, PROBLEM_SOURCE, severity, s->shown,
			     "%u more of the kind about '%s'; -v tells each",
			     told - REMARKS_MAX, s->shown);
}

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
	enum severity severity = is_open(p) ? SEV_WARNING : SEV_NOTE;

	for (uint32_t i = 0; i < p->sources.n; i++) {
		add_remarks(p, p->sources.v[i], severity);
		add_bad(p, p->sources.v[i]);
	}
}
