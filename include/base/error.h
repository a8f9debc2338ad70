/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_ERROR_H
#define PUTBACK_BASE_ERROR_H
/*
 * The error object: last parameter of every call that can fail.
 *
 * On success it is untouched. On failure the call returns -1 (or NULL) and the object holds a
 * kind and a whole message that names the thing it speaks of. One expression fails:
 *
 *	return err_errno(err, "cannot open '%s'", path);
 *
 * A caller adds context once, in front: err_prefix(err, "staging %s", nevra).
 * Kind, exit code and name stand in the one table below.
 */
#include <stdarg.h>

#include "base/macros.h"

/* kind, exit code of the program, name as it appears in JSON */
#define ERROR_KINDS(X)                                                                       \
	X(ERR_NONE, 0, "none")                                                               \
	X(ERR_FAILED, 1, "failed")             /* the root is as it was */                   \
	X(ERR_USAGE, 2, "usage")                                                             \
	X(ERR_UNAVAILABLE, 4, "unavailable")   /* a wanted package is in no source */        \
	X(ERR_REFUSED, 5, "refused")           /* space, dependencies, edits, mounts */      \
	X(ERR_UNFINISHED, 6, "unfinished")     /* an unfinished transaction is in the way */ \
	X(ERR_WARNINGS, 7, "warnings")         /* done, but not without remarks */           \
	X(ERR_LOCKED, 8, "locked")             /* another putback or rpm holds the root */   \
	X(ERR_UNTRUSTED, 9, "untrusted")       /* signature or digest bad, key not trusted */ \
	X(ERR_HALFWAY, 10, "halfway")          /* run recover; nothing is lost */

enum error_kind {
#define X(kind, code, name) kind,
	ERROR_KINDS(X)
#undef X
};

struct error {
	enum error_kind kind;
	int sys; /* errno behind it, 0 if none */
	char *msg;
};

#define ERROR_INIT ((struct error){ ERR_NONE, 0, NULL })

/* Always -1, so that a failing function can return it. Replaces what err held. err may be NULL. */
int err_set(struct error *err, enum error_kind kind, const char *fmt, ...) _printf_(3, 4);
/* As err_set with ERR_FAILED, ": strerror(errno)" appended. Keeps errno. */
int err_errno(struct error *err, const char *fmt, ...) _printf_(2, 3);
/* Puts "text: " in front of the message. Always -1. */
int err_prefix(struct error *err, const char *fmt, ...) _printf_(2, 3);
#if defined(__clang_analyzer__) || defined(__cppcheck__)
/* they look at one file at a time, and cannot know what these return */
#define err_set(...)	((void)(err_set)(__VA_ARGS__), -1)
#define err_errno(...)	((void)(err_errno)(__VA_ARGS__), -1)
#define err_prefix(...) ((void)(err_prefix)(__VA_ARGS__), -1)
#endif
/* Moves src into dst (which may be NULL); src is empty afterwards. */
void err_move(struct error *dst, struct error *src);
void err_release(struct error *err);

int error_exit_code(enum error_kind kind);
const char *error_kind_name(enum error_kind kind);
/* What a process says that may be in a stranger's hands: one under which nothing was changed, else ERR_FAILED. */
enum error_kind error_kind_of_stranger(int kind);

#define cleanup_error __attribute__((cleanup(err_release)))

#endif
