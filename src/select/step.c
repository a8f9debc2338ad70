/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/step.h"

#include <inttypes.h>
#include <rpm/rpmver.h>
#include <string.h>

void steps_release(struct steps *s)
{
	array_release(&s->list);
	array_release(&s->missing);
	strlist_release(&s->unknown);
	arena_release(&s->mem);
}

struct step *steps_add(struct steps *s, struct pkg *from, const struct nevra *to,
		       const char *reason)
{
	struct step *step = array_push(&s->list);

	step->from = from;
	step->comes = to != NULL;
	if (to)
		step->to = *to;
	step->reason = reason;
	return step;
}

void steps_miss(struct steps *s, const struct nevra *id, const char *text)
{
	struct step_miss *m = array_push(&s->missing);

	m->id = nevra_dup(&s->mem, id);
	m->text = arena_strdup(&s->mem, text);
}

void steps_miss_older(struct steps *s, const struct nevra *than)
{
	const struct nevra any = {than->name, "", "", than->arch, EPOCH_NONE};

	steps_miss(s, &any,
		   arena_printf(&s->mem, "a version of %s%s%s older than %s", than->name,
				*than->arch ? "." : "", than->arch,
				step_evr(&s->mem, than)));
	s->missing.v[s->missing.n - 1].than = nevra_dup(&s->mem, than);
}

void steps_replace(struct steps *s, struct pkg *const *now, uint32_t n,
		   const struct nevra *to, const char *reason)
{
	struct pkg *same = NULL;
	bool placed = false;

	for (uint32_t i = 0; i < n; i++)
		if (nevra_is_same(&now[i]->id, to))
			same = now[i];
	for (uint32_t i = 0; i < n; i++) {
		if (now[i] == same)
			continue;
		steps_add(s, now[i], same || placed ? NULL : to, reason);
		placed = true;
	}
	if (same || !placed)
		steps_add(s, same, to, reason);
}

void steps_set_open(struct steps *s, uint32_t first)
{
	for (uint32_t i = first; i < s->list.n; i++)
		s->list.v[i].open = s->list.v[i].comes;
}

static const struct nevra *id_of(const struct step *s)
{
	return s->from ? &s->from->id : &s->to;
}

static int by_identity(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;
	int d = nevra_cmp(id_of(a), id_of(b));

	return d ? d : a->comes - b->comes;
}

static bool can_pair(const struct step *goes, const struct step *comes)
{
	return !(goes->from && goes->from->beside) && goes->from && !goes->comes &&
	       !comes->from && comes->comes &&
	       !strcmp(goes->from->id.name, comes->to.name) &&
	       (!strcmp(goes->from->id.arch, "noarch") ||
		!strcmp(comes->to.arch, "noarch"));
}

void steps_pair(struct steps *s)
{
	uint32_t kept = 0;

	if (!s->list.n)
		return;
	qsort(s->list.v, s->list.n, sizeof(*s->list.v), by_identity);
	for (uint32_t i = 0; i < s->list.n; i++) {
		struct step *last = kept ? &s->list.v[kept - 1] : NULL;
		struct step now = s->list.v[i];

		/* sorted by name first: the two stand side by side, in either order */
		if (last && (can_pair(last, &now) || can_pair(&now, last)) &&
		    !step_is_kernel(now.comes ? now.to.name : last->to.name)) {
			struct pkg *from = last->from ? last->from : now.from;

			if (now.comes)
				*last = now;
			last->from = from;
			continue;
		}
		s->list.v[kept++] = now;
	}
	s->list.n = kept;
}

const char *step_evr(struct arena *mem, const struct nevra *n)
{
	if (n->epoch > 0)
		return arena_printf(mem, "%" PRId64 ":%s-%s", n->epoch, n->version,
				    n->release);
	return arena_printf(mem, "%s-%s", n->version, n->release);
}

bool step_is_kernel(const char *name)
{
	/* called so, whatever kind of kernel for, but one version at a time, as any other package */
	static const char *const others[] = {"-headers", "-tools",	  "-doc",
					     "-macros",	 "-firmware",	  "-abi",
					     "-source",	 "-devel-matched"};

	if (strcmp(name, "kernel") && strncmp(name, "kernel-", 7))
		return false;
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (strstr(name, others[i]))
			return false;
	return true;
}

bool step_stands_beside(const struct pkgset *installed, const char *name)
{
	struct pkg *const *now;
	uint32_t n = step_installed(installed, name, NULL, &now);

	for (uint32_t i = 0; i < n; i++)
		if (now[i]->beside)
			return true;
	return step_is_kernel(name);
}

uint32_t step_installed(const struct pkgset *installed, const char *name,
			const char *arch, struct pkg *const **ret)
{
	struct nevra least = {name, "", "", arch ? arch : "", EPOCH_NONE};
	uint32_t lo = 0, hi = installed->n, end;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (nevra_cmp(&installed->v[mid]->id, &least) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < installed->n; end++) {
		const struct nevra *id = &installed->v[end]->id;

		if (strcmp(id->name, name) || (arch && strcmp(id->arch, arch)))
			break;
	}
	*ret = installed->v + lo;
	return end - lo;
}
