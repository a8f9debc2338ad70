/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_BASE_LOG_H
#define PUTBACK_BASE_LOG_H
/*
 * Diagnostics on stderr, each line "putback: text". Results never go through here. Text of
 * foreign origin is made safe (see buf_quoted) before it is written.
 */
#include "base/macros.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* default LOG_WARNING */
void log_at(enum log_level level, const char *fmt, ...) _printf_(2, 3);

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
