/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan --files: each path with its step and the reason for it, one line each, made to be searched. */
#include "config.h"

#include "base/buf.h"
#include "report/text.h"

void text_files(FILE *out, const struct plan *p)
{
	cleanup_buf struct buf line = {0};
	const struct op *op;

	fputc('\n', out);
	text_heading(out, "Each path, in the order of the steps");
	array_foreach(op, &p->ops) {
		buf_clear(&line);
		buf_printf(&line, "  %-10s  /", op_kind_name(op->kind));
		buf_quoted(&line, op->path);
		if (op->path2) {
			buf_str(&line, " -> /");
			buf_quoted(&line, op->path2);
		}
		buf_printf(&line, "  (%s)\n", op_reason_text(op->reason));
		fwrite(line.s, 1, line.n, out);
	}
}
