/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_SOURCE_PRIMARY_H
#define PUTBACK_SOURCE_PRIMARY_H
/*
 * A repository's list of packages, primary.xml: read by libsolvext, which is given neither a document type nor more
 * than makes sense.
 */
#include <stdint.h>

#include "base/error.h"

struct s_Repo;
/*
 * open_max: bytes that it may be once it is decompressed.
 *
 * Reads fd, from where it stands and compressed as the end of location says, into the Repo. A package
 * without a place, or with one that leads outside of the repository, is left out; *ret_unfit: how many. -1, and the
 * Repo is empty: it is no such list, whatever of it was fit.
 */
_must_check_ int primary_read(struct s_Repo *repo, int take_fd, const char *location,
			      uint64_t open_max, uint32_t *ret_unfit, struct error *err);

#endif
