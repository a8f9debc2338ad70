/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/why.h"

#include "select/nearest.h"
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

void why_missing(struct session *s, const struct prepared *p)
{
	struct details *d = &s->details;
	struct nearest_list found = {0};
	const struct nearest *n;

	nearest_find(&s->o->why, p->outcome.missed.v, p->outcome.missed.n, &p->sources,
		     &found);
	array_foreach(n, &found.list) {
		struct missing_place *v =
			arena_alloc(&d->mem, n->rows.n * sizeof(*v) + 1);

		for (uint32_t i = 0; i < n->rows.n; i++) {
			const struct nearest_row *row = &n->rows.v[i];
			const struct candidate *c = row->candidate;

			v[i] = (struct missing_place){
				.place = arena_strdup(&d->mem, row->place),
				.source = arena_strdup(&d->mem, row->source),
				.nevra = c ? arena_strdup(&d->mem, c->pkg->nevra) : NULL,
				.location = c ? arena_strdup(&d->mem, c->location) : NULL,
				.reason = arena_strdup(&d->mem, row->reason),
			};
		}
		array_add(&d->why,
			  ((struct missing_row){arena_strdup(&d->mem, n->package), v,
						n->rows.n}));
	}
	nearest_release(&found);
}

void why_release(struct why *w)
{
	for (uint32_t i = 0; i < w->rows.n; i++)
		free((void *)w->rows.v[i].v);
	array_release(&w->rows);
	passed_release(&w->passed);
}
