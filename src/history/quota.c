/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "history/quota.h"

#include "base/macros.h"

static bool is_stopped(const void *observer)
{
	return observer_stop(observer);
}

void quota_init(struct quota *q, const struct observer *o)
{
	*q = (struct quota){
		.observer = o,
		.guard = {.stop = is_stopped, .ctx = o, .most = QUOTA_STEPS_MAX}};
}

int quota_take(struct quota *q, uint64_t bytes, struct error *err)
{
	static const char why[] =
		"more than a package manager comes to, and is not read; what other records of "
		"the root say still counts";

	q->rows++;
	q->bytes += bytes;
	if (q->rows > QUOTA_ROWS_MAX)
		return err_set(err, ERR_FAILED, "it has over %u rows, %s", QUOTA_ROWS_MAX,
			       why);
	if (q->bytes > QUOTA_BYTES_MAX)
		return err_set(err, ERR_FAILED, "it has over %llu MiB of text, %s",
			       QUOTA_BYTES_MAX >> 20, why);
	return 0;
}
