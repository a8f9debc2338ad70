/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_SALVAGE_H
#define PUTBACK_CMD_SALVAGE_H
/* `recover --salvage [ID] [PATH]...`: what areas hold without a journal, listed; with --yes put back. */
#include "cmd/session.h"

_must_check_ int salvage_run(struct session *s, int *ret_exit, struct error *err);

#endif
