/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A list of packages, as --manifest takes it. */

#include <string.h>

#include "fuzz.h"
#include "select/manifest.h"

FUZZ_TARGET(pkglist)
{
	cleanup_error struct error err = ERROR_INIT;
	struct wanted w = {0};
	const struct label *l;

	if (manifest_parse(fuzz_text(data, n), n, "'it'", &w, &err) < 0) {
		FUZZ_CHECK(err.kind == ERR_USAGE && err.msg && utf8_is_valid(err.msg));
		return;
	}
	FUZZ_CHECK(w.list.n > 0);
	array_foreach(l, &w.list) {
		FUZZ_CHECK(*l->name && !strchr(l->name, '/'));
		FUZZ_CHECK(l->version && *l->version && l->release && *l->release);
		FUZZ_CHECK(!l->arch || *l->arch);
		FUZZ_CHECK(l->epoch == EPOCH_NONE || l->epoch >= 0);
	}
	wanted_release(&w);
}
