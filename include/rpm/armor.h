/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_RPM_ARMOR_H
#define PUTBACK_RPM_ARMOR_H
/* OpenPGP packets as text (RFC 9580, 6.2). */
#include <stddef.h>
#include <stdint.h>

/*
 * The bytes of the first block of that kind in the text ("PUBLIC KEY BLOCK", "SIGNATURE"). NULL: there is
 * none, or it is damaged: no base64, or another checksum than it has itself. The caller frees.
 */
uint8_t *armor_read(const char *text, const char *kind, size_t *ret_n);

#endif
