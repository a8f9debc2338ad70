/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_WORD_H
#define PUTBACK_CMD_WORD_H
/* Single words of a command line: numbers, quoting, slips of the finger. */
#include <stdint.h>

#include "base/macros.h"

/* "a positive number": 0, or -1 */
int word_number(const char *s, int64_t *ret);
/* A word as a shell takes it: quoted only where it must be. The caller frees. */
char *word_quote(const char *word);
/* The name among n that is nearest to a mistyped word, or NULL where none is near. */
const char *word_nearest(const char *word, const char *const *names, uint32_t n);

#endif
