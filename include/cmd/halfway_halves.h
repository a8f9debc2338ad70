/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_CMD_HALFWAY_HALVES_H
#define PUTBACK_CMD_HALFWAY_HALVES_H
/* Packages whose files are not what any record says, for one was being unpacked or removed. */
#include "cmd/prepare.h"

/* Adds to p->halfway.cutoff: halves, debris, and on the way forward what is damaged. What cannot be compared
 * becomes a problem of p->halfway. */
_must_check_ int halfway_halves(struct session *s, struct prepared *p, struct error *err);

#endif
