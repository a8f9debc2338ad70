/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/fields.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static void decode(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && is_octal(s[2]) &&
		    is_octal(s[3])) {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
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
