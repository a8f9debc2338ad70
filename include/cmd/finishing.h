/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_FINISHING_H
#define PUTBACK_CMD_FINISHING_H
/* What the plan makes stale (core/derived.h), with what root and host have for it. */
#include "cmd/prepare.h"
#include "core/space.h"

/* Sets p->finishing; what has to be done on the machine itself becomes a warning in the plan. */
void finishing_look(struct prepared *p);
/* The room for what is made anew: as much as what is there now, and a quarter. Added to ret. */
void finishing_room(const struct prepared *p, struct space_extras *ret);

#endif
