/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/problems.h"

#include <stdarg.h>

#include "base/macros.h"

static const char *const names[] = {
#define X(id, name) [id] = name,
	PROBLEM_KINDS(X)
#undef X
};

const char *problem_kind_name(enum problem_kind k)
{
	return k < ELEMENTSOF(names) ? names[k] : "?";
}

void problems_add(struct problems *p, enum problem_kind kind, enum severity severity,
		  const char *subject, const char *fmt, ...)
{
	struct problem *x;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	x = array_push(&p->list);
	x->kind = kind;
	x->severity = severity;
	x->subject = arena_strdup(&p->mem, subject);
	x->text = arena_strdup(&p->mem, text);
	free(text);
}

int problems_worst(const struct problems *p)
{
	const struct problem *x;
	int worst = -1;

	array_foreach(x, &p->list)
		worst = MAX(worst, (int)x->severity);
	return worst;
}

void problems_release(struct problems *p)
{
	array_release(&p->list);
	arena_release(&p->mem);
}
