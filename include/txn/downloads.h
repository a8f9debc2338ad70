/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_TXN_DOWNLOADS_H
#define PUTBACK_TXN_DOWNLOADS_H
/* `.putback/downloads` at the top of the root: packages on their way in, which a run that was cut short
 * leaves to the next one. */
#include "base/error.h"
#include "base/root.h"

#define DOWNLOADS_DIR ".putback/downloads"

/* Opens it, made where it is missing: fd. The root is open for writing, and locked. */
_must_check_ int downloads_open(struct root *r, struct error *err);
/* What an earlier run left there, for reading. 1: *ret_fd; 0: there is none. */
_must_check_ int downloads_look(struct root *r, int *ret_fd, struct error *err);
/* Removes it with all that is in it, and the area if nothing else is in there. */
_must_check_ int downloads_remove(struct root *r, struct error *err);

#endif
