/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/guard.h"

#include "rpm/evr.h"

#include <string.h>

static bool is_removal(const struct step *s)
{
	return s->from && !s->comes;
}

/* Whether nothing of a name would be left. */
static bool goes_wholly(const struct steps *steps, const struct pkgset *installed,
			const char *name)
{
	struct pkg *const *now;
	uint32_t left = step_installed(installed, name, NULL, &now);

	for (uint32_t i = 0; i < steps->list.n; i++) {
		const struct step *s = &steps->list.v[i];

		if (s->comes && !strcmp(s->to.name, name))
			return false;
		left -= is_removal(s) && !strcmp(s->from->id.name, name);
	}
	return left == 0;
}

static void keep_name(const char *name, struct steps *steps, struct problems *problems)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < steps->list.n; i++) {
		const struct step *s = &steps->list.v[i];

		if (is_removal(s) && !strcmp(s->from->id.name, name))
			problems_add(problems, PROBLEM_OTHER, SEV_WARNING, s->from->nevra,
				     "%s stays: the root protects it from being removed",
				     s->from->nevra);
		else
			steps->list.v[kept++] = *s;
	}
	steps->list.n = kept;
}

static bool owns_kernel(const struct pkg *p)
{
	const struct pkgfile *f;

	array_foreach(f, &p->files) {
		/* not the page about it, nor the symbols of it */
		if (!strncmp(f->base, "vmlinu", 6) &&
		    (!strcmp(f->dir, "/boot/") || !strncmp(f->dir, "/lib/modules/", 13) ||
		     !strncmp(f->dir, "/usr/lib/modules/", 17)))
			return true;
	}
	return false;
}

bool guard_tells_kernels(const struct pkgset *installed)
{
	for (uint32_t i = 0; i < installed->n; i++)
		if (owns_kernel(installed->v[i]))
			return true;
	return false;
}

bool guard_is_kernel(const struct pkg *p, bool by_files)
{
	return by_files ? owns_kernel(p)
			: !strcmp(p->id.name, "kernel") ||
				  !strcmp(p->id.name, "kernel-core");
}

/* Of the file lists, what the machine boots, whatever the package is called. Of one that is not
 * installed nobody knows them yet: by its name then, which also those have that only go with a kernel. */
static bool is_kernel_name(const struct pkgset *installed, const char *name)
{
	static const char *const parts[] = {"-devel", "-modules", "-debug",
					    "-syms",  "-extra",	  "-internal"};
	struct pkg *const *now;
	uint32_t n = step_installed(installed, name, NULL, &now);

	for (uint32_t i = 0; i < n; i++)
		if (owns_kernel(now[i]))
			return true;
	for (size_t i = 0; i < ELEMENTSOF(parts); i++)
		if (strstr(name, parts[i]))
			return false;
	return step_is_kernel(name);
}

static bool goes(const struct steps *steps, const struct pkg *p)
{
	for (uint32_t i = 0; i < steps->list.n; i++)
		if (steps->list.v[i].from == p && is_removal(&steps->list.v[i]))
			return true;
	return false;
}

static bool kernel_comes(const struct pkgset *installed, const struct steps *steps)
{
	for (uint32_t i = 0; i < steps->list.n; i++)
		if (steps->list.v[i].comes &&
		    is_kernel_name(installed, steps->list.v[i].to.name))
			return true;
	return false;
}

/* The newest kernel, where each of them is about to go; else NULL. */
static const struct pkg *last_kernel(const struct pkgset *installed,
				     const struct steps *steps)
{
	bool by_files = guard_tells_kernels(installed);
	const struct pkg *newest = NULL;

	if (kernel_comes(installed, steps))
		return NULL;
	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		if (!guard_is_kernel(p, by_files))
			continue;
		if (!goes(steps, p))
			return NULL;
		if (!newest || evr_cmp(&p->id, &newest->id) > 0)
			newest = p;
	}
	return newest;
}

static void keep_kernel(const struct pkgset *installed, struct steps *steps,
			struct problems *problems)
{
	const struct pkg *last = last_kernel(installed, steps);
	uint32_t kept = 0;

	if (!last)
		return;
	for (uint32_t i = 0; i < steps->list.n; i++) {
		const struct step *s = &steps->list.v[i];

		if (s->from == last && is_removal(s))
			continue;
		if (!is_removal(s) || !step_is_kernel(s->from->id.name) ||
		    evr_cmp(&s->from->id, &last->id) != 0)
			steps->list.v[kept++] = *s;
	}
	steps->list.n = kept;
	problems_add(
		problems, PROBLEM_OTHER, SEV_WARNING, last->nevra,
		"%s stays, with what belongs to it: no other kernel would be left to boot",
		last->nevra);
}

void guard_steps(const struct strlist *protected, const struct pkgset *installed,
		 struct steps *steps, struct problems *problems)
{
	for (uint32_t i = 0; protected && i < protected->n; i++)
		if (goes_wholly(steps, installed, protected->v[i]))
			keep_name(protected->v[i], steps, problems);
	keep_kernel(installed, steps, problems);
}
