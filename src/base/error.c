/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include "base/error.h"
/* the functions, and not what stands for them where analyzers look */
#undef err_set
#undef err_errno
#undef err_prefix

static const struct {
	int exit_code;
	const char *name;
} kinds[] = {
#define X(kind, code, text) [kind] = {code, text},
	ERROR_KINDS(X)
#undef X
};

/* Takes msg. The old message goes last: it may have been an argument of the new one. */
static void put(struct error *err, enum error_kind kind, int sys, char *msg)
{
	free(err->msg);
	err->kind = kind;
	err->sys = sys;
	err->msg = msg;
}

int err_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	put(err, kind, 0, xvasprintf(fmt, ap));
	va_end(ap);
	errno = saved;
	return -1;
}

int err_errno(struct error *err, const char *fmt, ...)
{
	int saved = errno;
	cleanup_free char *text = NULL;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	errno = saved;
	put(err, ERR_FAILED, saved, xasprintf("%s: %m", text));
	errno = saved;
	return -1;
}

int err_prefix(struct error *err, const char *fmt, ...)
{
	int saved = errno;
	cleanup_free char *text = NULL;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	put(err, err->kind, err->sys,
	    xasprintf("%s: %s", text, err->msg ? err->msg : ""));
	errno = saved;
	return -1;
}

void err_move(struct error *dst, struct error *src)
{
	if (dst == src)
		return;
	if (dst) {
		free(dst->msg);
		*dst = *src;
	} else {
		free(src->msg);
	}
	*src = ERROR_INIT;
}

void err_release(struct error *err)
{
	free(err->msg);
	*err = ERROR_INIT;
}

int error_exit_code(enum error_kind kind)
{
	if ((size_t)kind >= ELEMENTSOF(kinds))
		BUG("error kind %d", (int)kind);
	return kinds[kind].exit_code;
}

const char *error_kind_name(enum error_kind kind)
{
	if ((size_t)kind >= ELEMENTSOF(kinds))
		BUG("error kind %d", (int)kind);
	return kinds[kind].name;
}

enum error_kind error_kind_of_stranger(int kind)
{
	switch (kind) {
	case ERR_USAGE:
	case ERR_UNAVAILABLE:
	case ERR_REFUSED:
	case ERR_LOCKED:
	case ERR_UNTRUSTED: return (enum error_kind)kind;
	default: return ERR_FAILED;
	}
}
