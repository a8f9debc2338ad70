/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Room for n more bytes and the NUL behind them. */
static void reserve(struct buf *b, size_t n)
{
	size_t want, cap = b->cap ? b->cap : 64;

	if (__builtin_add_overflow(b->n, n, &want) || want > SIZE_MAX / 4)
		BUG("a buffer of %zu and %zu bytes", b->n, n);
	if (want + 1 <= b->cap)
		return;
	while (cap < want + 1)
		cap *= 2;
	b->s = xrealloc(b->s, cap, 1);
	b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->s + b->n, p, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	cleanup_free char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	buf_str(b, s);
}

void buf_clear(struct buf *b)
{
	reserve(b, 0);
	b->n = 0;
	b->s[0] = '\0';
}

char *buf_steal(struct buf *b)
{
	char *s = b->s ? b->s : xstrdup("");

	*b = (struct buf){0};
	return s;
}

void buf_release(struct buf *b)
{
	free(b->s);
	*b = (struct buf){0};
}

/*
 * Length of the UTF-8 sequence that s begins with, and its code point; 0 where there is none.
 * Source: RFC 3629, section 4. The NUL at the end of s ends any sequence.
 */
static int sequence(const unsigned char *s, uint32_t *ret_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t point;
	int len;

	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	if ((s[0] & 0xe0) == 0xc0)
		len = 2, point = s[0] & 0x1f;
	else if ((s[0] & 0xf0) == 0xe0)
		len = 3, point = s[0] & 0x0f;
	else if ((s[0] & 0xf8) == 0xf0)
		len = 4, point = s[0] & 0x07;
	else
		return 0;
	for (int i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return len;
}

/* What a terminal obeys rather than shows: controls, line separators, changes of direction. */
static bool obeyed(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       point == 0x200e || point == 0x200f ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

static void quote(struct buf *b, const char *text, bool backslash)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		uint32_t point = 0;
		int len = sequence(s, &point);

		if (*s == '\n')
			buf_str(b, "\\n");
		else if (*s == '\t')
			buf_str(b, "\\t");
		else if (*s == '\\' && backslash)
			buf_str(b, "\\\\");
		else if (len && !obeyed(point))
			buf_add(b, s, len);
		else
			for (int i = 0; i < MAX(len, 1); i++)
				buf_printf(b, "\\x%02x", s[i]);
		s += MAX(len, 1);
	}
	buf_add(b, NULL, 0);
}

void buf_quoted(struct buf *b, const char *s)
{
	quote(b, s, true);
}

void buf_printable(struct buf *b, const char *s)
{
	quote(b, s, false);
}

/* Beyond ASCII there are only strings in it, and in these what is below U+0020 is escaped already. */
void buf_json(struct buf *b, const char *json)
{
	const unsigned char *s = (const unsigned char *)json;

	while (*s) {
		uint32_t point = 0;
		int len = sequence(s, &point);

		if (len && point >= 0x7f && obeyed(point))
			buf_printf(b, "\\u%04x", point);
		else
			buf_add(b, s, MAX(len, 1));
		s += MAX(len, 1);
	}
}

char *quoted(const char *s)
{
	struct buf b = {0};

	buf_quoted(&b, s);
	return buf_steal(&b);
}

int utf8_is_valid(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		uint32_t point;
		int len = sequence(s, &point);

		if (!len)
			return 0;
		s += len;
	}
	return 1;
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	buf_add(b, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[bytes[i] >> 4]);
		buf_char(b, digits[bytes[i] & 15]);
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool buf_unhex(const char *digits, uint8_t *ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(digits[2 * i]);
		int low = high < 0 ? -1 : hex_digit(digits[2 * i + 1]);

		if (low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

const char *human_size(unsigned long long bytes)
{
	static _Thread_local char texts[8][16];
	static _Thread_local unsigned next;
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	char *text = texts[next++ % ELEMENTSOF(texts)];
	double v = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(text, sizeof(texts[0]), "%llu B", bytes);
		return text;
	}
	for (; v >= 1023.5 && unit + 1 < ELEMENTSOF(units); unit++)
		v /= 1024;
	snprintf(text, sizeof(texts[0]), v < 99.95 ? "%.1f %s" : "%.0f %s", v,
		 units[unit]);
	return text;
}
