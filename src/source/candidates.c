/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/candidates.h"

struct candidates *candidates_new(void)
{
	return xcalloc(1, sizeof(struct candidates));
}

void candidates_free(struct candidates *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->made.n; i++) {
		struct candidate *one = c->made.v[i];

		if (!one)
			continue;
		pkg_free(one->pkg);
		free(one->location);
		free(one);
	}
	array_release(&c->made);
	free(c);
}

const struct candidate *candidates_get(const struct candidates *c, int solvable)
{
	return (uint32_t)solvable < c->made.n ? c->made.v[solvable] : NULL;
}

const struct candidate *candidates_add(struct candidates *c, int solvable,
				       struct pkg *take, uint32_t source,
				       const char *location)
{
	struct candidate *one = xcalloc(1, sizeof(*one));

	*one = (struct candidate){take, source, solvable, xstrdup(location)};
	while (c->made.n <= (uint32_t)solvable)
		array_add(&c->made, NULL);
	c->made.v[solvable] = one;
	return one;
}
