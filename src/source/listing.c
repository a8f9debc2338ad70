/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/listing.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"

/* What browsers take for a blank between attributes. */
#define BLANKS " \t\r\n\f"

static int hex(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *at = strchr(digits, c);

	return c && at ? (int)((at - digits) % 16) : -1;
}

/* The value of a link as a name: a slash at its end is none of it, nor are escapes. NULL: it leads elsewhere. */
static char *name_of(const char *link, size_t n)
{
	cleanup_buf struct buf b = {0};

	if (n >= 2 && !strncmp(link, "./", 2))
		link += 2, n -= 2;
	if (n && link[n - 1] == '/')
		n--;
	if (n > 3 * NAME_MAX || memchr(link, '/', n) || memchr(link, '?', n) ||
	    memchr(link, '#', n) || memchr(link, '&', n) || memchr(link, ':', n))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		int high = link[i] == '%' && i + 2 < n ? hex(link[i + 1]) : -1;
		int low = high >= 0 ? hex(link[i + 2]) : -1;

		buf_char(&b, low >= 0 ? (char)(high * 16 + low) : link[i]);
		i += low >= 0 ? 2 : 0;
	}
	if (!b.n || b.n > NAME_MAX || strlen(b.s) != b.n || strchr(b.s, '/') ||
	    !strcmp(b.s, ".") || !strcmp(b.s, ".."))
		return NULL;
	return buf_steal(&b);
}

/* The next value of an attribute href from *at on: its length, and *at is behind it; or NULL. */
static const char *next_link(const char **at, size_t *ret_n)
{
	const char *ends;

	for (const char *p = *at; *p; p++) {
		if ((*p != 'h' && *p != 'H') ||
		    strncasecmp(p, "href", strlen("href")) != 0)
			continue;
		p += strlen("href") - 1;
		if (p[1 + strspn(p + 1, BLANKS)] != '=')
			continue;
		p += 1 + strspn(p + 1, BLANKS);
		p += 1 + strspn(p + 1, BLANKS);
		ends = *p == '"' ? "\"" : *p == '\'' ? "'" : BLANKS ">";
		p += *p == '"' || *p == '\'';
		*ret_n = strcspn(p, ends);
		*at = p + *ret_n;
		return p;
	}
	return NULL;
}

void listing_read(const char *html, struct strlist *ret)
{
	const char *link;
	size_t n;

	while ((link = next_link(&html, &n))) {
		char *name = name_of(link, n);

		if (name)
			strlist_take(ret, name);
	}
	strlist_sort_unique(ret);
}
