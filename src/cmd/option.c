/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/option.h"

#include <stddef.h>

#include "base/buf.h"
#include "cmd/options.h"
#include "cmd/word.h"

_Static_assert(OPTION_COUNT <= 64, "a set of options is one uint64_t");

static const struct option_row table[] = {
#define OPTION_ROW(id, name, letter, kind, field, argument, text)                        \
	[OPTION_##id] = {name,	   letter, KIND_##kind, offsetof(struct options, field), \
			 argument, text},
	OPTIONS(OPTION_ROW)
#undef OPTION_ROW
};

const struct option_row *option_row(enum option_id id)
{
	return &table[id];
}

char *option_names(uint64_t mask)
{
	struct buf b = {0};

	buf_str(&b, "");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (mask >> i & 1)
			buf_printf(&b, "%s--%s", b.n ? ", " : "", table[i].name);
	}
	return buf_steal(&b);
}

const char *option_nearest(const char *name)
{
	const char *names[OPTION_COUNT];

	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = table[i].name;
	return word_nearest(name, names, OPTION_COUNT);
}

void option_help(FILE *out, uint64_t mask)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &table[i];
		cleanup_buf struct buf left = {0};

		if (!(mask >> i & 1))
			continue;
		if (row->letter)
			buf_printf(&left, "-%c, ", row->letter);
		buf_printf(&left, "--%s%s%s", row->name, row->argument ? " " : "",
			   row->argument ? row->argument : "");
		fprintf(out, "  %-27s%s\n", left.s, row->text);
	}
}
