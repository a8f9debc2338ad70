/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A record of an rpmdb, and the same as the header of a package. */

#include <rpm/header.h>

#include "fuzz.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

FUZZ_TARGET(header)
{
	cleanup_header Header h = NULL;
	cleanup_free void *blob = NULL;
	cleanup_free char *key = NULL, *name = NULL;
	cleanup_buf struct buf packet = {0};
	struct pkg *p = NULL;
	struct digest digest;
	size_t size;

	if (hdr_init(NULL) < 0)
		return;
	h = hdr_import(data, n, "input", NULL);
	if (!h)
		return;
	if (hdr_read_installed(h, 1, HDR_FILES, "input", &p, NULL) == 0) {
		(void)hdr_is_sound(h, &p->hdrdigest);
		pkg_free(p);
	}
	if (hdr_read(h, HDR_FILES, "input", &p, NULL) == 0) {
		for (uint32_t i = 0; p->filesigs && i < p->files.n; i++)
			FUZZ_CHECK(!p->filesigs[i].bytes || p->filesigs[i].len);
		pkg_free(p);
	}
	hdr_digest(h, &digest);
	for (unsigned i = 0; i < 16 && hdr_signature(h, false, i, &packet); i++)
		;
	for (unsigned i = 0; i < 16 && hdr_signature(h, true, i, &packet); i++)
		;
	name = hdr_nevra_of_rpm(h);
	key = hdr_pubkey(h);
	blob = hdr_export(h, &size);
}
