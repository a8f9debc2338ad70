/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_LOGFILE_H
#define PUTBACK_HISTORY_LOGFILE_H
/*
 * A text log of the root with all that logrotate and its like made of it, line by line, the oldest
 * first: NAME-DATE, then NAME.3, NAME.2, NAME.1, then NAME itself; each may be compressed (.gz, .bz2,
 * .xz, .zst).
 */
#include <stdint.h>

#include "base/error.h"
#include "base/root.h"
#include "history/history.h"

struct logline {
	char *text;    /* without its end; may be written to */
	bool is_first; /* of its file */
	int64_t mtime; /* of its file, seconds */
};

/*
 * dir: packaged path. Calls fn for each line. 1: there is such a log; 0: there is none; -1: one
 * cannot be read. Lines of more than 64 KiB are left out. Of all its files together the newest 64 MiB
 * (history/quota.h) are read, which bounds the packages in it; where there is more, h gets a remark.
 */
_must_check_ int logfile_read(struct root *r, const char *dir, const char *name,
			      void (*fn)(void *ctx, const struct logline *line),
			      void *ctx, struct history *h, struct error *err);

/* Whether s begins with word; *ret_rest: what follows. */
bool logfile_takes(const char *s, const char *word, const char **ret_rest);
/*
 * "2026-11-25T21:26:05+0000 ", with Z or nothing for the zone, a blank for the T: seconds, the zone
 * taken off. -1: it does not begin so. *ret_zone (may be NULL): whether it had one.
 */
int64_t logfile_time(const char *s, const char **ret_rest, bool *ret_zone);

#endif
