/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* What a saved plan wants. */

#include <string.h>

#include "fuzz.h"
#include "select/want.h"

/* What was read is written, and read, as the same. */
static void check_again(const struct want *w)
{
	struct step_miss m = {.id = w->id, .text = w->text};
	struct arena mem = {0};
	struct want again;
	char *what;

	if (w->older)
		m.than = w->id;
	what = w->label ? want_of_label(w->label) : want_of_miss(&m);
	if (what && !strchr(w->what, '*')) {
		FUZZ_CHECK(want_parse(&mem, what, &again) == 0);
		FUZZ_CHECK(again.older == w->older);
		FUZZ_CHECK(nevra_is_same(&again.id, &w->id) || !*w->id.arch);
	}
	free(what);
	arena_release(&mem);
}

FUZZ_TARGET(want)
{
	const struct sources none = {0};
	struct koji_wanted exactly[2];
	struct arena mem = {0};
	struct want w;

	if (want_parse(&mem, fuzz_text(data, n), &w) == 0) {
		FUZZ_CHECK(*w.what && *w.text && w.source && w.keyid && w.arch);
		FUZZ_CHECK(*w.id.name && *w.id.version && *w.id.release);
		FUZZ_CHECK(!w.n_has || w.older);
		for (uint32_t i = 0; i < w.n_has; i++)
			FUZZ_CHECK(!strcmp(w.has[i].name, w.id.name));
		FUZZ_CHECK(want_of_archive(&w, exactly) <= 2);
		FUZZ_CHECK(!want_choose(&none, &w));
		check_again(&w);
	}
	arena_release(&mem);
}
