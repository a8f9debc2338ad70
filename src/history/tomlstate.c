/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/tomlstate.h"

#include <stdbool.h>
#include <string.h>

/* "KEY" = ...: where the key ends, or NULL. Keys here have neither quotes nor backslashes in them. */
static const char *key_end(const char *line)
{
	const char *end = *line == '"' ? strpbrk(line + 1, "\"\\") : NULL;
	const char *p = end && *end == '"' ? end + 1 : NULL;

	if (!p)
		return NULL;
	p += strspn(p, " ");
	return *p == '=' && strchr(p, '{') && strchr(p, '}') ? end : NULL;
}

static void split(struct tomlstate *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			strlist_take(&s->lines, xstrndup(text, n));
		text += n + (text[n] == '\n');
	}
}

int tomlstate_read(struct tomlstate *s, const char *text, const char *table,
		   struct error *err)
{
	cleanup_free char *head = xasprintf("[%s]", table);

	split(s, text);
	while (s->first < s->lines.n && *s->lines.v[s->first] != '[') {
		const char *line = s->lines.v[s->first++];

		if (!strncmp(line, "version", 7) && !strstr(line, "\"1.0\""))
			return err_set(err, ERR_FAILED,
				       "of a version that is not known here: %s", line);
	}
	if (s->first == s->lines.n || strcmp(s->lines.v[s->first], head) != 0)
		return err_set(err, ERR_FAILED, "damaged: it has no table '%s'", table);
	s->first++;
	for (uint32_t i = s->first; i < s->lines.n; i++)
		if (!key_end(s->lines.v[i]))
			return err_set(err, ERR_FAILED,
				       "of a form that is not known here: '%s'",
				       s->lines.v[i]);
	return 0;
}

char *tomlstate_key(const struct tomlstate *s, uint32_t i)
{
	const char *line;

	if (s->first + i >= s->lines.n)
		return NULL;
	line = s->lines.v[s->first + i];
	return xstrndup(line + 1, (size_t)(key_end(line) - line) - 1);
}

/* The first line whose key is not less; *ret_same: it is the same. */
static uint32_t find(const struct tomlstate *s, const char *key, bool *ret_same)
{
	uint32_t i = 0;

	*ret_same = false;
	for (;; i++) {
		cleanup_free char *other = tomlstate_key(s, i);
		int d = other ? strcmp(other, key) : 1;

		if (other && d < 0)
			continue;
		*ret_same = d == 0;
		return s->first + i;
	}
}

void tomlstate_remove(struct tomlstate *s, const char *key)
{
	bool same;
	uint32_t at = find(s, key, &same);

	if (!same)
		return;
	free(s->lines.v[at]);
	s->lines.n--;
	memmove(s->lines.v + at, s->lines.v + at + 1,
		(s->lines.n - at) * sizeof(*s->lines.v));
}

void tomlstate_set(struct tomlstate *s, const char *key, const char *field,
		   const char *value)
{
	uint32_t at;
	bool same;
	char *line = xasprintf("\"%s\" = {%s = \"%s\"}", key, field, value);

	tomlstate_remove(s, key);
	at = find(s, key, &same);
	strlist_take(&s->lines, line);
	memmove(s->lines.v + at + 1, s->lines.v + at,
		(s->lines.n - 1 - at) * sizeof(*s->lines.v));
	s->lines.v[at] = line;
}

void tomlstate_write(const struct tomlstate *s, struct buf *ret)
{
	for (uint32_t i = 0; i < s->lines.n; i++)
		buf_printf(ret, "%s\n", s->lines.v[i]);
}

void tomlstate_release(struct tomlstate *s)
{
	strlist_release(&s->lines);
	memset(s, 0, sizeof(*s));
}
