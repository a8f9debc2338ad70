/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/named.h"

#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "select/choose.h"
#include "select/label.h"
#include "select/pattern.h"

struct named {
	const struct pkgset *installed;
	const struct sources *sources;
	struct steps *steps;
	struct problems *problems;
};

static bool is_installed_as(const struct named *w, const struct label *l)
{
	struct pkg *const *now;
	uint32_t n = step_installed(w->installed, l->name, l->arch, &now);

	for (uint32_t i = 0; i < n; i++)
		if (label_matches(l, &now[i]->id))
			return true;
	return false;
}

static bool is_in_sources_as(const struct named *w, const struct label *l)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find_name(w->sources, l->name, l->arch, &found);

	for (uint32_t i = 0; i < n; i++)
		if (label_matches(l, &found[i]->pkg->id))
			return true;
	return false;
}

/* The first reading that something answers to, or NULL. */
static const struct label *meant(const struct named *w, const struct labels *labels)
{
	for (uint32_t i = 0; i < labels->list.n; i++) {
		const struct label *l = &labels->list.v[i];

		if (is_installed_as(w, l) || is_in_sources_as(w, l))
			return l;
	}
	return NULL;
}

/* The reading whose name is a package's, if not in that version; NULL: none. */
static const struct label *known_name(const struct named *w, const struct labels *labels)
{
	for (uint32_t i = 0; i < labels->list.n; i++) {
		struct label any = {.name = labels->list.v[i].name, .epoch = EPOCH_NONE};

		if (is_installed_as(w, &any) || is_in_sources_as(w, &any))
			return &labels->list.v[i];
	}
	return NULL;
}

static struct pkg *newest_of(struct pkg *const *now, uint32_t n)
{
	struct pkg *newest = now[0];

	for (uint32_t i = 1; i < n; i++)
		if (evr_cmp(&now[i]->id, &newest->id) > 0)
			newest = now[i];
	return newest;
}

static void put(struct named *w, struct pkg *const *now, uint32_t n,
		const struct nevra *to)
{
	struct pkg *same;

	if (!step_stands_beside(w->installed, to->name)) {
		steps_replace(w->steps, now, n, to, "named");
		return;
	}
	same = pkgset_find(w->installed, to);
	steps_add(w->steps, same, to, "named");
}

/* The instances of one arch that are installed. */
static void put_installed(struct named *w, const struct label *l, struct pkg *const *now,
			  uint32_t n)
{
	struct pkg *newest = newest_of(now, n);
	uint32_t first = w->steps->list.n;
	const struct candidate *c;
	struct nevra id;

	if (!l->version) {
		c = choose_older(w->sources, &newest->id, l->arch, w->installed);
		if (!c)
			steps_miss_older(w->steps, &newest->id);
		else
			put(w, now, n, &c->pkg->id);
		steps_set_open(w->steps, first);
		return;
	}
	c = choose_newest(w->sources, l, newest->id.arch, w->installed);
	if (c) {
		put(w, now, n, &c->pkg->id);
		if (!l->release)
			steps_set_open(w->steps, first);
		return;
	}
	id = (struct nevra){l->name, l->version, l->release, newest->id.arch, l->epoch};
	steps_miss(w->steps, &id,
		   arena_printf(&w->steps->mem, "%s-%s%s%s.%s", l->name, l->version,
				l->release ? "-" : "", l->release ? l->release : "",
				newest->id.arch));
}

static void put_new(struct named *w, const struct label *l)
{
	const struct candidate *c = choose_newest(w->sources, l, NULL, w->installed);

	steps_add(w->steps, NULL, &c->pkg->id, "named")->open = !l->release;
	if (!choose_arch_fits(c->pkg->id.arch, w->installed))
		problems_add(w->problems, PROBLEM_ARCH, SEV_REFUSE, c->pkg->nevra,
			     "%s is for another architecture than this root's packages",
			     c->pkg->nevra);
}

/* Whether an installed package is the one that a label with this arch speaks of: a change from or
 * to noarch is a change of that package. */
static bool arch_is_meant(const struct label *l, const char *arch)
{
	return !l->arch || !strcmp(l->arch, arch) || !strcmp(l->arch, "noarch") ||
	       !strcmp(arch, "noarch");
}

static void put_label(struct named *w, const struct label *l)
{
	struct pkg *const *now;
	uint32_t n = step_installed(w->installed, l->name, NULL, &now), first = 0;
	bool placed = false;

	for (uint32_t i = 1; i <= n; i++) {
		const char *arch = now[first]->id.arch;

		if (i < n && !strcmp(now[i]->id.arch, arch))
			continue;
		if (arch_is_meant(l, arch)) {
			put_installed(w, l, now + first, i - first);
			placed = true;
		}
		first = i;
	}
	if (!placed)
		put_new(w, l);
}

/* No source has that version: for which archs it is wanted, what is installed tells. */
static void miss_version(struct named *w, const struct label *l, const char *text)
{
	const struct nevra id = {l->name, l->version, l->release, l->arch, l->epoch};
	struct pkg *const *now;

	if (l->arch || !step_installed(w->installed, l->name, NULL, &now))
		steps_miss(w->steps, &id, text);
	else
		put_label(w, l);
}

/* Each installed package whose name the pattern matches, as if it were named. */
static bool expand_installed(struct named *w, const char *pattern)
{
	const struct pkgset *set = w->installed;
	uint32_t matched = 0, missed = w->steps->missing.n;

	for (uint32_t i = 0, end; i < set->n; i = end) {
		const struct nevra *id = &set->v[i]->id;
		const struct label l = {.name = id->name, .epoch = EPOCH_NONE};

		for (end = i + 1;
		     end < set->n && !strcmp(set->v[end]->id.name, id->name) &&
		     !strcmp(set->v[end]->id.arch, id->arch);
		     end++)
			;
		if (pkg_is_pseudo(set->v[i]) || !pattern_matches_name(pattern, id))
			continue;
		put_installed(w, &l, set->v + i, end - i);
		matched++;
	}
	missed = w->steps->missing.n - missed;
	/* who says `lib*` does not mean that each must have an older version */
	if (missed && missed < matched) {
		w->steps->missing.n -= missed;
		problems_add(
			w->problems, PROBLEM_OTHER, SEV_NOTE, pattern,
			"%u of %u packages that '%s' means stay: no source has an older "
			"version of them",
			missed, matched, pattern);
	}
	return matched > 0;
}

/* Each package of the sources that it matches with its version: the newest of each. */
static bool expand_sources(struct named *w, const char *pattern)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = choose_matching(w->sources, pattern, w->installed, &found);
	uint32_t first = w->steps->list.n;

	for (uint32_t i = 0; i < n; i++) {
		const struct nevra *id = &found[i]->pkg->id;
		struct pkg *const *now;
		uint32_t n_now = step_installed(w->installed, id->name, id->arch, &now);

		if (n_now)
			put(w, now, n_now, id);
		else
			steps_add(w->steps, NULL, id, "named");
	}
	steps_set_open(w->steps, first);
	return n > 0;
}

static bool expand(struct named *w, const char *pattern)
{
	return expand_installed(w, pattern) || expand_sources(w, pattern);
}

static int check_text(const char *text, struct error *err)
{
	if (!*text)
		return err_set(err, ERR_USAGE, "an empty package name");
	if (strchr(text, '/') || source_has_rpm_suffix(text))
		return err_set(
			err, ERR_USAGE,
			"'%s' is a file; name the package, and the file with --from",
			text);
	if (!strncmp(text, "gpg-pubkey", 10) && (!text[10] || text[10] == '-'))
		return err_set(err, ERR_USAGE,
			       "'%s' is a key, which no package file brings", text);
	return 0;
}

static int by_target(const void *pa, const void *pb)
{
	const struct step *a = pa, *b = pb;
	uintptr_t fa = (uintptr_t)a->from, fb = (uintptr_t)b->from;

	if (fa != fb)
		return fa < fb ? -1 : 1;
	return a->comes && b->comes ? nevra_cmp(&a->to, &b->to) : a->comes - b->comes;
}

/* One package named twice is one step if both mean the same. */
static int drop_repeated(struct steps *s, struct error *err)
{
	uint32_t kept = 0;

	if (!s->list.n)
		return 0;
	qsort(s->list.v, s->list.n, sizeof(*s->list.v), by_target);
	for (uint32_t i = 1; i < s->list.n; i++) {
		const struct step *a = &s->list.v[kept], *b = &s->list.v[i];

		if (by_target(a, b) == 0)
			continue;
		if (a->from && a->from == b->from)
			return err_set(err, ERR_USAGE,
				       "%s is named twice, with different versions",
				       a->from->id.name);
		s->list.v[++kept] = *b;
	}
	s->list.n = kept + 1;
	return 0;
}

int named_err_unknown(const struct strlist *unknown, const struct sources *sources,
		      struct error *err)
{
	cleanup_buf struct buf names = {0}, places = {0};
	struct strlist where = {0};

	for (uint32_t i = 0; i < unknown->n; i++)
		buf_printf(&names, "%s'%s'", i ? ", " : "", unknown->v[i]);
	sources_say_where(sources, &where);
	for (uint32_t i = 0; i < where.n; i++)
		buf_printf(&places, "%s%s", i ? ", " : "", where.v[i]);
	strlist_release(&where);
	return err_set(err, ERR_UNAVAILABLE,
		       "neither installed nor in any source: %s; looked at %s", names.s,
		       places.n ? places.s : "nothing");
}

int named_steps(const struct strlist *packages, const struct pkgset *installed,
		const struct sources *sources, struct steps *steps,
		struct problems *problems, struct error *err)
{
	struct named w = {installed, sources, steps, problems};

	for (uint32_t i = 0; i < packages->n; i++) {
		const char *text = packages->v[i];
		const struct label *label;
		struct labels labels;

		if (check_text(text, err))
			return -1;
		if (pattern_is(text)) {
			if (!expand(&w, text))
				strlist_add(&steps->unknown, text);
			continue;
		}
		labels_parse(text, &labels);
		label = meant(&w, &labels);
		if (label)
			put_label(&w, label);
		else if ((label = known_name(&w, &labels)))
			miss_version(&w, label, text);
		else
			strlist_add(&steps->unknown, text);
		labels_release(&labels);
	}
	return drop_repeated(steps, err);
}
