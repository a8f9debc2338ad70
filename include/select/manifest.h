/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SELECT_MANIFEST_H
#define PUTBACK_SELECT_MANIFEST_H
/*
 * A list of packages as text, one a line:
 *
 *	bash-5.2.15-2.x86_64              rpm -qa; what follows a blank is not looked at (--last)
 *	bash-0:5.2.15-2  0:bash-5.2.15-2  with an epoch, without an arch
 *	bash-5.2.15-2.x86_64.rpm          names of files, with folders before them
 *	HEX  bash-5.2.15-2.x86_64.rpm     what sha256sum makes of those
 *	bash.x86_64  5.2.15-2  @repo      dnf list --installed
 *
 * Empty lines, and those that begin with #, say nothing. Without an epoch any will do, without an arch
 * that of what is installed.
 */
#include "base/error.h"
#include "select/wanted.h"

/* name: for messages. ERR_USAGE names every line that is none of the above, with its number. */
_must_check_ int manifest_parse(const char *text, size_t n, const char *name,
				struct wanted *ret, struct error *err);

#endif
