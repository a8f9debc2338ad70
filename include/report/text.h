/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_TEXT_H
#define PUTBACK_REPORT_TEXT_H
/* What the files of the text format share, and what each of them shows. */
#include "report/report.h"

/* Width of out in columns: the terminal's, $COLUMNS; 0 (no limit) where it is neither. */
size_t text_width(FILE *out);
/* Bold on terminals that know it; NO_COLOR and TERM=dumb are respected. */
void text_heading(FILE *out, const char *fmt, ...) _printf_(2, 3);
/* "Label     value", the value wrapped and made safe. */
void text_field(FILE *out, const char *label, const char *fmt, ...) _printf_(3, 4);
/* A paragraph: first indented by indent, further lines by hang. Made safe. */
void text_para(FILE *out, unsigned indent, unsigned hang, const char *text);
/* "2026-11-20 03:12", local time; "-" for 0. Eight rotating buffers. */
const char *text_time(int64_t seconds);
/* "file" or "files" */
const char *text_plural(uint64_t n, const char *one, const char *many);
/* A canonical path as shown: "/usr/lib"; the caller frees. Not made safe: that is done when it is
 * printed. */
char *text_path(const char *canonical);

void text_survey(FILE *out, const struct survey_report *r);
void text_history(FILE *out, const char *root, const struct history_row *v, uint32_t n,
		  bool detail);
void text_log(FILE *out, const char *root, const struct log_row *v, uint32_t n,
	      bool detail);
/* What the next update should leave out, unless it is more than fits a screen. */
void text_hold(FILE *out, const struct hold_report *h);
/* How the database step of a transaction that has one stands; static text. */
const char *text_step(const struct log_row *r);
void text_salvage(FILE *out, const struct salvage_report *r);
void text_plan(FILE *out, const struct plan_report *r);
/* the parts of a plan that apply shows too, and the list behind --files */
void text_packages(FILE *out, const struct plan_report *r);
void text_files(FILE *out, const struct plan *p);
void text_why(FILE *out, const struct plan_report *r);
/* "COMMAND\tWHAT FOR", each */
void text_next(FILE *out, const char *const *v, uint32_t n);
void text_problems(FILE *out, const struct problems *p);

#endif
