/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/choose.h"

#include <fnmatch.h>
#include <string.h>

#include "base/buf.h"
#include "rpm/evr.h"
#include "select/pattern.h"
#include "source/catalog.h"

bool choose_digest_is(const struct digest *d, const char *hex)
{
	cleanup_buf struct buf text = {0};

	if (!hex || !*hex || d->algo == DIGEST_NONE)
		return false;
	buf_hex(&text, d->bytes, d->len);
	return !strcasecmp(text.s, hex);
}

static bool is_good(const struct sources *l, const struct candidate *c)
{
	return !sources_bad(l, c);
}

/* Higher is better; what ranks the same is taken in order of the sources. */
static int rank(const struct candidate *c, const struct step *step)
{
	const struct pkg *from = step->from;
	int r = 0;

	if (choose_digest_is(&c->pkg->hdrdigest, step->digest) ||
	    (!step->digest && from && nevra_is_same(&from->id, &step->to) &&
	     digest_is_same(&from->hdrdigest, &c->pkg->hdrdigest)))
		r += 4;
	if (from && !strcmp(from->vendor, c->pkg->vendor))
		r += 2;
	/* of what was not downloaded yet nobody can tell: then the order of the sources decides */
	if (*c->pkg->keyid || !c->pkg->hdrdigest.algo)
		r += 1;
	return r;
}

static const char *vendor_of(const struct candidate *c)
{
	return *c->pkg->vendor ? c->pkg->vendor : "nobody named";
}

const struct candidate *choose_candidate(const struct sources *l, const struct step *step,
					 struct problems *problems)
{
	const struct candidate *best = NULL, *other = NULL;
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find(l, &step->to, &found);

	for (uint32_t i = 0; i < n; i++)
		if (!best || is_good(l, found[i]) > is_good(l, best) ||
		    (is_good(l, found[i]) == is_good(l, best) &&
		     rank(found[i], step) > rank(best, step)))
			best = found[i];
	for (uint32_t i = 0; i < n; i++)
		/* of what was not downloaded yet no digest is known */
		if (found[i]->pkg->hdrdigest.algo && best->pkg->hdrdigest.algo &&
		    !digest_is_same(&found[i]->pkg->hdrdigest, &best->pkg->hdrdigest))
			other = found[i];
	if (other && rank(best, step) < 4)
		problems_add(
			problems, PROBLEM_OTHER, SEV_NOTE, best->pkg->nevra,
			"there are different builds of %s; '%s' (vendor: %s) is taken, "
			"'%s' (vendor: %s) is not",
			best->pkg->nevra, best->location, vendor_of(best),
			other->location, vendor_of(other));
	return best;
}

static bool can_stand_for(const char *arch, const char *of)
{
	return !strcmp(arch, of) || !strcmp(arch, "noarch") || !strcmp(of, "noarch");
}

static bool is_installed(const struct pkgset *installed, const struct nevra *id)
{
	return pkgset_find(installed, id) != NULL;
}

/* Architectures that one machine runs beside one another. */
static const char *family_of(const char *arch)
{
	static const struct {
		const char *pattern, *family;
	} families[] = {
		{"i?86", "x86"},	{"x86_64*", "x86"},    {"athlon", "x86"},
		{"amd64", "x86"},	{"ia32e", "x86"},      {"pentium?", "x86"},
		{"geode", "x86"},	{"arm*", "arm"},       {"aarch64", "arm"},
		{"ppc64le", "ppc64le"}, {"ppc*", "ppc"},       {"s390*", "s390"},
		{"sparc*", "sparc"},	{"mips*el", "mipsel"}, {"mips*", "mips"},
	};

	for (size_t i = 0; i < ELEMENTSOF(families); i++)
		if (!fnmatch(families[i].pattern, arch, 0))
			return families[i].family;
	return arch;
}

/* How many installed packages are of an arch: what this root is, in doubt. */
static uint32_t count_arch(const struct pkgset *installed, const char *arch)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < installed->n; i++)
		n += !strcmp(installed->v[i]->id.arch, arch);
	return n;
}

bool choose_arch_fits(const char *arch, const struct pkgset *installed)
{
	bool can_tell = false;

	if (!strcmp(arch, "noarch"))
		return true;
	for (uint32_t i = 0; i < installed->n; i++) {
		const char *have = installed->v[i]->id.arch;

		if (!*have || !strcmp(have, "noarch"))
			continue;
		can_tell = true;
		if (!strcmp(family_of(have), family_of(arch)))
			return true;
	}
	return !can_tell;
}

/* Whether a stands for a package of this root better than b, which may be of another arch. */
static bool is_better(const struct nevra *a, const struct nevra *b,
		      const struct pkgset *installed)
{
	int d = choose_arch_fits(a->arch, installed) -
		choose_arch_fits(b->arch, installed);

	if (d == 0)
		d = evr_cmp(a, b);
	if (d == 0 && strcmp(a->arch, b->arch))
		d = count_arch(installed, a->arch) > count_arch(installed, b->arch) ? 1
										    : -1;
	return d > 0;
}

static const struct candidate *best_of(const struct candidate *const *v, uint32_t n,
				       const struct pkgset *installed)
{
	const struct candidate *best = NULL;

	for (uint32_t i = 0; i < n; i++)
		if (!best || is_better(&v[i]->pkg->id, &best->pkg->id, installed))
			best = v[i];
	return best;
}

/* The best of them that is of use; should there be none in place of the very best, that. */
static const struct candidate *best_good_of(const struct sources *l,
					    const struct candidate **v, uint32_t n,
					    const struct pkgset *installed)
{
	const struct candidate *best = best_of(v, n, installed), *good;
	uint32_t k = 0;

	if (!best || sources_have_good(l, &best->pkg->id))
		return best;
	for (uint32_t i = 0; i < n; i++)
		if (is_good(l, v[i]) &&
		    can_stand_for(v[i]->pkg->id.arch, best->pkg->id.arch))
			v[k++] = v[i];
	good = best_of(v, k, installed);
	return good ? good : best;
}

/* What of it is installed: itself, or what has taken its place. NULL: nothing. */
static const struct pkg *installed_of(const struct pkgset *installed,
				      const struct nevra *id)
{
	const struct pkg *p = pkgset_find(installed, id);
	struct pkg *const *now;
	uint32_t n = p ? 0 : step_installed(installed, id->name, id->arch, &now);

	return n ? now[n - 1] : p;
}

/* Those that are not known to be of another stream of modules than what is installed; where all of use are, all.
 * How many. */
static uint32_t of_stream(const struct sources *l, const struct candidate **v, uint32_t n,
			  const struct pkg *is)
{
	bool any = false;
	uint32_t k = 0;

	for (uint32_t i = 0; i < n && is; i++)
		any |= is_good(l, v[i]) && !choose_crosses(is, v[i]->pkg);
	for (uint32_t i = 0; i < n && any; i++)
		if (!choose_crosses(is, v[i]->pkg))
			v[k++] = v[i];
	return any ? k : n;
}

bool choose_crosses(const struct pkg *from, const struct pkg *to)
{
	/* of what was not downloaded yet nothing is known, nor of what is wanted on another machine */
	return to->hdrdigest.algo && from->stream && to->stream &&
	       strcmp(from->stream, to->stream) != 0;
}

const struct candidate *choose_older(const struct sources *l, const struct nevra *p,
				     const char *arch, const struct pkgset *installed)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find_name(l, p->name, arch, &found), k = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct nevra *id = &found[i]->pkg->id;

		if (can_stand_for(id->arch, p->arch) && evr_cmp(id, p) < 0 &&
		    (!step_stands_beside(installed, id->name) ||
		     !is_installed(installed, id)))
			found[k++] = found[i];
	}
	k = of_stream(l, found, k, installed_of(installed, p));
	return best_good_of(l, found, k, installed);
}

const struct candidate *choose_newest(const struct sources *l, const struct label *label,
				      const char *arch, const struct pkgset *installed)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find_name(l, label->name, NULL, &found), k = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct nevra *id = &found[i]->pkg->id;

		if (label_matches(label, id) && (!arch || can_stand_for(id->arch, arch)))
			found[k++] = found[i];
	}
	return best_good_of(l, found, k, installed);
}

const struct candidate *choose_lost(const struct sources *l, const struct step *step)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find_name(l, step->to.name, NULL, &found);
	const struct candidate *best = NULL;

	for (uint32_t i = 0; i < n; i++) {
		const struct nevra *id = &found[i]->pkg->id;
		bool older = step->from && evr_cmp(&step->to, &step->from->id) < 0;

		if (!is_good(l, found[i]) && can_stand_for(id->arch, step->to.arch) &&
		    evr_cmp(id, &step->to) > 0 &&
		    (!older || evr_cmp(id, &step->from->id) < 0) &&
		    (!best || evr_cmp(id, &best->pkg->id) > 0))
			best = found[i];
	}
	return best;
}

uint32_t choose_matching(const struct sources *l, const char *pattern,
			 const struct pkgset *installed, const struct candidate ***ret)
{
	ARRAY(const struct candidate *) best = {0};

	/* by name and arch: what is the same package stands side by side */
	for (uint32_t i = 0; l->catalog && i < l->catalog->sorted.n; i++) {
		const struct candidate *c = sources_candidate(l, l->catalog->sorted.v[i]);
		const struct nevra *last = best.n ? &best.v[best.n - 1]->pkg->id : NULL;

		if (!c || !pattern_matches(pattern, &c->pkg->id) ||
		    !choose_arch_fits(c->pkg->id.arch, installed))
			continue;
		if (!last || strcmp(last->name, c->pkg->id.name) != 0 ||
		    strcmp(last->arch, c->pkg->id.arch) != 0)
			array_add(&best, c);
		else if (is_good(l, c) > is_good(l, best.v[best.n - 1]) ||
			 (is_good(l, c) == is_good(l, best.v[best.n - 1]) &&
			  evr_cmp(&c->pkg->id, last) > 0))
			best.v[best.n - 1] = c;
	}
	*ret = best.v;
	return best.n;
}
