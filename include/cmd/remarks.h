/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_REMARKS_H
#define PUTBACK_CMD_REMARKS_H
/* What the sources were not good for, as problems of the plan that was made nevertheless. */
#include "cmd/prepare.h"

void remarks_add(struct prepared *p);

#endif
