/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/fields.h"

/* The byte that "\NNN" stands for; 0: it is none, or one that no path holds. */
static char octal(const char *s)
{
	const char *const digits = "01234567";
	char c = 0;

	if (s[0] != '\\' || !s[1] || !strchr("0123", s[1]))
		return 0;
	for (int i = 1; i <= 3; i++) {
		if (!s[i] || !strchr(digits, s[i]))
			return 0;
		c = (char)(c << 3 | (s[i] - '0'));
	}
	return c;
}

static void decode(char *s)
{
	char *to = s;

	while (*s) {
		char c = octal(s);

		*to++ = c ? c : *s;
		s += c ? 4 : 1;
	}
	*to = '\0';
}

char *fields_next(char **text)
{
	char *field = *text ? *text + strspn(*text, " \t\r\n") : NULL, *end;

	if (!field || !*field)
		return NULL;
	end = field + strcspn(field, " \t\r\n");
	*text = *end ? end + 1 : end;
	*end = '\0';
	decode(field);
	return field;
}

bool fields_has_option(const char *options, const char *option)
{
	size_t n = strlen(option);

	for (;;) {
		size_t word = strcspn(options, ",");

		if (word == n && !strncmp(options, option, n))
			return true;
		if (!options[word])
			return false;
		options += word + 1;
	}
}
