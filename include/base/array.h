/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_ARRAY_H
#define PUTBACK_BASE_ARRAY_H
/*
 * A typed array that grows:  ARRAY(struct op) ops = { 0 };
 * array_push(&ops) gives a pointer to a new zeroed element (valid until the next push);
 * array_add(&ops, value) appends a copy. Indices are uint32_t: 4 G elements at most.
 */
#include <stdint.h>
#include <string.h>

#include "base/macros.h"

#define ARRAY(T)                                                                             \
	struct {                                                                             \
		T *v;                                                                        \
		uint32_t n, cap;                                                             \
	}

void array_grow_(void **v, uint32_t *cap, uint32_t want, size_t size);

#define array_reserve(a, want)                                                               \
	((want) > (a)->cap ? array_grow_((void **)&(a)->v, &(a)->cap, (want), sizeof(*(a)->v)) \
			   : (void)0)
#define array_push(a)                                                                        \
	(array_reserve((a), (a)->n + 1), memset(&(a)->v[(a)->n], 0, sizeof(*(a)->v)),        \
	 &(a)->v[(a)->n++])
#define array_add(a, ...) (array_reserve((a), (a)->n + 1), (void)((a)->v[(a)->n++] = (__VA_ARGS__)))
#define array_release(a) (free((a)->v), memset((a), 0, sizeof(*(a))))
#define array_foreach(p, a) for ((p) = (a)->v; (p) && (p) < (a)->v + (a)->n; (p)++)

/* A list of strings owned by the list. */
struct strlist {
	char **v;
	uint32_t n, cap;
};
void strlist_add(struct strlist *l, const char *s); /* copies */
void strlist_take(struct strlist *l, char *s);	    /* takes s */
/* Adds the words of a text that blanks, commas or ends of lines stand between. */
void strlist_words(struct strlist *l, const char *text);
int strlist_has(const struct strlist *l, const char *s);
void strlist_sort(struct strlist *l);
void strlist_sort_unique(struct strlist *l);
void strlist_release(struct strlist *l);

/* Strings (and blobs) that live together and are freed together. */
struct arena {
	struct arena_block *blocks;
	size_t total; /* bytes handed out */
};
void *arena_alloc(struct arena *a, size_t n); /* aligned to 8, zeroed */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
/* Moves all that from holds into a; pointers stay good. from is empty afterwards. */
void arena_take(struct arena *a, struct arena *from);
void arena_release(struct arena *a);

#endif
