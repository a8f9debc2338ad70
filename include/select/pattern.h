/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_PATTERN_H
#define PUTBACK_SELECT_PATTERN_H
/*
 * Packages by a pattern as a shell has it (fnmatch(3)), or by a text without one, which stands for
 * itself. It is held to name, name.arch, name-version, name-version-release,
 * name-version-release.arch, and to those with a version also with the epoch before it, as dnf does.
 */
#include "core/pkg.h"

bool pattern_is(const char *text); /* has * or ? or [ */
bool pattern_matches(const char *pattern, const struct nevra *id);
/* Of its name alone: name or name.arch. */
bool pattern_matches_name(const char *pattern, const struct nevra *id);

#endif
