/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "base/compat.h"
#include "base/file.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

/* docs/manual/format_lead.md of rpm: of its 96 bytes only the magic still counts */
static const uint8_t lead[96] = {0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, [78] = 0, [79] = 5};
static const uint8_t magic[8] = {0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0};

/*
 * What a signature header holds, and where it is kept in a header of the rpmdb: under the same number
 * or, where those of the old signature header clash with others, under another one (lib/package.c:
 * headerMergeLegacySigs()).
 */
static const struct {
	rpmTagVal kept, own;
} signature_tags[] = {
	{RPMTAG_SIGSIZE, RPMSIGTAG_SIZE},
	{RPMTAG_SIGPGP, RPMSIGTAG_PGP},
	{RPMTAG_SIGMD5, RPMSIGTAG_MD5},
	{RPMTAG_SIGGPG, RPMSIGTAG_GPG},
	{RPMTAG_DSAHEADER, RPMSIGTAG_DSA},
	{RPMTAG_RSAHEADER, RPMSIGTAG_RSA},
	{RPMTAG_SHA1HEADER, RPMSIGTAG_SHA1},
	{RPMTAG_SHA256HEADER, RPMSIGTAG_SHA256},
	{RPMTAG_LONGSIGSIZE, RPMSIGTAG_LONGSIZE},
	{RPMTAG_LONGARCHIVESIZE, RPMSIGTAG_LONGARCHIVESIZE},
	{RPMTAG_ARCHIVESIZE, RPMSIGTAG_PAYLOADSIZE},
	{RPMTAG_FILESIGNATURES, RPMSIGTAG_FILESIGNATURES},
	{RPMTAG_FILESIGNATURELENGTH, RPMSIGTAG_FILESIGNATURELENGTH},
	{COMPAT_TAG_VERITYSIGNATURES, COMPAT_TAG_VERITYSIGNATURES},
	{COMPAT_TAG_VERITYSIGNATUREALGO, COMPAT_TAG_VERITYSIGNATUREALGO},
	{COMPAT_TAG_OPENPGP, COMPAT_TAG_OPENPGP},
	{COMPAT_TAG_SHA3_256HEADER, COMPAT_TAG_SHA3_256HEADER},
};

static Header signature_header(Header h)
{
	Header s = headerNew();

	for (size_t i = 0; i < ELEMENTSOF(signature_tags); i++) {
		struct rpmtd_s td;

		if (!headerGet(h, signature_tags[i].kept, &td, HEADERGET_RAW))
			continue;
		td.tag = signature_tags[i].own;
		headerPut(s, &td, HEADERPUT_DEFAULT);
		rpmtdFreeData(&td);
	}
	return headerReload(s, RPMTAG_HEADERSIGNATURES);
}

int hdr_write_package(Header h, int fd, const char *what, struct error *err)
{
	static const uint8_t zeros[8];
	cleanup_header Header s = NULL;
	cleanup_free void *blob = NULL;
	struct rpmtd_s td;
	size_t n;
	int rc;

	if (!headerGet(h, RPMTAG_HEADERIMMUTABLE, &td, HEADERGET_DEFAULT))
		return err_set(
			err, ERR_FAILED,
			"%s is of a format without a header that could be signed (older "
			"than rpm 4); its package file is needed",
			what);
	s = signature_header(h);
	blob = s ? hdr_export(s, &n) : NULL;
	rc = !blob || file_write_all(fd, lead, sizeof(lead)) < 0 ||
			     file_write_all(fd, magic, sizeof(magic)) < 0 ||
			     file_write_all(fd, blob, n) < 0 ||
			     file_write_all(fd, zeros, (8 - n % 8) % 8) < 0 ||
			     file_write_all(fd, magic, sizeof(magic)) < 0 ||
			     file_write_all(fd, td.data, td.count) < 0
		     ? -1
		     : 0;
	rpmtdFreeData(&td);
	return rc ? err_errno(err, "cannot write the header of %s", what) : 0;
}
