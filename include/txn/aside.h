/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_ASIDE_H
#define PUTBACK_TXN_ASIDE_H
/* Files made aside from what no package brings, to be exchanged like all others: tasks behind the plan's. */
#include "txn/run.h"

/* Owner, mode and whatever hangs on the old file; mtime: its time as well, else now. 0, or -1 with errno. */
int aside_copy_attributes(const struct area *a, int from, int to, bool mtime);

enum fill { FILL_COPY, FILL_EMPTY, FILL_ZEROS };

/* name in dir: with content from in, or an empty log, or a shared-memory file that says nothing yet.
 * attributes: of the file it stands for. 0, or -1 with errno. */
int aside_make_file(const struct area *a, int dir, const char *name, enum fill fill,
		    int in, int attributes, bool mtime, uint64_t *bytes);
/* A task behind those that there are. path is borrowed. */
struct task *aside_add_task(struct run *t, enum op_kind kind, const char *path,
			    uint32_t area);
/* What the task exchanges, as it stands at the path and in the slot. 0, or -1 with errno. */
int aside_note_task(struct run *t, struct task *k);

#endif
