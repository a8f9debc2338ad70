/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/archive.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/choose.h"
#include "select/pattern.h"
#include "source/koji.h"

/* What is asked for. */
struct asking {
	const struct sources *sources;
	const struct pkgset *installed;
	struct arena mem;
	ARRAY(struct koji_wanted) list;
};

static void release(struct asking *a)
{
	array_release(&a->list);
	arena_release(&a->mem);
}

static bool has(const struct asking *a, const struct nevra *id, enum koji_how how)
{
	for (uint32_t i = 0; i < a->list.n; i++)
		if (a->list.v[i].how == how && nevra_is_same(&a->list.v[i].id, id))
			return true;
	return false;
}

/* like: the installed package that tells about it, or NULL */
static struct koji_wanted wanted(struct asking *a, const struct nevra *id,
				 const struct pkg *like)
{
	cleanup_free char *source = koji_source_name(like ? like->sourcerpm : "");

	return (struct koji_wanted){.id = *id,
				    .source = arena_strdup(&a->mem, source),
				    .keyid = like ? like->keyid : "",
				    .like = like ? like->id.release : ""};
}

static void ask(struct asking *a, const struct nevra *id, const struct pkg *like)
{
	struct pkg *const *same;

	if (has(a, id, KOJI_THAT) || sources_have_good(a->sources, id))
		return;
	if (!like && step_installed(a->installed, id->name, NULL, &same))
		like = same[0];
	array_add(&a->list, wanted(a, id, like));
}

/* One that is older than all n that are installed, or not newer and none of them where they stand beside one another. */
static void ask_older(struct asking *a, struct pkg *const *now, uint32_t n)
{
	struct nevra *there = arena_alloc(&a->mem, n * sizeof(*there));
	const struct pkg *newest = now[0];
	struct koji_wanted w;

	for (uint32_t i = 0; i < n; i++) {
		there[i] = now[i]->id;
		if (evr_cmp(&now[i]->id, &newest->id) > 0)
			newest = now[i];
	}
	if (has(a, &newest->id, KOJI_OLDER) || !*newest->id.arch)
		return;
	w = wanted(a, &newest->id, newest);
	w.how = KOJI_OLDER;
	if (step_stands_beside(a->installed, newest->id.name)) {
		w.there = there;
		w.n_there = n;
	}
	array_add(&a->list, w);
}

/* Of a version, in the arch that is named or installed, any release. */
static bool ask_version(struct asking *a, const struct label *l, const struct pkg *now)
{
	const struct nevra id = {l->name, l->version, "", now->id.arch, EPOCH_NONE};
	struct koji_wanted w;

	if (l->arch && strcmp(l->arch, now->id.arch) != 0 &&
	    strcmp(l->arch, "noarch") != 0)
		return false;
	w = wanted(a, &id, now);
	w.how = KOJI_VERSION;
	if (!has(a, &id, KOJI_VERSION))
		array_add(&a->list, w);
	return true;
}

/* The installed ones of each name and arch that a name, or where it is NULL a pattern, means. */
static void ask_installed(struct asking *a, const char *name, const char *arch,
			  const char *pattern)
{
	const struct pkgset *set = a->installed;

	for (uint32_t i = 0, end; i < set->n; i = end) {
		const struct nevra *id = &set->v[i]->id;

		for (end = i + 1;
		     end < set->n && !strcmp(set->v[end]->id.name, id->name) &&
		     !strcmp(set->v[end]->id.arch, id->arch);
		     end++)
			;
		if (!pkg_is_pseudo(set->v[i]) &&
		    (name ? !strcmp(id->name, name) && (!arch || !strcmp(id->arch, arch))
			  : pattern_matches_name(pattern, id)))
			ask_older(a, set->v + i, end - i);
	}
}

static int look(struct asking *a, struct error *err)
{
	int rc = sources_look_for(a->sources, a->list.v, a->list.n, err);

	release(a);
	return rc;
}

int archive_look_for_steps(const struct steps *steps, const struct sources *sources,
			   const struct pkgset *installed, struct error *err)
{
	struct asking a = {.sources = sources, .installed = installed};

	for (uint32_t i = 0; i < steps->list.n && sources_look(sources); i++)
		if (steps->list.v[i].comes)
			ask(&a, &steps->list.v[i].to, steps->list.v[i].from);
	return look(&a, err);
}

/* In the arch that it names, else in those of what is installed of it. */
static bool ask_label(struct asking *a, const struct label *l)
{
	struct pkg *const *now;
	uint32_t n = step_installed(a->installed, l->name, NULL, &now);
	struct nevra id = {l->name, l->version, l->release, l->arch, l->epoch};

	if (!n && (!l->arch || !l->release))
		return false;
	if (!l->version) {
		ask_installed(a, l->name, l->arch, NULL);
		return true;
	}
	if (!l->release) {
		bool asked = false;

		for (uint32_t i = 0; i < n; i++)
			asked |= ask_version(a, l, now[i]);
		return asked;
	}
	if (l->arch)
		ask(a, &id, n ? now[0] : NULL);
	for (uint32_t i = 0; i < n && !l->arch; i++) {
		id.arch = now[i]->id.arch;
		ask(a, &id, now[i]);
	}
	return true;
}

/* How likely it is that a reading is meant: of "a-1-1.noarch" the arch is no part of the release, and
 * of "a-1-1.fc38" it is. */
enum likely { INSTALLED_WITH_ARCH, INSTALLED, WITH_ARCH, UNLIKELY };

static enum likely likely(const struct asking *a, const struct label *l)
{
	struct pkg *const *now;
	bool is_installed = step_installed(a->installed, l->name, NULL, &now) > 0;
	bool has_arch = l->arch && choose_arch_fits(l->arch, a->installed);

	if (l->arch && !has_arch)
		return UNLIKELY;
	return is_installed ? (has_arch ? INSTALLED_WITH_ARCH : INSTALLED)
	       : has_arch   ? WITH_ARCH
			    : UNLIKELY;
}

static void ask_text(struct asking *a, const char *text)
{
	struct labels labels = {0};
	bool asked = false;

	if (pattern_is(text)) {
		ask_installed(a, NULL, NULL, text);
		return;
	}
	labels_parse(arena_strdup(&a->mem, text), &labels);
	for (enum likely how = INSTALLED_WITH_ARCH; how < UNLIKELY && !asked; how++)
		for (uint32_t i = 0; i < labels.list.n && !asked; i++)
			if (likely(a, &labels.list.v[i]) == how)
				asked = ask_label(a, &labels.list.v[i]);
	arena_take(&a->mem, &labels.mem);
	labels_release(&labels);
}

int archive_look_for_names(const struct strlist *texts, const struct label *labels,
			   uint32_t n, const struct sources *sources,
			   const struct pkgset *installed, struct error *err)
{
	struct asking a = {.sources = sources, .installed = installed};
	struct pkg *const *now;

	if (!sources_look(sources))
		return 0;
	for (uint32_t i = 0; texts && i < texts->n; i++)
		ask_text(&a, texts->v[i]);
	for (uint32_t i = 0; i < n; i++) {
		const struct label *l = &labels[i];
		uint32_t there = step_installed(installed, l->name, NULL, &now);
		bool is_there = false;

		for (uint32_t k = 0; k < there; k++)
			is_there |= label_matches(l, &now[k]->id);
		if (!is_there && strcmp(l->name, "gpg-pubkey") != 0)
			ask_label(&a, l);
	}
	return look(&a, err);
}

int archive_look_for_guesses(const struct fold *fold, const struct sources *sources,
			     const struct pkgset *installed, struct error *err)
{
	struct asking a = {.sources = sources, .installed = installed};

	for (uint32_t i = 0; i < fold->guessed.n && sources_look(sources); i++) {
		const struct nevra *came = &fold->guessed.v[i]->id;
		struct pkg *const *now;
		struct koji_wanted w;

		if (!step_installed(installed, came->name, came->arch, &now) ||
		    has(&a, came, KOJI_OLDER))
			continue;
		w = wanted(&a, came, now[0]);
		w.how = KOJI_OLDER;
		array_add(&a.list, w);
	}
	return look(&a, err);
}

static bool is_sibling(const struct pkg *p, const struct pkg *of)
{
	return p != of && *of->sourcerpm && !strcmp(p->sourcerpm, of->sourcerpm) &&
	       evr_cmp(&p->id, &of->id) == 0;
}

int archive_look_for_siblings(const struct changes *changes,
			      const struct sources *sources,
			      const struct pkgset *installed, struct error *err)
{
	struct asking a = {.sources = sources, .installed = installed};
	const struct change *c;

	array_foreach(c, &changes->list) {
		if (!c->from || !c->to || !sources_look(sources))
			continue;
		for (uint32_t i = 0; i < installed->n; i++) {
			const struct pkg *p = installed->v[i];
			const struct nevra id = {p->id.name, c->to->id.version,
						 c->to->id.release, p->id.arch,
						 c->to->id.epoch};

			if (is_sibling(p, c->from) && evr_cmp(&p->id, &c->to->id) != 0)
				ask(&a, &id, p);
		}
	}
	return look(&a, err);
}
