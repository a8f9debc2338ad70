/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * What an earlier run left of a source in the depot. The input changes a file that putback wrote: OFFSET VALUE, in lines,
 * and "cut LENGTH"; a file that is not what was written counts for nothing. What begins as no such line is the file.
 */

#include <inttypes.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"
#include "source/depot.h"
#include "source/learned.h"
#include "source/sources.h"

#define IDENTITY "1 2.000000003 4.000000005 6"

static struct source *begin(struct sources *l, struct depot *d)
{
	struct source *s;

	l->depot = d;
	s = sources_add_kind(l, &folder_ops, "fuzz", NULL);
	learned_begin(s, "fuzz");
	return s;
}

static void end(struct sources *l)
{
	l->depot = NULL; /* the target's own */
	sources_release(l);
}

/* The only file of the folder. */
static char *name_in(struct root *r)
{
	struct strlist names = {0};
	char *name = NULL;

	if (root_list(r, "", &names) == 0 && names.n == 1)
		name = xstrdup(names.v[0]);
	strlist_release(&names);
	return name;
}

/* Writes a file of two packages as an earlier run does. */
static void learn(struct depot *d)
{
	struct pkg *p = pkg_new();
	struct sources l = {0};
	struct source *s = begin(&l, d);

	if (nevra_parse(&p->mem, "plain-1-1.noarch", &p->id) < 0)
		BUG("no package");
	for (int i = 0; i < 2; i++) {
		int id = catalog_add_pkg(s->catalog, s->repo, p);

		catalog_set_location(s->catalog, id, i ? "b.rpm" : "a.rpm");
		learned_note(s, id, IDENTITY);
	}
	learned_end(s, 0);
	end(&l);
	pkg_free(p);
}

/* Whether anything changed. */
static bool change(struct buf *file, const char *text)
{
	cleanup_free char *was = xmalloc(file->n + 1);
	size_t n = file->n;

	memcpy(was, file->s, n);
	for (const char *line = text; *line;
	     line += strcspn(line, "\n"), line += *line != 0) {
		unsigned long long at;
		unsigned value;

		if (sscanf(line, "cut %llu", &at) == 1)
			file->n = MIN(file->n, (size_t)at);
		else if (sscanf(line, "%llu %u", &at, &value) == 2 && file->n)
			file->s[at % file->n] = (char)value;
	}
	return file->n != n || memcmp(was, file->s, n) != 0;
}

FUZZ_TARGET(learned)
{
	static struct buf sound;
	const char *text = fuzz_text(data, n);
	struct root *r = fuzz_root((const uint8_t *)"", 0);
	struct depot d = {.path = r->path, .named = true};
	bool by_lines = n && strchr("0123456789c", *text) != NULL;
	cleanup_buf struct buf file = {0};
	cleanup_free char *name = NULL;
	struct sources l = {0};
	struct source *s;
	bool changed;

	learn(&d);
	name = name_in(r);
	if (!name)
		BUG("nothing was learned");
	if (!sound.n && root_read_file(r, name, 1 << 20, &sound) < 0)
		BUG("no '%s'", name);
	if (by_lines)
		buf_add(&file, sound.s, sound.n);
	else
		buf_add(&file, data, n);
	changed = !by_lines || change(&file, text);
	fuzz_put(name, file.s, file.n);
	s = begin(&l, &d);
	FUZZ_CHECK(s->repo->nsolvables == (changed ? 0 : 2));
	FUZZ_CHECK(learned_has(s, "a.rpm", IDENTITY) == !changed);
	FUZZ_CHECK(!learned_has(s, "a.rpm", "another"));
	FUZZ_CHECK(learned_has_all(s, IDENTITY) == !changed);
	learned_end(s, 0);
	end(&l);
}
