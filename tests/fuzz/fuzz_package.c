/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A package file: its frame, its header, its verdict, its payload. */

#include "fuzz.h"
#include "rpm/frame.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"
#include "rpm/payload.h"
#include "rpm/trust.h"

#include <rpm/header.h>

/* Entries and bytes are as many as they are: small inputs do not unpack to worlds. */
#define ENTRIES_MAX 1000
#define BYTES_MAX   (4 << 20)

static void unpack(int fd, const struct pkg *pkg)
{
	struct payload *p = NULL;
	char block[4096];
	uint32_t file;
	bool has_data;
	size_t total = 0;

	if (payload_open(fd, "input", &pkg->hdrdigest, &p, NULL) < 0)
		return;
	for (int i = 0; i < ENTRIES_MAX && payload_next(p, &file, &has_data, NULL) == 1;
	     i++) {
		ssize_t got = 0;

		FUZZ_CHECK(file < pkg->files.n);
		while (has_data && total < BYTES_MAX &&
		       (got = payload_read(p, block, sizeof(block), NULL)) > 0)
			total += (size_t)got;
		if (got < 0)
			break;
	}
	payload_free(p);
}

FUZZ_TARGET(package)
{
	int fd = fuzz_fd(data, n);
	struct keyring *k = keyring_new();
	struct trust_report verdict = {0};
	cleanup_header Header h = NULL;
	struct pkg *pkg = NULL;

	for (int deep = 0; deep < 2; deep++)
		if (trust_check(k, fd, deep ? TRUST_PACKAGE : TRUST_HEADER, "input",
				&verdict, NULL) == 0) {
			FUZZ_CHECK(verdict.verdict != TRUST_OK);
			trust_report_release(&verdict);
		}
	keyring_free(k);
	if (hdr_read_file(fd, "input", &h, NULL) == 0 &&
	    hdr_read(h, HDR_FILES, "input", &pkg, NULL) == 0) {
		unpack(fd, pkg);
		pkg_free(pkg);
	}
}
