/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"

static enum log_level shown = LOG_WARNING;

void log_set_level(enum log_level level)
{
	shown = level;
}

void log_at(enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	cleanup_free char *text = NULL;
	cleanup_buf struct buf line = {0};
	va_list ap;

	if (level > shown)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	buf_str(&line, "putback: ");
	buf_printable(&line, text);
	buf_char(&line, '\n');
	/* in one piece, so that lines of several threads or processes do not mix */
	file_write_all(STDERR_FILENO, line.s, line.n);
	errno = saved;
}
