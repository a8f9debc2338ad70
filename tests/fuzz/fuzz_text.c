/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Names of the root on their way to a terminal and to JSON. */

#include "fuzz.h"

FUZZ_TARGET(text)
{
	const char *text = fuzz_text(data, n);
	cleanup_free char *shown = quoted(text);
	cleanup_buf struct buf line = {0};

	buf_printable(&line, text);
	for (const char *s = shown; *s; s++)
		FUZZ_CHECK((unsigned char)*s >= ' ' && *s != 0x7f);
	for (size_t i = 0; i < line.n; i++)
		FUZZ_CHECK((unsigned char)line.s[i] >= ' ' && line.s[i] != 0x7f);
	FUZZ_CHECK(utf8_is_valid(shown) && (!line.s || utf8_is_valid(line.s)));
}
