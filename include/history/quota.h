/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_QUOTA_H
#define PUTBACK_HISTORY_QUOTA_H
/*
 * What one record of a root may cost, all its files together: rows and text that are kept in memory, and
 * time. Ten years of daily updates come to a tenth of it.
 */
#include "base/dbguard.h"
#include "core/event.h"

#define QUOTA_ROWS_MAX	1000000u
#define QUOTA_BYTES_MAX (64ull << 20)
#define QUOTA_STEPS_MAX 200000000u /* of SQLite: seconds */

struct quota {
	const struct observer *observer;
	struct dbguard guard;
	uint64_t rows, bytes;
};

/* o may be NULL. */
void quota_init(struct quota *q, const struct observer *o);
/* One more row, of that many bytes of text. -1: that is too much. */
_must_check_ int quota_take(struct quota *q, uint64_t bytes, struct error *err);

#endif
