/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <rpm/header.h>
#include <rpm/rpmtd.h>

#include "base/compat.h"
#include "hdr_files.h"
#include "rpm/hdr.h"

/*
 * In place where there are some: a header out of a database does not survive that an entry is
 * deleted and put again (its record cannot be read any more), and rpm itself writes over them
 * (psm.c: markReplacedFiles()). false: there are none, or not as many.
 */
static bool overwrite_states(Header h, const uint8_t *states, uint32_t n)
{
	struct rpmtd_s td;
	bool fits;

	if (!headerGet(h, RPMTAG_FILESTATES, &td, HEADERGET_MINMEM))
		return false;
	fits = td.type == RPM_CHAR_TYPE && td.count == n;
	if (fits)
		memcpy(td.data, states, n);
	rpmtdFreeData(&td);
	return fits;
}

int hdr_set_states(Header h, const uint8_t *states, uint32_t n, struct error *err)
{
	uint32_t files = hdr_files_count(h);
	struct digest before, after;

	if (n != files)
		return err_set(err, ERR_FAILED,
			       "a header of %u files cannot take %u install states",
			       files, n);
	/* librpm refuses an empty array, and rpm writes none */
	if (n == 0)
		return 0;
	if (!headerIsEntry(h, RPMTAG_FILESTATES)) {
		if (!headerPutChar(h, RPMTAG_FILESTATES, (const char *)states, n))
			return err_set(err, ERR_FAILED,
				       "librpm does not take the install states");
		return 0;
	}
	hdr_digest(h, &before);
	if (!overwrite_states(h, states, n))
		return err_set(
			err, ERR_FAILED,
			"the header has install states for another number of files");
	hdr_digest(h, &after);
	/* they stand behind the region that is signed, in every header that rpm made */
	if (!digest_is_same(&before, &after))
		return err_set(err, ERR_FAILED,
			       "the header has its install states among what is signed");
	return 0;
}

static int put_number(Header h, rpmTagVal tag, uint32_t value)
{
	struct rpmtd_s td;

	if (!headerIsEntry(h, tag))
		return headerPutUint32(h, tag, &value, 1) ? 0 : -1;
	rpmtdReset(&td);
	td.tag = tag;
	td.type = RPM_INT32_TYPE;
	td.count = 1;
	td.data = &value;
	return headerMod(h, &td) ? 0 : -1;
}

/* As relocation.c: addPrefixes() does where nothing is relocated. */
static int put_prefixes(Header h)
{
	struct rpmtd_s td;
	int rc = 0;

	if (headerIsEntry(h, RPMTAG_INSTPREFIXES) ||
	    !headerGet(h, RPMTAG_PREFIXES, &td, HEADERGET_MINMEM))
		return 0;
	if (rpmtdCount(&td) > 0) {
		rpmtdSetTag(&td, RPMTAG_INSTPREFIXES);
		rc = headerPut(h, &td, HEADERPUT_DEFAULT) ? 0 : -1;
	}
	rpmtdFreeData(&td);
	return rc;
}

static int put_whole(Header h, const struct hdr_install *how)
{
	struct buf hex[HDR_WHOLE_MAX] = {0};
	const char *texts[HDR_WHOLE_MAX];
	uint32_t algos[HDR_WHOLE_MAX], n = MIN(how->n_whole, (uint32_t)HDR_WHOLE_MAX);
	struct rpmtd_s digests = {.tag = COMPAT_TAG_PACKAGEDIGESTS,
				  .type = RPM_STRING_ARRAY_TYPE,
				  .count = n,
				  .data = texts},
		       numbers = {.tag = COMPAT_TAG_PACKAGEDIGESTALGOS,
				  .type = RPM_INT32_TYPE,
				  .count = n,
				  .data = algos};
	bool put;

	for (uint32_t i = 0; i < n; i++) {
		buf_hex(&hex[i], how->whole[i].bytes, how->whole[i].len);
		texts[i] = hex[i].s;
		algos[i] = how->whole[i].algo;
	}
	put = n == 0 || (headerPut(h, &digests, HEADERPUT_DEFAULT) &&
			 headerPut(h, &numbers, HEADERPUT_DEFAULT));
	for (uint32_t i = 0; i < n; i++)
		buf_release(&hex[i]);
	return put ? 0 : -1;
}

int hdr_make_installed(Header h, const struct hdr_install *how, struct error *err)
{
	if (hdr_set_states(h, how->states, how->n, err))
		return -1;
	if (put_prefixes(h) || put_number(h, RPMTAG_INSTALLTID, how->tid) ||
	    put_number(h, RPMTAG_INSTALLTIME, how->time) ||
	    put_number(h, RPMTAG_INSTALLCOLOR, how->color) || put_whole(h, how))
		return err_set(err, ERR_FAILED, "librpm does not take the install time");
	return 0;
}

uint32_t hdr_install_id(Header h)
{
	return (uint32_t)headerGetNumber(h, RPMTAG_INSTALLTID);
}

uint32_t hdr_install_color(Header h)
{
	return (uint32_t)headerGetNumber(h, RPMTAG_INSTALLCOLOR);
}

uint32_t hdr_install_whole(Header h, int ret[HDR_WHOLE_MAX])
{
	struct rpmtd_s td;
	uint32_t n = 0;

	if (!headerGet(h, COMPAT_TAG_PACKAGEDIGESTALGOS, &td, HEADERGET_MINMEM))
		return 0;
	for (; td.type == RPM_INT32_TYPE && n < MIN(td.count, (uint32_t)HDR_WHOLE_MAX); n++)
		ret[n] = (int)((const uint32_t *)td.data)[n];
	rpmtdFreeData(&td);
	return n;
}
