/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/ini.h"

#include <string.h>

#include "base/buf.h"

struct reader {
	ini_fn fn;
	void *ctx;
	struct buf section, key, value; /* key is empty while no key is open */
};

/* text without white space at both ends, into b */
static void set_trimmed(struct buf *b, const char *s, size_t n)
{
	while (n && strchr(" \t\r", s[0]) && s[0])
		s++, n--;
	while (n && strchr(" \t\r", s[n - 1]) && s[n - 1])
		n--;
	buf_clear(b);
	buf_add(b, s, n);
}

static void end_key(struct reader *r)
{
	if (r->key.n)
		r->fn(r->ctx, r->section.s, r->key.s, r->value.s);
	buf_clear(&r->key);
	buf_clear(&r->value);
}

static void read_line(struct reader *r, const char *line, size_t n)
{
	cleanup_buf struct buf text = {0};
	const char *sign;

	set_trimmed(&text, line, n);
	if (text.n == 0 || text.s[0] == '#' || text.s[0] == ';')
		return;
	if ((line[0] == ' ' || line[0] == '\t') && r->key.n) {
		if (r->value.n)
			buf_char(&r->value, '\n');
		buf_str(&r->value, text.s);
		return;
	}
	end_key(r);
	if (text.s[0] == '[') {
		const char *end = strchr(text.s, ']');

		if (end)
			set_trimmed(&r->section, text.s + 1, (size_t)(end - text.s) - 1);
		return;
	}
	sign = strpbrk(text.s, "=:");
	if (!sign || sign == text.s)
		return;
	set_trimmed(&r->key, text.s, (size_t)(sign - text.s));
	set_trimmed(&r->value, sign + 1, text.n - (size_t)(sign - text.s) - 1);
}

void ini_parse(const char *text, size_t n, ini_fn fn, void *ctx)
{
	struct reader r = {.fn = fn, .ctx = ctx};

	buf_str(&r.section, "");
	buf_str(&r.key, "");
	buf_str(&r.value, "");
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;

		read_line(&r, text + at, len);
		at += len + 1;
	}
	end_key(&r);
	buf_release(&r.section);
	buf_release(&r.key);
	buf_release(&r.value);
}

struct wanted {
	const char *section, *key;
	char *value;
};

static void keep_wanted(void *ctx, const char *section, const char *key,
			const char *value)
{
	struct wanted *w = ctx;

	if (strcmp(section, w->section) || strcmp(key, w->key))
		return;
	free(w->value);
	w->value = xstrdup(value);
}

char *ini_value(const char *text, size_t n, const char *section, const char *key)
{
	struct wanted w = {.section = section, .key = key};

	ini_parse(text, n, keep_wanted, &w);
	return w.value;
}
