/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_AREA_TRUST_H
#define PUTBACK_TXN_AREA_TRUST_H
/* Whether what stands as `.putback` in a root is putback's own, and nobody else has been at it. */
#include "txn/area.h"

#define ID_FILE "area" /* that has the area's id */

/* -1: it is not, and err says what to do about it. The directory is open in a->fd. */
_must_check_ int area_trust_directory(const struct area *a, struct error *err);
/* Reads the file with the id into the area; none is no error. sys EBADMSG: it tells nothing. */
_must_check_ int area_trust_id(struct area *a, struct error *err);
/* -1, with err: it "is no directory". */
int area_trust_refuse(const struct area *a, const char *what, struct error *err);

#endif
