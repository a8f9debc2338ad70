/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A text with variables of .repo files in it: the first line is the value of $a. */

#include <string.h>

#include "fuzz.h"
#include "source/repovars.h"

FUZZ_TARGET(repovars)
{
	char *text = fuzz_text(data, n), *end = strchr(text, '\n');
	cleanup_free char *got = NULL, *unknown = NULL;
	struct repovars v = {0};

	if (!end)
		return;
	*end = '\0';
	strlist_add(&v.names, "a");
	strlist_add(&v.values, text);
	strlist_add(&v.names, "empty");
	strlist_add(&v.values, "");
	got = repovars_expand(&v, end + 1, &unknown);
	/* each variable is named in the text, and gives one value */
	FUZZ_CHECK(got && strlen(got) <= (n + 1) * (n + 1));
	FUZZ_CHECK(!unknown || (*unknown && strstr(end + 1, unknown)));
	if (!strchr(end + 1, '$'))
		FUZZ_CHECK(!strcmp(got, end + 1));
	repovars_release(&v);
}
