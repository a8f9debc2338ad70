/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_BUF_H
#define PUTBACK_BASE_BUF_H
/* A growing byte string, always NUL-terminated behind its length. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct buf {
	char *s; /* never NULL after the first addition */
	size_t n, cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
void buf_clear(struct buf *b);
char *buf_steal(struct buf *b); /* the caller frees; never NULL */
void buf_release(struct buf *b);

/*
 * Bytes of unknown origin made fit for a terminal or a log: control characters, line separators,
 * changes of writing direction and bytes that are not UTF-8 become \n, \t, \\ or \xHH; the rest stays as it is.
 */
void buf_quoted(struct buf *b, const char *s);
/* The same as a string of its own; the caller frees. */
char *quoted(const char *s);
/* As buf_quoted, but a backslash stays one: for text whose foreign parts may be quoted already. */
void buf_printable(struct buf *b, const char *s);
/* JSON that says the same, with what a terminal would obey rather than show as \uXXXX. */
void buf_json(struct buf *b, const char *json);
/* Whether s is UTF-8 from end to end (no surrogates, no overlong forms). */
int utf8_is_valid(const char *s);

void buf_hex(struct buf *b, const void *p, size_t n);
/* The n bytes that 2n digits stand for; false where one is none, and then ret is anything. */
bool buf_unhex(const char *digits, uint8_t *ret, size_t n);
/* "1.4 GiB"; one of eight buffers of the thread, used in turn */
const char *human_size(unsigned long long bytes);

#define cleanup_buf __attribute__((cleanup(buf_release)))

#endif
