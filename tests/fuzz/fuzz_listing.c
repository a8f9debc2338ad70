/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* The page by which a server lists a folder: names that stay within it come out, each once. */

#include <limits.h>
#include <string.h>

#include "fuzz.h"
#include "source/listing.h"

FUZZ_TARGET(listing)
{
	struct strlist l = {0};

	listing_read(fuzz_text(data, n), &l);
	for (uint32_t i = 0; i < l.n; i++)
		FUZZ_CHECK(*l.v[i] && !strchr(l.v[i], '/') && strcmp(l.v[i], "..") != 0 &&
			   strlen(l.v[i]) <= NAME_MAX &&
			   (!i || strcmp(l.v[i - 1], l.v[i]) < 0));
	strlist_release(&l);
}
