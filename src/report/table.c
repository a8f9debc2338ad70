/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <wchar.h>

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

#define GAP	  2u  /* blanks between columns */
#define MIN_WIDTH 12u /* what a column that is broken keeps */

/* Decodes one character of valid UTF-8. */
static size_t decode(const char *s, wchar_t *ret)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n, i;
	wchar_t c;

	if (u[0] < 0x80) {
		*ret = u[0];
		return 1;
	}
	n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	c = u[0] & (0xff >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			break;
		c = c << 6 | (u[i] & 0x3f);
	}
	*ret = c;
	return i;
}

static size_t columns_of(wchar_t c)
{
	int w = c < 0x80 ? 1 : wcwidth(c);

	return w < 0 ? 1 : (size_t)w; /* a locale that does not know it */
}

size_t table_width(const char *s)
{
	size_t width = 0;
	wchar_t c;

	while (*s) {
		s += decode(s, &c);
		width += columns_of(c);
	}
	return width;
}

size_t table_break(const char *s, size_t width)
{
	size_t at = 0, used = 0, blank = 0, mark = 0;
	wchar_t c;

	while (s[at]) {
		size_t n = decode(s + at, &c);
		size_t w = columns_of(c);

		if (used + w > width)
			return blank ? blank : mark ? mark : at ? at : n;
		at += n;
		used += w;
		if (c == ' ')
			blank = at;
		/* within a word, where half a line is not given away for it */
		else if (c < 0x80 && strchr("-/,.:", (int)c) && used * 2 > width)
			mark = at;
	}
	return at;
}

void table_add(struct table *t, const char *cell)
{
	strlist_take(&t->cells, quoted(cell && *cell ? cell : "-"));
}

void table_addf(struct table *t, const char *fmt, ...)
{
	cleanup_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	table_add(t, s);
}

static void blanks(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* Takes from the widest column that may be broken until the row fits. */
static void fit(const struct table *t, size_t *width, size_t limit)
{
	for (;;) {
		size_t total = 0;
		uint32_t widest = UINT32_MAX;

		for (uint32_t c = 0; c < t->n_columns; c++) {
			if (!width[c])
				continue;
			total += width[c] + (total ? GAP : 0);
			if (t->columns[c].how & (TABLE_FIXED | TABLE_RIGHT))
				continue;
			if (widest == UINT32_MAX || width[c] > width[widest])
				widest = c;
		}
		if (total <= limit || widest == UINT32_MAX || width[widest] <= MIN_WIDTH)
			return;
		width[widest] = MAX(MIN_WIDTH, width[widest] - MIN(total - limit, 4));
	}
}

static void print_row(const struct table *t, FILE *out, unsigned indent,
		      const size_t *width, char *const *cells)
{
	cleanup_free const char **rest = xcalloc(t->n_columns, sizeof(*rest));
	bool more = true;

	for (uint32_t c = 0; c < t->n_columns; c++)
		rest[c] = width[c] ? cells[c] : "";
	while (more) {
		size_t behind = indent; /* blanks that are owed */

		more = false;
		for (uint32_t c = 0; c < t->n_columns; c++) {
			size_t n, w = 0, pad;

			if (!width[c])
				continue;
			n = table_break(rest[c], width[c]);
			if (n) {
				cleanup_free char *part = xstrndup(rest[c], n);
				size_t end = n;

				while (rest[c][n] && end && part[end - 1] == ' ')
					part[--end] = '\0';
				w = table_width(part);
				pad = width[c] > w ? width[c] - w : 0;
				if (t->columns[c].how & TABLE_RIGHT) {
					behind += pad;
					pad = 0;
				}
				blanks(out, behind);
				fputs(part, out);
				behind = pad;
			} else {
				behind += width[c];
			}
			behind += GAP;
			rest[c] += n;
			more |= *rest[c] != '\0';
		}
		fputc('\n', out);
	}
}

void table_print(const struct table *t, FILE *out, unsigned indent)
{
	cleanup_free size_t *width = xcalloc(t->n_columns, sizeof(*width));
	cleanup_free char **titles = xcalloc(t->n_columns, sizeof(*titles));
	size_t limit = text_width(out);

	if (!t->cells.n)
		return;
	for (uint32_t i = 0; i < t->cells.n; i++) {
		if (strcmp(t->cells.v[i], "-"))
			width[i % t->n_columns] =
				MAX(width[i % t->n_columns], table_width(t->cells.v[i]));
	}
	for (uint32_t c = 0; c < t->n_columns; c++) {
		titles[c] = (char *)t->columns[c].title;
		if (width[c])
			width[c] = MAX(width[c], table_width(titles[c]));
	}
	if (limit)
		fit(t, width, limit > indent + 20 ? limit - indent : 20);
	print_row(t, out, indent, width, titles);
	for (uint32_t i = 0; i + t->n_columns <= t->cells.n; i += t->n_columns)
		print_row(t, out, indent, width, t->cells.v + i);
}

void table_release(struct table *t)
{
	strlist_release(&t->cells);
}
