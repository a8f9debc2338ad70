/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/change.h"

#include <string.h>

static const char *const names[] = {
#define X(id, name) [id] = name,
	CHANGE_KINDS(X)
#undef X
};

const char *change_kind_name(enum change_kind kind)
{
	return kind < ELEMENTSOF(names) ? names[kind] : "?";
}

static const struct nevra *change_id(const struct change *c)
{
	return c->to ? &c->to->id : &c->from->id;
}

static int change_cmp(const void *pa, const void *pb)
{
	const struct change *a = pa, *b = pb;
	int d = strcmp(change_id(a)->name, change_id(b)->name);

	if (d == 0)
		d = strcmp(change_id(a)->arch, change_id(b)->arch);
	if (d == 0)
		d = (int)a->kind - (int)b->kind;
	if (d == 0)
		d = nevra_cmp(change_id(a), change_id(b));
	if (d == 0 && a->from && b->from)
		d = a->from->instance < b->from->instance   ? -1
		    : a->from->instance > b->from->instance ? 1
							    : 0;
	return d;
}

void changes_sort(struct changes *c)
{
	if (c->list.n > 1)
		qsort(c->list.v, c->list.n, sizeof(*c->list.v), change_cmp);
}

void changes_release(struct changes *c)
{
	struct change *x;

	array_foreach(x, &c->list) {
		free(x->location);
		free(x->reason);
		free(x->needed_by);
		free(x->signer);
	}
	array_release(&c->list);
	pkgset_release(&c->arriving);
	strlist_release(&c->litter);
}
