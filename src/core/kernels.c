/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/kernels.h"

#include <string.h>

#include "base/buf.h"

enum side { BEFORE = 1, AFTER = 2 };

static struct kernel *find(struct kernels *k, const char *release, size_t n)
{
	for (uint32_t i = 0; i < k->n; i++)
		if (!strncmp(k->v[i].release, release, n) && !k->v[i].release[n])
			return &k->v[i];
	return NULL;
}

const struct kernel *kernels_get(const struct kernels *k, const char *release)
{
	for (uint32_t i = 0; i < k->n; i++)
		if (!strcmp(k->v[i].release, release))
			return &k->v[i];
	return NULL;
}

/* Behind the prefix, or NULL. */
static const char *behind(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) ? NULL : s + n;
}

/* The release of the kernel that a file is the image of, or one of the modules; its length, 0: neither. */
static size_t part_of(const struct pkgfile *f, const char **ret_release, bool *ret_image)
{
	const char *rest = behind(f->dir, "/usr/lib/modules/");
	size_t n;

	if (!rest)
		rest = behind(f->dir, "/lib/modules/");
	if (rest) {
		n = strcspn(rest, "/");
		*ret_release = rest;
		*ret_image = !strcmp(rest + n, "/") && !strncmp(f->base, "vmlinu", 6);
		return *ret_image || behind(rest + n, "/kernel/") ? n : 0;
	}
	rest = strcmp(f->dir, "/boot/") ? NULL : behind(f->base, "vmlinuz-");
	if (!rest)
		return 0;
	*ret_release = rest;
	*ret_image = true;
	return strlen(rest);
}

/* add: kernels that are not known yet count too. */
static void take(struct kernels *k, const struct pkg *p, enum side side, bool add)
{
	const char *release;
	const struct pkgfile *f;
	bool image;

	array_foreach(f, &p->files) {
		size_t n = part_of(f, &release, &image);
		struct kernel *x = n ? find(k, release, n) : NULL;
		struct kernel_part *part;

		if (!x && n && add) {
			x = array_push(k);
			x->release = arena_strndup(&k->mem, release, n);
		}
		if (!x)
			continue;
		part = image ? &x->image : &x->modules;
		if (side & BEFORE)
			part->before = p;
		if (side & AFTER)
			part->after = p;
	}
}

void kernels_find(const struct changes *changes, const struct pkgset *staying,
		  struct kernels *ret)
{
	const struct change *c;

	*ret = (struct kernels){0};
	array_foreach(c, &changes->list) {
		if (c->from)
			take(ret, c->from, BEFORE, true);
		if (c->to)
			take(ret, c->to, AFTER, true);
	}
	for (uint32_t i = 0; ret->n && i < staying->n; i++)
		take(ret, staying->v[i], BEFORE | AFTER, false);
}

void kernels_check(const struct kernels *k, bool nodeps, struct problems *problems)
{
	for (uint32_t i = 0; i < k->n; i++) {
		const struct kernel *x = &k->v[i];
		const struct pkg *image = x->image.after, *modules = x->modules.after;
		cleanup_free char *release = NULL;

		if (!image == !modules)
			continue;
		release = quoted(x->release);
		if (image && x->modules.before)
			problems_add(
				problems, PROBLEM_KERNEL,
				nodeps ? SEV_WARNING : SEV_REFUSE, x->release,
				"%s has kernel %s, whose modules go with %s; they move "
				"together or not at all: name both, or neither",
				image->nevra, release, x->modules.before->nevra);
		else if (modules && (x->image.before || !x->modules.before))
			problems_add(
				problems, PROBLEM_KERNEL,
				nodeps ? SEV_WARNING : SEV_REFUSE, x->release,
				"%s has modules of kernel %s, and %s%s; they move together "
				"or not at all: name both, or neither",
				modules->nevra, release,
				x->image.before ? "the kernel goes with "
						: "no package has the kernel",
				x->image.before ? x->image.before->nevra : "");
		else if (kernel_comes(x))
			problems_add(
				problems, PROBLEM_KERNEL, SEV_WARNING, x->release,
				"%s has kernel %s, and no package has modules for it",
				image->nevra, release);
	}
}

void kernels_release(struct kernels *k)
{
	arena_release(&k->mem);
	array_release(k);
}
