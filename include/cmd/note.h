/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_NOTE_H
#define PUTBACK_CMD_NOTE_H
/* The rollback noted in what the root's package managers keep: history/record.h, wired to txn. */
#include "cmd/prepare.h"
#include "core/space.h"

struct note {
	const struct prepared *prepared;
	struct root *root; /* that is changed */
	struct session *session;
	int64_t begun;
	struct strlist warnings; /* records that do not tell after all */
};

/* Sets p->records; records that cannot tell become notes in the plan. */
void note_look(const struct session *s, struct prepared *p);
/* The room that the new records take, added to ret. */
void note_room(const struct prepared *p, struct space_extras *ret);
void note_begin(struct note *n);
/* As others_maker.make; never fails for what is wrong with a record. */
_must_check_ int note_make(void *note, const char *rpmdb, struct newfiles *ret,
			   struct error *err);
void note_release(struct note *n);

#endif
