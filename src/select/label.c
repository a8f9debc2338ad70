/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/label.h"

#include <stdlib.h>
#include <string.h>

/* "12:rest": 12, and *s goes on to the rest; else EPOCH_NONE */
static int64_t take_epoch(const char **s)
{
	size_t digits = strspn(*s, "0123456789");
	int64_t epoch;

	if (digits == 0 || digits > 10 || (*s)[digits] != ':')
		return EPOCH_NONE;
	epoch = strtoll(*s, NULL, 10);
	*s += digits + 1;
	return epoch;
}

/* The last dash before end that has something on both sides, or NULL. */
static const char *last_dash(const char *text, const char *end)
{
	for (const char *p = end - 1; p > text; p--)
		if (*p == '-' && p + 1 < end)
			return p;
	return NULL;
}

static void add(struct labels *l, const char *name, size_t n, struct label rest)
{
	rest.name = arena_strndup(&l->mem, name, n);
	array_add(&l->list, rest);
}

/* name, name-version and name-version-release of text[0..n) */
static void parse_arch(struct labels *l, const char *text, size_t n, int64_t epoch,
		       const char *arch)
{
	const char *end = text + n, *dash = last_dash(text, end), *version, *dash2;
	struct label rest = {.arch = arch, .epoch = epoch};

	if (n == 0)
		return;
	add(l, text, n, rest);
	if (!dash)
		return;
	version = arena_strndup(&l->mem, dash + 1, (size_t)(end - dash) - 1);
	rest.version = version;
	if (epoch == EPOCH_NONE)
		rest.epoch = take_epoch(&rest.version);
	if (*rest.version)
		add(l, text, (size_t)(dash - text), rest);
	dash2 = last_dash(text, dash);
	if (!dash2)
		return;
	rest.release = version;
	rest.version = arena_strndup(&l->mem, dash2 + 1, (size_t)(dash - dash2) - 1);
	rest.epoch = epoch;
	if (epoch == EPOCH_NONE)
		rest.epoch = take_epoch(&rest.version);
	if (*rest.version)
		add(l, text, (size_t)(dash2 - text), rest);
}

static void parse_all(struct labels *l, const char *text, int64_t epoch)
{
	const char *dot = strrchr(text, '.');

	parse_arch(l, text, strlen(text), epoch, NULL);
	if (dot && dot[1])
		parse_arch(l, text, (size_t)(dot - text), epoch,
			   arena_strdup(&l->mem, dot + 1));
}

void labels_parse(const char *text, struct labels *ret)
{
	struct labels l = {0};
	const char *rest = text;
	int64_t epoch;

	parse_all(&l, text, EPOCH_NONE);
	epoch = take_epoch(&rest);
	if (epoch != EPOCH_NONE)
		parse_all(&l, rest, epoch);
	*ret = l;
}

void labels_release(struct labels *l)
{
	array_release(&l->list);
	arena_release(&l->mem);
}

bool label_matches(const struct label *l, const struct nevra *n)
{
	return !strcmp(l->name, n->name) &&
	       (!l->version || !strcmp(l->version, n->version)) &&
	       (!l->release || !strcmp(l->release, n->release)) &&
	       (!l->arch || !strcmp(l->arch, n->arch)) &&
	       (l->epoch == EPOCH_NONE ||
		l->epoch == (n->epoch == EPOCH_NONE ? 0 : n->epoch));
}
