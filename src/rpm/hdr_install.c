/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <rpm/header.h>
#include <rpm/rpmtd.h>
#include <string.h>

#include "hdr_files.h"
#include "rpm/hdr.h"

int hdr_set_states(Header h, const uint8_t *states, uint32_t n, struct error *err)
{
	uint32_t files = hdr_files_count(h);
	struct rpmtd_s td;

	if (n != files)
		return err_set(err, ERR_FAILED,
			       "a header of %u files cannot take %u install states",
			       files, n);
	/* A header out of a database has them among tags that cannot be taken out one by one;
	 * rpm itself writes over them too (lib/psm.c: markReplacedFiles()). */
	if (headerGet(h, RPMTAG_FILESTATES, &td, HEADERGET_MINMEM)) {
		bool fits = td.type == RPM_CHAR_TYPE && td.count == n;

		if (fits)
			memcpy(td.data, states, n);
		rpmtdFreeData(&td);
		if (fits)
			return 0;
	}
	headerDel(h, RPMTAG_FILESTATES);
	/* librpm refuses an empty array, and rpm writes none */
	if (n > 0 && !headerPutChar(h, RPMTAG_FILESTATES, (const char *)states, n))
		return err_set(err, ERR_FAILED,
			       "librpm does not take the install states");
	return 0;
}

static int put_number(Header h, rpmTagVal tag, uint32_t value)
{
	headerDel(h, tag);
	return headerPutUint32(h, tag, &value, 1) ? 0 : -1;
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

int hdr_make_installed(Header h, const struct hdr_install *how, struct error *err)
{
	if (hdr_set_states(h, how->states, how->n, err))
		return -1;
	if (put_prefixes(h) || put_number(h, RPMTAG_INSTALLTID, how->tid) ||
	    put_number(h, RPMTAG_INSTALLTIME, how->time) ||
	    put_number(h, RPMTAG_INSTALLCOLOR, how->color))
		return err_set(err, ERR_FAILED, "librpm does not take the install time");
	return 0;
}

uint32_t hdr_install_color(Header h)
{
	return (uint32_t)headerGetNumber(h, RPMTAG_INSTALLCOLOR);
}
