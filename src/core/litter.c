/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/litter.h"

#include <stdlib.h>
#include <string.h>

#define HEX    "0123456789abcdef"
#define DIGITS 8

bool litter_is(const char *name, size_t *ret_len, int64_t *ret_tid)
{
	const char *semicolon = strrchr(name, ';');

	if (!semicolon || semicolon == name || semicolon[-1] == '/' ||
	    strspn(semicolon + 1, HEX) != DIGITS || semicolon[1 + DIGITS])
		return false;
	if (ret_len)
		*ret_len = (size_t)(semicolon - name);
	if (ret_tid)
		*ret_tid = (int64_t)strtoul(semicolon + 1, NULL, 16);
	return true;
}
