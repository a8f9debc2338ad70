/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/nearest.h"

#include <string.h>

#include "rpm/evr.h"
#include "select/label.h"

/* A place without what is said of it: "/srv/x (not there)". */
static size_t bare_length(const char *place)
{
	size_t n = strlen(place);
	const char *said = n && place[n - 1] == ')' ? strrchr(place, '(') : NULL;

	return said > place + 1 && said[-1] == ' ' ? (size_t)(said - place) - 1 : n;
}

/* Where only one place was gone through, there is no other that it could lie in. */
static bool lies_in(const struct source *s, const char *place, const struct candidate *c)
{
	size_t n = bare_length(place);
	cleanup_free char *inside = NULL;
	const char *location = c->location;

	if (s->looked_at.n == 1)
		return true;
	if (*location != '/' && s->root) {
		inside = xasprintf("%s/%s", s->root->path, location);
		location = inside;
	}
	return !strncmp(location, place, n) && (location[n] == '/' || !location[n]);
}

static const char *reason_of(const struct candidate *c, const struct nevra *want,
			     struct arena *mem)
{
	const struct nevra *id = &c->pkg->id;
	int d = evr_cmp(id, want);

	if (*want->arch && strcmp(id->arch, want->arch))
		return arena_printf(mem, "for another architecture, %s", id->arch);
	if (!*want->version)
		return "not older than what is installed";
	if (!*want->release) /* a version as a whole is wanted */
		return "another version";
	return d > 0 ? "newer than what is wanted" : "older than what is wanted";
}

struct near {
	const struct candidate *older, *newer, *other;
};

/* Without a wanted version all are newer than it, and the oldest is the nearest. */
static void consider(struct near *near, const struct candidate *c,
		     const struct nevra *want)
{
	const struct nevra *id = &c->pkg->id;

	if (*want->arch && strcmp(id->arch, want->arch)) {
		near->other = near->other ? near->other : c;
	} else if (*want->version && evr_cmp(id, want) < 0) {
		if (!near->older || evr_cmp(id, &near->older->pkg->id) > 0)
			near->older = c;
	} else if (!near->newer || evr_cmp(id, &near->newer->pkg->id) < 0) {
		near->newer = c;
	}
}

/* Why a place has nothing of that name, as far as that is known. */
static const char *reason_of_nothing(const struct source *s, const char *place,
				     const struct nevra *want, struct arena *mem)
{
	static const char useless[] = " (of no use)";
	size_t n = strlen(place), k = strlen(useless);

	if (n > k && !strcmp(place + n - k, useless))
		return "could not be read";
	if (s->ops->look_for)
		return "has no list; it was not where its exact name puts it, or that is "
		       "not known";
	return arena_printf(mem, "nothing called %s", want->name);
}

static void add(struct nearest *to, const struct source *s, const char *place,
		const struct candidate *c, const struct nevra *want, struct arena *mem)
{
	array_add(&to->rows,
		  ((struct nearest_row){arena_strdup(mem, place),
					arena_strdup(mem, s->shown), c,
					c ? reason_of(c, want, mem)
					  : reason_of_nothing(s, place, want, mem)}));
}

static void look_at_place(const struct source *s, const char *place,
			  const struct candidate *const *found, uint32_t n,
			  const struct nevra *want, struct arena *mem, struct nearest *to)
{
	struct near near = {0};

	for (uint32_t i = 0; i < n; i++)
		if (found[i]->source == s->index && lies_in(s, place, found[i]))
			consider(&near, found[i], want);
	if (near.older)
		add(to, s, place, near.older, want, mem);
	if (near.newer)
		add(to, s, place, near.newer, want, mem);
	if (near.other)
		add(to, s, place, near.other, want, mem);
	if (!near.older && !near.newer && !near.other)
		add(to, s, place, NULL, want, mem);
}

static bool is_meant(const struct strlist *texts, const struct nevra *id)
{
	bool meant = false;

	for (uint32_t i = 0; i < texts->n && !meant; i++) {
		struct labels labels = {0};

		labels_parse(texts->v[i], &labels);
		for (uint32_t k = 0; k < labels.list.n; k++)
			meant |= label_matches(&labels.list.v[k], id);
		labels_release(&labels);
	}
	return meant;
}

void nearest_find(const struct strlist *texts, const struct step_miss *missed, uint32_t n,
		  const struct sources *sources, struct nearest_list *ret)
{
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free const struct candidate **found = NULL;
		const struct nevra *want = &missed[i].id;
		struct nearest *to;
		uint32_t n_found;

		if (!is_meant(texts, want))
			continue;
		to = array_push(&ret->list);
		to->package = arena_strdup(&ret->mem, missed[i].text);
		n_found = sources_find_name(sources, want->name, NULL, &found);
		for (uint32_t k = 0; k < sources->n; k++) {
			const struct source *s = sources->v[k];

			for (uint32_t p = 0; p < s->looked_at.n; p++)
				look_at_place(s, s->looked_at.v[p], found, n_found, want,
					      &ret->mem, to);
		}
	}
}

void nearest_release(struct nearest_list *l)
{
	for (uint32_t i = 0; i < l->list.n; i++)
		array_release(&l->list.v[i].rows);
	array_release(&l->list);
	arena_release(&l->mem);
}
