/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_WHEN_H
#define PUTBACK_CMD_WHEN_H
/*
 * Points in time as people type them:
 *
 *	2026-11-01            the beginning of that day, as find and journalctl take it
 *	2026-11-01 14:00      also 14:00:30, and with a T between the two
 *	yesterday, today      the beginning of that day; also `yesterday 14:00`
 *	3 days ago            minutes, hours, days, weeks
 *	@1793545200           seconds since the epoch
 *
 * Local time ($TZ, else this system's zone: the one in which all times are shown), unless the zone
 * stands behind: Z, UTC, +01:00, +0100.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* now: what today and ago start from. ERR_USAGE: none of the above, or no such day. */
_must_check_ int when_parse(const char *text, int64_t now, int64_t *ret,
			    struct error *err);
/* "2026-11-01 14:00 CET", with seconds where there are some; local time. The caller frees. */
char *when_string(int64_t seconds);

#endif
