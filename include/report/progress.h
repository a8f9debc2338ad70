/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_PROGRESS_H
#define PUTBACK_REPORT_PROGRESS_H
/*
 * Progress on stderr: a line that rewrites itself on a terminal (bytes, files, rate, time left),
 * a line now and then on a dumb one, nothing where stderr is no terminal.
 */
#include "core/event.h"

struct progress;
struct progress *progress_new(bool quiet);
/* for struct observer.progress, ctx is the struct progress */
void progress_update(void *progress, enum phase phase, uint64_t done, uint64_t total,
		     bool bytes, uint64_t files);
/* for struct observer.from */
void progress_from(void *progress, enum phase phase, const char *who);
/* Clears the line so that other output can follow. */
void progress_pause(struct progress *p);
/* What clears the line when it is written to stderr, for a signal handler; "": there is none. */
const char *progress_erase(const struct progress *p);
void progress_free(struct progress *p);

#endif
