/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/passed.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/label.h"
#include "select/step.h"

static bool is_known(const struct candidate *c)
{
	return c->pkg->hdrdigest.algo != DIGEST_NONE;
}

/* What choose_candidate() goes by where no digest decides. */
static int rank(const struct candidate *c, const struct pkg *from)
{
	return (from && !strcmp(from->vendor, c->pkg->vendor) ? 2 : 0) +
	       (*c->pkg->keyid || !is_known(c) ? 1 : 0);
}

static const char *of_same_version(const struct candidate *c,
				   const struct candidate *taken, const struct pkg *from)
{
	int d = rank(c, from) - rank(taken, from);

	if (is_known(c) && digest_is_same(&c->pkg->hdrdigest, &taken->pkg->hdrdigest))
		return c->source == taken->source ? "the same package once more"
						  : "the same package, in a later source";
	if (d > 0)
		return "another build: not the one that was installed";
	if (d < 0 && from && strcmp(from->vendor, c->pkg->vendor))
		return "another build, of another vendor than the installed package's";
	if (d < 0)
		return "another build, which nobody signed";
	return c->source == taken->source
		       ? "another build, and nothing says which of the two is meant"
		       : "another build, in a later source";
}

static const char *reason_of(const struct candidate *c, const struct candidate *taken,
			     const struct change *change, const struct bad *bad,
			     struct arena *mem)
{
	const struct nevra *id = &c->pkg->id, *want = &taken->pkg->id;
	const struct pkg *from = change->from;
	int d = evr_cmp(id, want), to_installed;

	if (bad)
		return arena_printf(mem, "of no use: %s", bad->why);
	if (strcmp(id->arch, want->arch))
		return arena_printf(mem, "for another architecture, %s", id->arch);
	if (d == 0)
		return of_same_version(c, taken, from);
	to_installed = from ? evr_cmp(id, &from->id) : -1;
	if (to_installed == 0)
		return "the version that is installed";
	if (to_installed > 0)
		return "newer than what is installed";
	return arena_printf(mem, "%s than what is wanted, %s", d > 0 ? "newer" : "older",
			    step_evr(mem, want));
}

/* Sorts: the one taken, its version, other versions from the newest on, other architectures. */
struct sorting {
	const struct candidate *taken;
	const struct candidate *c;
};

static int by_nearness(const void *pa, const void *pb)
{
	const struct sorting *a = pa, *b = pb;
	const struct nevra *want = &a->taken->pkg->id;
	bool aa = !strcmp(a->c->pkg->id.arch, want->arch),
	     ab = !strcmp(b->c->pkg->id.arch, want->arch);
	int ra = a->c == a->taken		      ? 0
		 : !aa				      ? 3
		 : evr_cmp(&a->c->pkg->id, want) ? 2
						      : 1;
	int rb = b->c == b->taken		      ? 0
		 : !ab				      ? 3
		 : evr_cmp(&b->c->pkg->id, want) ? 2
						      : 1;
	int d;

	if (ra != rb)
		return ra - rb;
	d = evr_cmp(&b->c->pkg->id, &a->c->pkg->id);
	if (d == 0 && a->c->source != b->c->source)
		return a->c->source < b->c->source ? -1 : 1;
	return d ? d : strcmp(a->c->location, b->c->location);
}

static void add_rows(const struct change *change, const struct sources *sources,
		     struct passed_list *list, struct passed *ret)
{
	cleanup_free const struct candidate **found = NULL;
	cleanup_free struct sorting *all = NULL;
	const struct candidate *taken = NULL;
	uint32_t n =
		change->to ? sources_find_name(sources, change->to->id.name, NULL, &found)
			   : 0;

	for (uint32_t i = 0; i < n; i++)
		if ((int)found[i]->source == change->source &&
		    !strcmp(found[i]->location, change->location))
			taken = found[i];
	if (!taken)
		return;
	all = xcalloc(n, sizeof(*all));
	for (uint32_t i = 0; i < n; i++)
		all[i] = (struct sorting){taken, found[i]};
	qsort(all, n, sizeof(*all), by_nearness);
	for (uint32_t i = 0; i < n; i++)
		array_add(&ret->rows,
			  (struct passed_row){
				  all[i].c,
				  all[i].c == taken
					  ? NULL
					  : reason_of(all[i].c, taken, change,
						      sources_bad(sources, all[i].c),
						      &list->mem)});
}

static bool is_meant(const struct labels *labels, const struct change *c)
{
	for (uint32_t i = 0; i < labels->list.n; i++)
		if ((c->to && label_matches(&labels->list.v[i], &c->to->id)) ||
		    (c->from && label_matches(&labels->list.v[i], &c->from->id)))
			return true;
	return false;
}

static bool has(const struct passed_list *list, const struct change *c)
{
	for (uint32_t i = 0; i < list->list.n; i++)
		if (list->list.v[i].change == c)
			return true;
	return false;
}

int passed_find(const struct strlist *texts, const struct changes *changes,
		const struct sources *sources, struct passed_list *ret, struct error *err)
{
	for (uint32_t i = 0; i < texts->n; i++) {
		struct labels labels = {0};
		const struct change *c;
		bool meant = false;

		labels_parse(texts->v[i], &labels);
		array_foreach(c, &changes->list) {
			struct passed *p;

			if (!is_meant(&labels, c))
				continue;
			meant = true;
			if (has(ret, c))
				continue;
			p = array_push(&ret->list);
			p->change = c;
			add_rows(c, sources, ret, p);
		}
		labels_release(&labels);
		if (!meant)
			return err_set(
				err, ERR_USAGE,
				"--why '%s': no package of this plan has that name",
				texts->v[i]);
	}
	return 0;
}

void passed_release(struct passed_list *p)
{
	for (uint32_t i = 0; i < p->list.n; i++)
		array_release(&p->list.v[i].rows);
	array_release(&p->list);
	arena_release(&p->mem);
}
