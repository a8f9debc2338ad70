/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_REPORT_TABLE_H
#define PUTBACK_REPORT_TABLE_H
/*
 * A table for people: aligned columns, wide values broken over several lines where the terminal is
 * too narrow, as they are where the output is no terminal.
 *
 *	static const struct table_column columns[] = { { "ID", TABLE_RIGHT }, { "NAME" } };
 *	cleanup_table struct table t = TABLE(columns);
 *	table_addf(&t, "%u", id);  table_add(&t, name);  table_print(&t, out, 2);
 */
#include <stdio.h>

#include "base/array.h"

enum {
	TABLE_RIGHT = 1, /* aligned to the right */
	TABLE_FIXED = 2, /* never broken */
};

struct table_column {
	const char *title;
	int how;
};

struct table {
	const struct table_column *columns;
	uint32_t n_columns;
	struct strlist cells; /* row by row, made safe for a terminal */
};
#define TABLE(c)                                           \
	{                                                  \
		.columns = (c), .n_columns = ELEMENTSOF(c) \
	}

/* Foreign bytes are fine; NULL and "" are shown as "-". */
void table_add(struct table *t, const char *cell);
void table_addf(struct table *t, const char *fmt, ...) _printf_(2, 3);
/* Prints it, indented, within the width of out (see text_width). Columns without one cell that says
 * something are left out. */
void table_print(const struct table *t, FILE *out, unsigned indent);
void table_release(struct table *t);
#define cleanup_table __attribute__((cleanup(table_release)))

/* Columns that a UTF-8 string takes on a terminal. */
size_t table_width(const char *s);
/* How many bytes of s fit into width columns, broken behind a blank, else in a word behind one of
 * -/,.: where that leaves no gap of half a line; at least one character. */
size_t table_break(const char *s, size_t width);

#endif
