/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * Where a package may lie in an archive: a template of the user's, filled with what the root says of the package. The
 * host stays that of the template. Lines: spec, name, version, release, arch, source, key.
 */

#include <string.h>

#include "fuzz.h"
#include "source/fetch.h"
#include "source/koji.h"

FUZZ_TARGET(koji)
{
	char *rest = fuzz_text(data, n), *line[7];
	struct strlist urls = {0}, keys = {0};
	struct koji_wanted w = {0};
	size_t host;

	for (size_t i = 0; i < ELEMENTSOF(line); i++) {
		char *next = strsep(&rest, "\n");

		line[i] = next ? next : (char *)"";
	}
	if (!koji_ops.is_mine(line[0]))
		return;
	w.id = (struct nevra){.name = line[1],
			      .version = line[2],
			      .release = line[3],
			      .arch = line[4],
			      .epoch = EPOCH_NONE};
	w.source = line[5];
	w.keyid = line[6];
	strlist_add(&keys, w.keyid);
	koji_urls(line[0], &w, &keys, &urls);
	strlist_release(&keys);
	FUZZ_CHECK(urls.n > 0);
	host = strcspn(strstr(line[0], "://") + 3, "/");
	for (uint32_t i = 0; i < urls.n; i++) {
		const char *url = urls.v[i], *at = strstr(url, "://") + 3;

		FUZZ_CHECK(fetch_is_remote(url) && strncmp(url, line[0] + 5, 7) == 0);
		if (!strpbrk(line[0], "?#"))
			FUZZ_CHECK(strcspn(at, "/") == host &&
				   !strncmp(at, strstr(line[0], "://") + 3, host));
	}
	strlist_release(&urls);
	free(koji_source_name(line[5]));
}
