/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "report/table.h"
#include "report/text.h"

#define LABEL_WIDTH 14u

size_t text_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	int fd = fileno(out);

	if (columns && *columns >= '1' && *columns <= '9')
		return MAX(40, strtoul(columns, NULL, 10));
	if (fd >= 0 && isatty(fd)) {
		if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
			return MAX(40, ws.ws_col);
		return 80; /* a serial console does not say */
	}
	return 0;
}

static bool is_bold(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(out);

	if ((no_color && *no_color) || !term || !*term || !strcmp(term, "dumb"))
		return false;
	return fd >= 0 && isatty(fd);
}

/* Formatted, and made fit for a terminal; what is quoted already stays as it is. */
static char *printable(const char *fmt, va_list ap) _printf_(1, 0);
static char *printable(const char *fmt, va_list ap)
{
	cleanup_free char *s = xvasprintf(fmt, ap);
	struct buf b = {0};

	buf_printable(&b, s);
	return buf_steal(&b);
}

void text_heading(FILE *out, const char *fmt, ...)
{
	cleanup_free char *safe = NULL;
	bool bold = is_bold(out);
	va_list ap;

	va_start(ap, fmt);
	safe = printable(fmt, ap);
	va_end(ap);
	fprintf(out, "%s%s%s\n", bold ? "\033[1m" : "", safe, bold ? "\033[0m" : "");
}

/* Breaks s over lines; the first begins where the cursor is, at column at. */
static void wrap(FILE *out, size_t at, unsigned hang, const char *s)
{
	size_t width = text_width(out);

	if (width && width < hang + 20)
		width = hang + 20;
	while (*s) {
		size_t n =
			width ? table_break(s, width > at ? width - at : 20) : strlen(s);
		size_t end = n;

		while (end && s[end - 1] == ' ')
			end--;
		fprintf(out, "%.*s\n", (int)end, s);
		s += n;
		while (*s == ' ')
			s++;
		if (*s)
			fprintf(out, "%*s", (int)hang, "");
		at = hang;
	}
}

void text_field(FILE *out, const char *label, const char *fmt, ...)
{
	cleanup_free char *safe = NULL;
	va_list ap;

	va_start(ap, fmt);
	safe = printable(fmt, ap);
	va_end(ap);
	fprintf(out, "%-*s", (int)LABEL_WIDTH, label);
	wrap(out, LABEL_WIDTH, LABEL_WIDTH, *safe ? safe : "-");
}

void text_para(FILE *out, unsigned indent, unsigned hang, const char *text)
{
	cleanup_buf struct buf safe = {0};

	buf_printable(&safe, text);
	fprintf(out, "%*s", (int)indent, "");
	wrap(out, indent, hang, safe.n ? safe.s : "-");
}

const char *text_time(int64_t seconds)
{
	static char bufs[8][24];
	static unsigned next;
	char *s = bufs[next++ % ELEMENTSOF(bufs)];
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!seconds || !localtime_r(&t, &tm) ||
	    !strftime(s, sizeof(bufs[0]), "%F %H:%M", &tm))
		return "-";
	return s;
}

const char *text_plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

char *text_path(const char *canonical)
{
	return xasprintf("/%s", canonical);
}

void text_next(FILE *out, const char *const *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *tab = strchr(v[i], '\t');
		cleanup_free char *command = xstrndup(v[i], strcspn(v[i], "\t"));
		cleanup_buf struct buf safe = {0};

		buf_printable(&safe, command);
		fprintf(out, "%s%s:\n    %s\n", i ? "" : "\n", tab ? tab + 1 : "next",
			safe.s);
	}
}

static void text_done(FILE *out, const struct done_report *r)
{
	text_para(out, 0, 0, r->text);
	for (uint32_t i = 0; i < r->n_warnings; i++) {
		cleanup_free char *s = xasprintf("warning: %s", r->warnings[i]);

		text_para(out, 0, 2, s);
	}
	text_next(out, r->next, r->n_next);
	text_hold(out, &r->hold);
}

static void error_line(FILE *out, const char *fmt, ...) _printf_(2, 3);
static void error_line(FILE *out, const char *fmt, ...)
{
	cleanup_free char *safe = NULL;
	va_list ap;

	va_start(ap, fmt);
	safe = printable(fmt, ap);
	va_end(ap);
	fprintf(out, "putback: %s\n", safe);
}

static void show_missing(FILE *out, const struct missing_row *m)
{
	error_line(out, "  nearest to %s:", m->package);
	for (uint32_t i = 0; i < m->n; i++) {
		const struct missing_place *p = &m->v[i];

		error_line(out, "    %s: %s%s%s", p->place, p->nevra ? p->nevra : "",
			   p->nevra ? ", " : "", p->reason);
	}
}

static void text_error(FILE *out, const struct error_report *r)
{
	for (uint32_t i = 0; i < r->n_missing; i++)
		error_line(out, "  missing: %s", r->missing[i]);
	for (uint32_t i = 0; i < r->n_looked_at; i++)
		error_line(out, "  looked at: %s", r->looked_at[i]);
	for (uint32_t i = 0; i < r->n_why; i++)
		show_missing(out, &r->why[i]);
	for (uint32_t i = 0; i < r->n_faults; i++) {
		const struct package_fault *f = &r->faults[i];

		error_line(out, "  %s (%s)", f->text, f->location);
	}
	for (uint32_t i = 0; r->problems && i < r->problems->list.n; i++) {
		const struct problem *p = &r->problems->list.v[i];

		if (p->severity == SEV_REFUSE)
			error_line(out, "  %s", p->text);
	}
}

const struct report_ops report_text = {
	.name = "text",
	.survey = text_survey,
	.history = text_history,
	.plan = text_plan,
	.log = text_log,
	.salvage = text_salvage,
	.done = text_done,
	.error = text_error,
};
