/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_MACROS_H
#define PUTBACK_BASE_MACROS_H
/* Attributes, clean-up by scope, and transfer of ownership. */
#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#define _printf_(f, a) __attribute__((format(printf, f, a)))
#define _must_check_ __attribute__((warn_unused_result))
#define _noreturn_ __attribute__((noreturn))
#define _unused_ __attribute__((unused))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Ends the program: misuse of an interface, never bad input. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_noreturn_ void bug_at(const char *file, int line, const char *fmt, ...) _printf_(3, 4);

/* Allocation that aborts when memory runs out: the journal survives that as any crash. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t n);
char *xasprintf(const char *fmt, ...) _printf_(1, 2);
char *xvasprintf(const char *fmt, va_list ap) _printf_(1, 0);

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}
void cleanup_closep(int *fd);	 /* keeps errno */
void cleanup_closedirp(DIR **d); /* keeps errno */

#define cleanup_free __attribute__((cleanup(cleanup_freep)))
#define cleanup_close __attribute__((cleanup(cleanup_closep)))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedirp)))

#define steal_ptr(p)                                                                         \
	({                                                                                   \
		__typeof__(p) *steal_pp_ = &(p);                                             \
		__typeof__(p) steal_v_ = *steal_pp_;                                         \
		*steal_pp_ = NULL;                                                           \
		steal_v_;                                                                    \
	})
static inline int steal_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

#endif
