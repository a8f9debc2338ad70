/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/bad.h"

bool bad_note(struct bads *b, const char *location, enum error_kind kind, const char *why)
{
	struct bad *new;

	if (bad_find(b, location))
		return false;
	new = array_push(&b->list);
	*new = (struct bad){kind, arena_strdup(&b->mem, location),
			    arena_strdup(&b->mem, why)};
	strmap_set(&b->at, new->location, b->list.n - 1);
	return true;
}

const struct bad *bad_find(const struct bads *b, const char *location)
{
	uint32_t i;

	return b->list.n && strmap_get(&b->at, location, &i) ? &b->list.v[i] : NULL;
}

void bad_release(struct bads *b)
{
	strmap_release(&b->at);
	array_release(&b->list);
	arena_release(&b->mem);
}
