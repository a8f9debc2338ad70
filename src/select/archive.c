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

static bool has(const struct asking *a, const struct nevra *id)
{
	for (uint32_t i = 0; i < a->list.n; i++)
		if (nevra_is_same(&a->list.v[i].id, id))
			return true;
	return false;
}

/* like: the installed package that tells about it, or NULL */
static void ask(struct asking *a, const struct nevra *id, const struct pkg *like)
{
	cleanup_free char *source = NULL;
	struct pkg *const *same;

	if (has(a, id) || sources_have_good(a->sources, id))
		return;
	if (!like && step_installed(a->installed, id->name, NULL, &same))
		like = same[0];
	source = koji_source_name(like ? like->sourcerpm : "");
	array_add(&a->list, ((struct koji_wanted){*id, arena_strdup(&a->mem, source),
						  like ? like->keyid : ""}));
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

	if (!l->version || !l->release || (!l->arch && !n))
		return false;
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

	if (pattern_is(text))
		return;
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

			if (is_sibling(p, c->from) &&
			    evr_cmp(&p->id, &c->to->id) != 0)
				ask(&a, &id, p);
		}
	}
	return look(&a, err);
}
