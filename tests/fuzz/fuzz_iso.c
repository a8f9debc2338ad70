/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* An ISO image: its directories, the headers of its packages, and packages taken out of it. */

#include <unistd.h>

#include "fuzz.h"
#include "rpm/hdr.h"
#include "source/sources.h"

FUZZ_TARGET(iso)
{
	const char *path = fuzz_file(data, n);
	struct sources l = {0};
	const int *ids;
	uint32_t found;

	if (hdr_init(NULL) < 0)
		return;
	sources_add_kind(&l, &iso_ops, path, NULL);
	if (sources_index(&l, NULL, NULL) == 0) {
		found = catalog_list(l.catalog, l.v[0]->repo, &ids);
		for (uint32_t i = 0; i < found; i++) {
			const struct candidate *c = sources_candidate(&l, ids[i]);
			int fd = sources_open_package(&l, 0, c->location, NULL);

			if (fd >= 0)
				close(fd);
		}
		free((void *)ids);
	}
	sources_release(&l);
}
