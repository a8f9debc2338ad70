/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_INI_H
#define PUTBACK_BASE_INI_H
/*
 * Configuration files of package managers: [section], "key = value" or "key: value", comments
 * after # or ; at the start of a line, values that go on in indented lines. What is no such line is
 * passed over.
 */
#include <stddef.h>

/* Calls fn for each key, in order; a value's lines are joined by "\n". Keys before the first
 * section have section "". The strings are good during the call only. */
typedef void (*ini_fn)(void *ctx, const char *section, const char *key,
		       const char *value);
void ini_parse(const char *text, size_t n, ini_fn fn, void *ctx);

/* The last value of a key in a section, as package managers read it; NULL: none. The caller frees. */
char *ini_value(const char *text, size_t n, const char *section, const char *key);

#endif
