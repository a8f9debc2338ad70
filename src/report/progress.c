/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "report/progress.h"

#define REDRAW_MS 100
#define LINE_MS	  5000 /* between lines on a dumb terminal */
#define SILENT_MS 300  /* a phase shorter than this is not worth a line */
#define CLEAR_LINE "\r\033[K"
#define RATE_MS	  1000 /* before that a rate says nothing */

struct progress {
	pthread_mutex_t lock;
	bool silent, dumb;
	bool shown; /* something stands on the line */
	bool begun;
	enum phase phase, from_phase;
	char *from;		   /* whom that phase waits for, or NULL */
	int64_t phase_start, last; /* milliseconds */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct progress *progress_new(bool quiet)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	const char *term = getenv("TERM");

	pthread_mutex_init(&p->lock, NULL);
	p->silent = quiet || !isatty(STDERR_FILENO);
	p->dumb = !term || !*term || !strcmp(term, "dumb");
	return p;
}

static unsigned columns(void)
{
	struct winsize ws;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 20)
		return ws.ws_col;
	return 80;
}

static void add_time(struct buf *b, uint64_t seconds)
{
	if (seconds >= 3600)
		buf_printf(b, "%llu h %02llu min", (unsigned long long)(seconds / 3600),
			   (unsigned long long)(seconds / 60 % 60));
	else if (seconds >= 60)
		buf_printf(b, "%llu min %02llu s", (unsigned long long)(seconds / 60),
			   (unsigned long long)(seconds % 60));
	else
		buf_printf(b, "%llu s", (unsigned long long)seconds);
}

static void compose(struct buf *b, enum phase phase, int64_t elapsed, uint64_t done,
		    uint64_t total, bool bytes, uint64_t files)
{
	buf_str(b, phase_text(phase));
	if (bytes) {
		buf_printf(b, ": %s", human_size(done));
		if (total)
			buf_printf(b, " of %s", human_size(total));
	} else if (done || total) {
		buf_printf(b, ": %llu", (unsigned long long)done);
		if (total)
			buf_printf(b, " of %llu", (unsigned long long)total);
	}
	if (files && bytes)
		buf_printf(b, ", %llu files", (unsigned long long)files);
	if (elapsed < RATE_MS || !done)
		return;
	if (bytes)
		buf_printf(b, ", %s/s", human_size(done * 1000 / (uint64_t)elapsed));
	if (total > done) {
		buf_str(b, ", ");
		add_time(b, (uint64_t)((double)(total - done) * (double)elapsed /
					       (double)done / 1000 +
				       1));
		buf_str(b, " left");
	}
}

/* Where there is room for it. */
static void add_from(const struct progress *p, struct buf *b)
{
	cleanup_free char *text = NULL;

	if (!p->from || p->from_phase != p->phase)
		return;
	text = xasprintf(", from %s", p->from);
	if (p->dumb || b->n + strlen(text) < columns())
		buf_printable(b, text);
}

static void clear(struct progress *p)
{
	if (p->shown && !p->dumb)
		fputs(CLEAR_LINE, stderr);
	p->shown = false;
}

void progress_update(void *progress, enum phase phase, uint64_t done, uint64_t total,
		     bool bytes, uint64_t files)
{
	struct progress *p = progress;
	cleanup_buf struct buf line = {0};
	int64_t now;

	if (!p || p->silent)
		return;
	pthread_mutex_lock(&p->lock);
	now = now_ms();
	if (!p->begun || p->phase != phase) {
		p->begun = true;
		p->phase = phase;
		p->phase_start = now;
		if (p->dumb)
			p->last = MAX(p->last, now - LINE_MS + SILENT_MS);
	}
	if (now - p->last >= (p->dumb ? LINE_MS : REDRAW_MS)) {
		p->last = now;
		compose(&line, phase, now - p->phase_start, done, total, bytes, files);
		add_from(p, &line);
		if (p->dumb) {
			fprintf(stderr, "%s\n", line.s);
		} else {
			fprintf(stderr, "\r%.*s\033[K", (int)columns() - 1, line.s);
			p->shown = true;
		}
		fflush(stderr);
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_from(void *progress, enum phase phase, const char *who)
{
	struct progress *p = progress;

	if (!p || p->silent)
		return;
	pthread_mutex_lock(&p->lock);
	if (!p->from || strcmp(p->from, who) != 0) {
		free(p->from);
		p->from = xstrdup(who);
	}
	p->from_phase = phase;
	pthread_mutex_unlock(&p->lock);
}

void progress_pause(struct progress *p)
{
	if (!p || p->silent)
		return;
	pthread_mutex_lock(&p->lock);
	clear(p);
	fflush(stderr);
	pthread_mutex_unlock(&p->lock);
}

const char *progress_erase(const struct progress *p)
{
	return p->silent || p->dumb ? "" : CLEAR_LINE;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	progress_pause(p);
	pthread_mutex_destroy(&p->lock);
	free(p->from);
	free(p);
}
