/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/word.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int word_number(const char *s, int64_t *ret)
{
	char *end;
	long long n;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (*end || errno || n < 1)
		return -1;
	*ret = n;
	return 0;
}

char *word_quote(const char *word)
{
	struct buf b = {0};

	if (*word &&
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			 "-_./:=@%+,") == strlen(word))
		return xstrdup(word);
	buf_char(&b, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_str(&b, "'\\''");
		else
			buf_char(&b, *word);
	}
	buf_char(&b, '\'');
	return buf_steal(&b);
}

/* Steps from a to b: insert, drop, change a letter (Levenshtein's distance). */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[64];

	if (n >= ELEMENTSOF(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

const char *word_nearest(const char *word, const char *const *names, uint32_t n)
{
	const char *best = NULL;
	size_t least = strlen(word) / 3 + 1; /* further off is no slip of a finger */

	for (uint32_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		if (d <= least && (!best || d < distance(word, best)))
			best = names[i];
	}
	return best;
}
