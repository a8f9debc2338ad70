/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_SIGCHECK_H
#define PUTBACK_RPM_SIGCHECK_H
/* One OpenPGP signature packet over some bytes, as librpm's crypto sees it. Whose the key is, and whether
 * it was good at the time, is for the caller: librpm without Sequoia does not look. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyring;
/* Whether librpm of this host can make sense of the packet. */
bool sigcheck_is_known(const uint8_t *packet, size_t n);
/* Whether a trusted key of the keyring made it over exactly these bytes. */
bool sigcheck_holds(const struct keyring *k, const uint8_t *packet, size_t n,
		    const void *data, size_t size);

#endif
