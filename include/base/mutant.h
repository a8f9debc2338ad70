/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_MUTANT_H
#define PUTBACK_BASE_MUTANT_H
/*
 * Mistakes that tests/crash must notice. MUTANT("name") is whether the environment of a build with
 * --enable-failpoints asks for the one (PUTBACK_MUTANT=name); in any other build it is the constant 0:
 *
 *	if (!MUTANT("ready-unsynced") && finish_sync(t, err) < 0)
 *		return -1;
 */
#ifdef ENABLE_FAILPOINTS

#include <stdlib.h>
#include <string.h>

static inline _Bool mutant_is(const char *name)
{
	const char *wanted = getenv("PUTBACK_MUTANT");

	return wanted && !strcmp(wanted, name);
}

#define MUTANT(name) mutant_is(name)

#else

#define MUTANT(name) 0

#endif
#endif
