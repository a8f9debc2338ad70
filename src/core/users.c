/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/users.h"

#include <errno.h>
#include <string.h>

/* Appends "name:x:number:..." lines to a table; lines that are not of that form are passed over. */
static void parse(struct arena *mem, const char *text, struct user_table *t)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *c1 = memchr(text, ':', len);
		const char *c2 =
			c1 ? memchr(c1 + 1, ':', len - (size_t)(c1 + 1 - text)) : NULL;

		if (c2 && c1 > text && c2[1] >= '0' && c2[1] <= '9') {
			char *end;
			unsigned long long id;

			errno = 0;
			id = strtoull(c2 + 1, &end, 10);
			if (errno == 0 && id < UINT32_MAX &&
			    (*end == ':' || *end == '\n' || !*end)) {
				struct user_entry *e = array_push(t);

				e->name = arena_strndup(mem, text, (size_t)(c1 - text));
				e->id = (uint32_t)id;
				e->line = t->n;
			}
		}
		text += len + (text[len] == '\n');
	}
}

void users_parse_passwd(struct users *u, const char *text)
{
	parse(&u->mem, text, &u->users);
}

void users_parse_group(struct users *u, const char *text)
{
	parse(&u->mem, text, &u->groups);
}

static int entry_cmp(const void *a, const void *b)
{
	return strcmp(((const struct user_entry *)a)->name,
		      ((const struct user_entry *)b)->name);
}

static int line_cmp(const void *pa, const void *pb)
{
	const struct user_entry *a = pa, *b = pb;
	int d = entry_cmp(a, b);

	return d ? d : a->line < b->line ? -1 : a->line > b->line;
}

/* Sorts by name; of several with one name the first stays, as getpwnam(3) finds it. */
static void finish(struct user_entry *v, uint32_t *n)
{
	uint32_t out = 0;

	if (*n)
		qsort(v, *n, sizeof(*v), line_cmp);
	for (uint32_t i = 0; i < *n; i++)
		if (out == 0 || strcmp(v[out - 1].name, v[i].name) != 0)
			v[out++] = v[i];
	*n = out;
}

void users_finish(struct users *u)
{
	finish(u->users.v, &u->users.n);
	finish(u->groups.v, &u->groups.n);
}

static bool lookup(const struct user_entry *v, uint32_t n, const char *name,
		   uint32_t *ret)
{
	struct user_entry key = {name, 0, 0};
	const struct user_entry *e =
		n ? bsearch(&key, v, n, sizeof(*v), entry_cmp) : NULL;

	if (!e)
		return false;
	*ret = e->id;
	return true;
}

bool users_uid(const struct users *u, const char *name, uint32_t *ret)
{
	return lookup(u->users.v, u->users.n, name, ret);
}

bool users_gid(const struct users *u, const char *name, uint32_t *ret)
{
	return lookup(u->groups.v, u->groups.n, name, ret);
}

const char *users_name(const struct users *u, uint32_t uid)
{
	const struct user_entry *e;

	array_foreach(e, &u->users)
		if (e->id == uid)
			return e->name;
	return NULL;
}

void users_release(struct users *u)
{
	array_release(&u->users);
	array_release(&u->groups);
	arena_release(&u->mem);
}
