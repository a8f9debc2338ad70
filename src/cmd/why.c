/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/why.h"

#include "select/passed.h"

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

int why_fill(struct session *s, const struct prepared *p, struct why *ret,
	     struct error *err)
{
	if (passed_find(&s->o->why, &p->outcome.changes, &p->sources, &ret->passed, err))
		return -1;
	for (uint32_t i = 0; i < ret->passed.list.n; i++) {
		const struct passed *of = &ret->passed.list.v[i];
		const struct pkg *pkg =
			of->change->to ? of->change->to : of->change->from;
		struct why_found *found = xcalloc(of->rows.n + 1, sizeof(*found));

		for (uint32_t k = 0; k < of->rows.n; k++) {
			const struct candidate *c = of->rows.v[k].candidate;

			found[k] = (struct why_found){
				.nevra = c->pkg->nevra,
				.source = p->sources.v[c->source]->shown,
				.location = c->location,
				.vendor = or_null(c->pkg->vendor),
				.keyid = or_null(c->pkg->keyid),
				.reason = of->rows.v[k].reason,
			};
		}
		array_add(&ret->rows, (struct why_row){pkg->nevra, found, of->rows.n});
	}
	return 0;
}

void why_release(struct why *w)
{
	for (uint32_t i = 0; i < w->rows.n; i++)
		free((void *)w->rows.v[i].v);
	array_release(&w->rows);
	passed_release(&w->passed);
}
