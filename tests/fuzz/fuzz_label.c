/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* Packages as users write them. */

#include "fuzz.h"
#include "select/label.h"

FUZZ_TARGET(label)
{
	const char *text = fuzz_text(data, n);
	const struct nevra whole = {
		.name = text, .version = "1", .release = "1", .arch = "noarch"};
	struct labels l = {0};
	struct label *v;

	labels_parse(text, &l);
	FUZZ_CHECK(!*text || l.list.n > 0);
	array_foreach(v, &l.list) {
		FUZZ_CHECK(*v->name && (!v->version || *v->version));
		FUZZ_CHECK(!v->release || v->version);
		(void)label_matches(v, &whole);
	}
	FUZZ_CHECK(!*text || label_matches(&l.list.v[0], &whole));
	labels_release(&l);
}
