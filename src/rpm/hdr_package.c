/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>

#include <rpm/header.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "base/compat.h"
#include "base/file.h"
#include "hdr_package.h"
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

/*
 * What librpm leaves behind in the signature header because it came after it: type and number as rpm 6
 * demands (lib/package.cc: headerMergeLegacySigs()).
 */
static const struct {
	rpmTagVal tag;
	rpmTagType type;
	bool one;
} late_tags[] = {
	{COMPAT_TAG_VERITYSIGNATURES, RPM_STRING_ARRAY_TYPE, false},
	{COMPAT_TAG_VERITYSIGNATUREALGO, RPM_INT32_TYPE, true},
	{COMPAT_TAG_OPENPGP, RPM_STRING_ARRAY_TYPE, false},
	{COMPAT_TAG_SHA3_256HEADER, RPM_STRING_TYPE, true},
};

static int err_late(const char *what, size_t i, struct error *err)
{
	return err_set(err, ERR_FAILED,
		       "%s: the header is damaged: what stands under %d is not what rpm 6 puts "
		       "there",
		       what, (int)late_tags[i].tag);
}

static bool merge_one(Header h, Header s, size_t i)
{
	struct rpmtd_s td;
	bool good;

	if (!headerGet(s, late_tags[i].tag, &td, HEADERGET_RAW | HEADERGET_MINMEM))
		return true;
	good = td.type == late_tags[i].type && td.count > 0 &&
	       (!late_tags[i].one || td.count == 1) && headerPut(h, &td, HEADERPUT_DEFAULT);
	rpmtdFreeData(&td);
	return good;
}

int hdr_merge_late(Header h, int fd, const struct frame *f, const char *what,
		   struct error *err)
{
	bool late[ELEMENTSOF(late_tags)];
	cleanup_buf struct buf blob = {0};
	cleanup_header Header s = NULL;

	for (size_t i = 0; i < ELEMENTSOF(late_tags); i++) {
		late[i] = rpmTagGetTagType(late_tags[i].tag) == RPM_NULL_TYPE;
		/* it may stand in the signature header only */
		if (late[i] && headerIsEntry(h, late_tags[i].tag))
			return err_late(what, i, err);
	}
	if (!f->late)
		return 0;
	if (frame_read_signature(fd, f, &blob))
		return err_errno(err, "cannot read '%s'", what);
	s = hdr_import(blob.s, blob.n, what, err);
	if (!s)
		return -1;
	for (size_t i = 0; i < ELEMENTSOF(late_tags); i++)
		if (late[i] && !merge_one(h, s, i))
			return err_late(what, i, err);
	return 0;
}

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
