/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/tomlstate.h"

#include <string.h>

#define BARE                         \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

bool tomlstate_is_plain(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return utf8_is_valid(s);
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* The key that a text begins with: where it ends, or NULL. Quoted ones here have nothing escaped in them. */
static const char *take_key(const char *text, char **ret)
{
	const char *from = text + (*text == '"');
	size_t n = *text == '"' ? strcspn(from, "\"\\") : strspn(from, BARE);

	if (!n || (*text == '"' && from[n] != '"'))
		return NULL;
	*ret = xstrndup(from, n);
	return from + n + (*text == '"');
}

static bool is_header(const char *line)
{
	return *line == '[';
}

/* [TABLE.KEY] */
static bool is_own_table(const struct tomlstate *s, const char *line, char **ret_key)
{
	size_t n = strlen(s->table);
	const char *end = NULL;

	if (!strncmp(line + 1, s->table, n) && line[1 + n] == '.')
		end = take_key(line + 2 + n, ret_key);
	return end && !strcmp(end, "]");
}

/* KEY = {...} */
static bool is_inline(const char *line, char **ret_key)
{
	const char *p = take_key(line, ret_key);
	size_t n = strlen(line);

	if (!p)
		return false;
	p += strspn(p, " ");
	return *p == '=' && strchr(p, '{') && line[n - 1] == '}';
}

static int add_entry(struct tomlstate *s, const char *line, struct error *err)
{
	struct tomlstate_entry e = {0};
	bool tables = is_header(line);

	if (!(tables ? is_own_table(s, line, &e.key) : is_inline(line, &e.key)) ||
	    (s->entries.n && tables != s->tables)) {
		free(e.key);
		return err_set(err, ERR_FAILED, "of a form that is not known here: '%s'",
			       line);
	}
	s->tables = tables;
	e.text = xstrdup(line);
	array_add(&s->entries, e);
	return 0;
}

/* The further lines of an entry that is a table, from line i on. The index of the line behind them. */
static uint32_t add_lines(struct tomlstate_entry *e, const struct strlist *lines,
			  uint32_t i)
{
	struct buf b = {0};

	buf_str(&b, e->text);
	for (; i < lines->n && !is_header(lines->v[i]); i++)
		buf_printf(&b, "\n%s", lines->v[i]);
	free(e->text);
	e->text = buf_steal(&b);
	return i;
}

static int read_head(struct tomlstate *s, const struct strlist *lines, uint32_t *ret_end,
		     struct error *err)
{
	cleanup_free char *head = xasprintf("[%s]", s->table);
	uint32_t i = 0;

	for (; i < lines->n && !is_header(lines->v[i]); i++) {
		const char *line = lines->v[i];

		if (!strncmp(line, "version", 7) && !strstr(line, "\"1.0\""))
			return err_set(err, ERR_FAILED,
				       "of a version that is not known here: %s", line);
		strlist_add(&s->head, line);
	}
	if (i == lines->n || strcmp(lines->v[i], head) != 0)
		return err_set(err, ERR_FAILED, "damaged: it has no table '%s'",
			       s->table);
	strlist_add(&s->head, head);
	*ret_end = i + 1;
	return 0;
}

static void split(const char *text, struct strlist *ret)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			strlist_take(ret, xstrndup(text, n));
		text += n + (text[n] == '\n');
	}
}

/* Which TOML does not have, so that dnf does not read it either. */
static int refuse_twice(const struct tomlstate *s, struct error *err)
{
	struct strlist keys = {0};
	int rc = 0;

	for (uint32_t i = 0; i < s->entries.n; i++)
		strlist_add(&keys, s->entries.v[i].key);
	strlist_sort(&keys);
	for (uint32_t i = 1; i < keys.n && rc == 0; i++)
		if (!strcmp(keys.v[i - 1], keys.v[i]))
			rc = err_set(err, ERR_FAILED, "damaged: it has '%s' twice",
				     keys.v[i]);
	strlist_release(&keys);
	return rc;
}

int tomlstate_read(struct tomlstate *s, const char *text, const char *table,
		   struct error *err)
{
	struct strlist lines = {0};
	uint32_t i = 0;
	int rc;

	s->table = xstrdup(table);
	s->spaced = strstr(text, "\n\n");
	split(text, &lines);
	rc = read_head(s, &lines, &i, err);
	while (rc == 0 && i < lines.n) {
		rc = add_entry(s, lines.v[i++], err);
		if (rc == 0 && s->tables)
			i = add_lines(&s->entries.v[s->entries.n - 1], &lines, i);
	}
	strlist_release(&lines);
	return rc < 0 ? -1 : refuse_twice(s, err);
}

/* --- editing ---------------------------------------------------------------------------------------- */

const char *tomlstate_key(const struct tomlstate *s, uint32_t i)
{
	return i < s->entries.n ? s->entries.v[i].key : NULL;
}

/* *ret_same: its place. Else where it belongs: before the first that is not less. They may be in any order. */
static uint32_t find(const struct tomlstate *s, const char *key, bool *ret_same)
{
	uint32_t i = 0;

	*ret_same = true;
	for (; i < s->entries.n; i++)
		if (!strcmp(s->entries.v[i].key, key))
			return i;
	*ret_same = false;
	for (i = 0; i < s->entries.n && strcmp(s->entries.v[i].key, key) < 0;)
		i++;
	return i;
}

static void free_entry(struct tomlstate_entry *e)
{
	free(e->key);
	free(e->text);
}

void tomlstate_remove(struct tomlstate *s, const char *key)
{
	bool same;
	uint32_t at = find(s, key, &same);

	if (!same)
		return;
	free_entry(&s->entries.v[at]);
	s->entries.n--;
	memmove(s->entries.v + at, s->entries.v + at + 1,
		(s->entries.n - at) * sizeof(*s->entries.v));
}

static char *entry_text(const struct tomlstate *s, const char *key,
			const struct tomlstate_field *fields, size_t n)
{
	const char *quote = key[strspn(key, BARE)] ? "\"" : "";
	struct buf b = {0};

	buf_printf(&b, s->tables ? "[%s.%s%s%s]" : "%s%s%s%s = {",
		   s->tables ? s->table : "", quote, key, quote);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s = %s",
			   s->tables ? "\n"
			   : i	     ? ", "
				     : "",
			   fields[i].name, fields[i].value);
	if (!s->tables)
		buf_char(&b, '}');
	return buf_steal(&b);
}

void tomlstate_put(struct tomlstate *s, const char *key, bool tables,
		   struct tomlstate_field *fields, size_t n)
{
	struct tomlstate_entry e = {.key = xstrdup(key)};
	uint32_t at;
	bool same;

	tomlstate_remove(s, key);
	if (!s->entries.n)
		s->tables = tables;
	e.text = entry_text(s, key, fields, n);
	for (size_t i = 0; i < n; i++)
		free(fields[i].value);
	at = find(s, key, &same);
	array_add(&s->entries, e);
	memmove(s->entries.v + at + 1, s->entries.v + at,
		(s->entries.n - 1 - at) * sizeof(*s->entries.v));
	s->entries.v[at] = e;
}

void tomlstate_set(struct tomlstate *s, const char *key, const char *field,
		   const char *value)
{
	struct tomlstate_field f = {field, xasprintf("\"%s\"", value)};

	tomlstate_put(s, key, false, &f, 1);
}

/* --- writing ---------------------------------------------------------------------------------------- */

void tomlstate_write(const struct tomlstate *s, struct buf *ret)
{
	for (uint32_t i = 0; i < s->head.n; i++)
		buf_printf(ret, "%s%s\n",
			   s->spaced && i + 1 == s->head.n && i ? "\n" : "",
			   s->head.v[i]);
	for (uint32_t i = 0; i < s->entries.n; i++)
		buf_printf(ret, "%s\n%s", s->entries.v[i].text,
			   s->spaced && (s->tables || i + 1 == s->entries.n) ? "\n" : "");
}

void tomlstate_release(struct tomlstate *s)
{
	for (uint32_t i = 0; i < s->entries.n; i++)
		free_entry(&s->entries.v[i]);
	array_release(&s->entries);
	strlist_release(&s->head);
	free(s->table);
	memset(s, 0, sizeof(*s));
}
