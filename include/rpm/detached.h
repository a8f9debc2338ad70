/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_DETACHED_H
#define PUTBACK_RPM_DETACHED_H
/* Detached OpenPGP signatures over files that are no packages, such as a repository's metadata. */
#include <stddef.h>

#include "base/error.h"

struct keyring;
/*
 * Whether a trusted key of the keyring made the signature (armored or binary) over the data. -1:
 * ERR_UNAVAILABLE: by a key that is not trusted here; ERR_UNTRUSTED: it is bad, or no signature.
 */
_must_check_ int detached_check(const struct keyring *k, const char *signature, size_t n,
				const void *data, size_t size, const char *what,
				struct error *err);

#endif
