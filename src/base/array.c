/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdalign.h>
#include <stdarg.h>

#include "base/array.h"

void array_grow_(void **v, uint32_t *cap, uint32_t want, size_t size)
{
	uint32_t n = *cap ? *cap : 8;

	if (want > UINT32_MAX / 2)
		BUG("an array of %u elements", want);
	while (n < want)
		n *= 2;
	*v = xrealloc(*v, n, size);
	*cap = n;
}

void strlist_add(struct strlist *l, const char *s)
{
	strlist_take(l, xstrdup(s));
}

void strlist_take(struct strlist *l, char *s)
{
	array_add(l, s);
}

void strlist_words(struct strlist *l, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " ,\t\r\n");

		if (n)
			strlist_take(l, xstrndup(text, n));
		text += n + (text[n] != '\0');
	}
}

int strlist_has(const struct strlist *l, const char *s)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return 1;
	return 0;
}

static int by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strlist_sort(struct strlist *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_string);
}

void strlist_sort_unique(struct strlist *l)
{
	uint32_t kept = 0;

	if (!l->n)
		return;
	strlist_sort(l);
	for (uint32_t i = 1; i < l->n; i++) {
		if (strcmp(l->v[kept], l->v[i]))
			l->v[++kept] = l->v[i];
		else
			free(l->v[i]);
	}
	l->n = kept + 1;
}

void strlist_release(struct strlist *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		free(l->v[i]);
	array_release(l);
}

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(8) char bytes[];
};

/* Blocks double, for there may be an arena in each of ten thousand packages, and one in a plan. */
enum { BLOCK_FIRST = 512 - 32, BLOCK_MAX = 64 * 1024 - 64 };

void *arena_alloc(struct arena *a, size_t n)
{
	size_t rounded = (n + 7) & ~(size_t)7;
	struct arena_block *b = a->blocks;
	void *p;

	if (rounded < n || rounded > SIZE_MAX / 2)
		BUG("a piece of %zu bytes", n);
	if (!b || b->size - b->used < rounded) {
		size_t next = b ? MIN(b->size * 2, (size_t)BLOCK_MAX) : (size_t)BLOCK_FIRST;
		size_t size = MAX(rounded, next);
		struct arena_block *fresh = xmalloc(sizeof(*fresh) + size);

		fresh->used = 0;
		fresh->size = size;
		if (b && rounded > BLOCK_MAX / 4) {
			/* a big piece gets a block of its own; the open one stays open */
			fresh->next = b->next;
			b->next = fresh;
		} else {
			fresh->next = b;
			a->blocks = fresh;
		}
		b = fresh;
	}
	p = b->bytes + b->used;
	memset(p, 0, rounded);
	b->used += rounded;
	a->total += rounded;
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = arena_alloc(a, len + 1);

	memcpy(p, s, len);
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	cleanup_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return arena_strdup(a, s);
}

void arena_take(struct arena *a, struct arena *from)
{
	struct arena_block **end = &a->blocks;

	while (*end)
		end = &(*end)->next;
	*end = from->blocks;
	a->total += from->total;
	*from = (struct arena){0};
}

void arena_release(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	*a = (struct arena){0};
}
