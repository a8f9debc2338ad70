/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/armor.h"

#include <stdbool.h>
#include <string.h>

#include <rpm/rpmbase64.h>

#include "base/buf.h"

/* RFC 9580, 6.1 */
static uint32_t crc24(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xb704ce;

	while (n--) {
		crc ^= (uint32_t)*p++ << 16;
		for (int i = 0; i < 8; i++) {
			crc <<= 1;
			if (crc & 0x1000000)
				crc ^= 0x1864cfb;
		}
	}
	return crc & 0xffffff;
}

/* "=abcd", the checksum's line; another line, or none, says nothing. */
static bool checksum_fits(const char *line, const uint8_t *p, size_t n)
{
	cleanup_free char *four = NULL;
	uint8_t *sum = NULL;
	size_t length = 0;
	bool fits = true;

	if (*line != '=')
		return true;
	four = xstrndup(line + 1, 4);
	if (rpmBase64Decode(four, (void **)&sum, &length) != 0 || length != 3 ||
	    crc24(p, n) != ((uint32_t)sum[0] << 16 | (uint32_t)sum[1] << 8 | sum[2]))
		fits = false;
	free(sum);
	return fits;
}

uint8_t *armor_read(const char *text, const char *kind, size_t *ret_n)
{
	cleanup_free char *begin = xasprintf("-----BEGIN PGP %s-----", kind);
	cleanup_buf struct buf base64 = {0};
	const char *at = strstr(text, begin), *end;
	void *packets = NULL;

	at = at ? strchr(at, '\n') : NULL;
	/* headers end with an empty line */
	while (at && at[1] && at[1 + strspn(at + 1, " \t\r")] != '\n')
		at = strchr(at + 1, '\n');
	if (!at || !at[1])
		return NULL;
	for (at++; *at && *at != '=' && *at != '-'; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		buf_add(&base64, at, strcspn(at, "\r\n"));
	}
	if (!base64.n || rpmBase64Decode(base64.s, &packets, ret_n) != 0)
		return NULL;
	if (checksum_fits(at, packets, *ret_n))
		return packets;
	free(packets);
	return NULL;
}
