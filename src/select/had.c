/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/had.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "select/choose.h"

/* Trouble of this host, not of a package. */
static bool is_ours(const struct error *why)
{
	return why->sys == ENOMEM || why->sys == EMFILE || why->sys == ENFILE ||
	       why->sys == ENOSPC || why->sys == EDQUOT || why->sys == EAGAIN;
}

int had_load(const struct sources *sources, const struct candidate *c, struct pkg **ret,
	     struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;

	if (sources_load(sources, c, ret, &why) == 0)
		return 0;
	/* no trouble with the disk: what is wrong is in the package */
	if (why.kind == ERR_FAILED && !why.sys)
		why.kind = ERR_UNTRUSTED;
	if (!is_ours(&why) &&
	    sources_condemn(sources, c->source, c->location, why.kind, why.msg))
		return 1;
	err_move(err, &why);
	return err_prefix(err, "reading %s", c->pkg->nevra);
}

/* That an older one is taken than there would be. */
static void tell_lost(const struct sources *sources, const struct step *step,
		      const struct pkg *taken, struct problems *problems)
{
	const struct candidate *lost = step->open ? choose_lost(sources, step) : NULL;

	if (lost)
		problems_add(
			problems, PROBLEM_SOURCE, SEV_WARNING, taken->nevra,
			"%s is taken and not %s, for '%s' is of no use: %s; name a source "
			"that has it whole with --from",
			taken->nevra, lost->pkg->nevra, lost->location,
			sources_bad(sources, lost)->why);
}

static const char *stream_of(const struct pkg *p)
{
	return *p->stream ? p->stream : "none";
}

/* That what was chosen is not of the stream that the user is on. */
static void tell_crossing(const struct step *step, const struct pkg *to,
			  struct problems *problems)
{
	if (step->open && step->from && choose_crosses(step->from, to))
		problems_add(
			problems, PROBLEM_OTHER, SEV_WARNING, to->nevra,
			"%s is of another module stream, %s, than what is installed, %s: %s; "
			"name the version that is meant, or leave it with --exclude %s",
			to->nevra, stream_of(to), step->from->nevra,
			stream_of(step->from), to->id.name);
}

void had_tell(const struct sources *sources, const struct step *step,
	      const struct pkg *taken, struct problems *problems)
{
	tell_lost(sources, step, taken, problems);
	tell_crossing(step, taken, problems);
}

/* Of what could not be had, and there is no other, each place that it was looked for in. */
static int err_not_had(const struct sources *sources, const struct candidate *c,
		       uint32_t more, struct error *err)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find(sources, &c->pkg->id, &found), told = 0;
	cleanup_buf struct buf text = {0};

	for (uint32_t i = 0; i < n; i++) {
		const struct bad *bad = sources_bad(sources, found[i]);

		if (bad)
			buf_printf(&text, "%ssource '%s': %s", told++ ? "; " : "",
				   sources->v[found[i]->source]->shown, bad->why);
	}
	if (more)
		buf_printf(&text, " (and %u more)", more);
	return err_set(err, ERR_UNAVAILABLE, "%s", text.s);
}

int had_headers(const struct steps *steps, const struct sources *sources,
		struct error *err)
{
	cleanup_free struct wanted_package *v = xcalloc(steps->list.n + 1, sizeof(*v));
	uint32_t n = 0, lost = 0, known = sources_count_bad(sources);
	cleanup_error struct error why = ERROR_INIT;
	const struct candidate *first = NULL;
	struct problems told_later = {0};

	for (uint32_t i = 0; i < steps->list.n; i++) {
		const struct step *step = &steps->list.v[i];
		const struct candidate *c =
			step->comes ? choose_candidate(sources, step, &told_later) : NULL;

		const struct bad *bad = c ? sources_bad(sources, c) : NULL;

		if (bad && bad->kind == ERR_UNAVAILABLE) {
			first = first ? first : c;
			lost++;
		} else if (c) {
			v[n++] = (struct wanted_package){c->source, c->location};
		}
	}
	problems_release(&told_later);
	if (lost)
		return err_not_had(sources, first, lost - 1, err);
	if (sources_fetch(sources, v, n, PART_HEADERS, &why) == 0)
		return 0;
	if (sources_count_bad(sources) > known)
		return 1;
	err_move(err, &why);
	return -1;
}
