/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/event.h"

#include "base/macros.h"

static const char *const texts[] = {
#define X(id, text) [id] = text,
	PHASES(X)
#undef X
};

const char *phase_text(enum phase p)
{
	return p < ELEMENTSOF(texts) ? texts[p] : "?";
}

void observer_progress(const struct observer *o, enum phase phase, uint64_t done,
		       uint64_t total, bool bytes, uint64_t files)
{
	if (o && o->progress)
		o->progress(o->ctx, phase, done, total, bytes, files);
}

void observer_from(const struct observer *o, enum phase phase, const char *who)
{
	if (o && o->from)
		o->from(o->ctx, phase, who);
}

bool observer_stop(const struct observer *o)
{
	return o && o->stop && o->stop(o->ctx);
}
