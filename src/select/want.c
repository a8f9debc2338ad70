/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/want.h"

#include <string.h>

#include "select/choose.h"
#include "select/pattern.h"

#define ANY	 "*"
#define OF_LABEL "-*-*.*"
#define HAS	 "has="
#define FOR	 "for="

/* --- writing ------------------------------------------------------------------------------------------------ */

static const char *or_any(const char *s)
{
	return s && *s ? s : ANY;
}

/* What none of the marks that stand for something here is part of. */
static bool is_plain(const char *s)
{
	return pkg_label_is_good(s, strlen(s)) && !pattern_is(s) && !strchr(s, '<');
}

static bool is_plain_id(const struct nevra *id)
{
	return is_plain(id->name) && is_plain(id->version) && !strchr(id->version, ':') &&
	       (!*id->release || is_plain(id->release)) &&
	       (!*id->arch || is_plain(id->arch));
}

static char *of_id(const struct nevra *id, const char *mark)
{
	struct arena mem = {0};
	struct nevra all = *id;
	char *text;

	all.release = or_any(id->release);
	all.arch = or_any(id->arch);
	text = xasprintf("%s-%s%s.%s", id->name, mark, step_evr(&mem, &all), all.arch);
	arena_release(&mem);
	return text;
}

char *want_of_label(const char *label)
{
	struct arena mem = {0};
	struct nevra id;
	char *text = NULL;

	if (is_plain(label))
		text = nevra_parse(&mem, label, &id) == 0
			       ? xstrdup(label)
			       : xasprintf("%s" OF_LABEL, label);
	arena_release(&mem);
	return text;
}

char *want_of_miss(const struct step_miss *m)
{
	if (m->than.name)
		return is_plain_id(&m->than) ? of_id(&m->than, "<") : NULL;
	if (!*m->id.version)
		return want_of_label(m->id.name);
	return is_plain_id(&m->id) ? of_id(&m->id, "") : NULL;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static const char *word(struct arena *mem, const char **at)
{
	size_t n = strcspn(*at, " ");
	const char *s = arena_strndup(mem, *at, n);

	*at += n + ((*at)[n] == ' ');
	return s;
}

static const char *unless_dash(const char *s)
{
	return strcmp(s, "-") != 0 ? s : "";
}

/* "1:2-3", of a package whose name and arch are known */
static int parse_evr(struct arena *mem, const char *evr, const struct nevra *of,
		     struct nevra *ret)
{
	const char *text = arena_printf(mem, "%s-%s.%s", of->name, evr, of->arch);

	return nevra_parse(mem, text, ret) == 0 && !strcmp(ret->name, of->name) &&
			       !strcmp(ret->arch, of->arch)
		       ? 0
		       : -1;
}

static int parse_values(struct arena *mem, const char *at, struct want *w)
{
	uint32_t most = 1;
	struct nevra *has;

	for (const char *p = at; *p; p++)
		most += *p == ' ';
	has = arena_alloc(mem, most * sizeof(*has));
	w->has = has;
	while (*at) {
		const char *value = word(mem, &at);

		if (w->older && !strncmp(value, HAS, strlen(HAS))) {
			if (parse_evr(mem, value + strlen(HAS), &w->id, &has[w->n_has]))
				return -1;
			w->n_has++;
		} else if (!strncmp(value, FOR, strlen(FOR))) {
			w->arch = value + strlen(FOR);
		}
	}
	return 0;
}

static bool is_any(const char *s)
{
	return !*s || !strcmp(s, ANY);
}

/* "*" is no part of what a user is told. */
static const char *text_of(struct arena *mem, const struct want *w)
{
	const struct nevra *id = &w->id;
	const char *dot = is_any(id->arch) ? "" : ".", *arch = *dot ? id->arch : "";
	const char *evr = step_evr(mem, id);

	if (w->label)
		return w->label;
	if (w->older)
		return arena_printf(mem, "a version of %s%s%s older than %s", id->name,
				    dot, arch, evr);
	if (is_any(id->release))
		evr = arena_strndup(mem, evr, (size_t)(strrchr(evr, '-') - evr));
	return arena_printf(mem, "%s-%s%s%s", id->name, evr, dot, arch);
}

int want_parse(struct arena *mem, const char *text, struct want *ret)
{
	struct want w = {.arch = ""};
	size_t n;

	w.what = word(mem, &text);
	w.source = unless_dash(word(mem, &text));
	w.keyid = unless_dash(word(mem, &text));
	/* no name of a package has a colon: it would be taken for the end of an epoch elsewhere */
	if (nevra_parse(mem, w.what, &w.id) || strchr(w.id.name, ':'))
		return -1;
	n = strlen(w.what) - MIN(strlen(w.what), strlen(OF_LABEL));
	if (n && !strcmp(w.what + n, OF_LABEL))
		w.label = arena_strndup(mem, w.what, n);
	w.older = *w.id.version == '<';
	if (w.older) {
		const struct nevra marked = w.id;
		const char *evr =
			arena_printf(mem, "%s-%s", marked.version + 1, marked.release);

		if (parse_evr(mem, evr, &marked, &w.id))
			return -1;
	}
	if (parse_values(mem, text, &w))
		return -1;
	w.text = text_of(mem, &w);
	*ret = w;
	return 0;
}

/* --- choosing ----------------------------------------------------------------------------------------------- */

uint32_t want_of_archive(const struct want *w, struct koji_wanted *ret)
{
	struct koji_wanted k = {.id = w->id, .source = w->source, .keyid = w->keyid};

	if (w->label || is_any(w->id.version))
		return 0;
	if (w->older) {
		k.how = KOJI_OLDER;
		k.like = w->id.release;
		k.there = w->has;
		k.n_there = w->n_has;
	} else if (is_any(w->id.release)) {
		k.how = KOJI_VERSION;
		k.id.release = "";
	}
	ret[0] = k;
	if (!is_any(w->id.arch))
		return 1;
	if (!*w->arch)
		return 0;
	ret[0].id.arch = w->arch;
	if (k.how != KOJI_THAT)
		return 1; /* noarch is looked for with it */
	ret[1] = k;
	ret[1].id.arch = "noarch";
	return 2;
}

static const struct candidate *choose_older_than(const struct sources *l,
						 const struct want *w)
{
	cleanup_free struct pkg *pkgs = xcalloc(w->n_has + 1, sizeof(*pkgs));
	cleanup_free struct pkg **v = xcalloc(w->n_has + 1, sizeof(*v));
	struct pkgset there = {.v = v, .n = w->n_has ? w->n_has : 1};

	/* as far as it matters here, the root's packages are these */
	for (uint32_t i = 0; i < there.n; i++) {
		pkgs[i].id = w->n_has ? w->has[i] : w->id;
		pkgs[i].beside = w->n_has > 0;
		v[i] = &pkgs[i];
	}
	pkgset_sort(&there);
	return choose_older(l, &w->id, NULL, &there);
}

static const struct candidate *choose_by_label(const struct sources *l, const char *text,
					       const struct pkgset *there)
{
	const struct candidate *c = NULL;
	struct labels labels = {0};

	labels_parse(text, &labels);
	for (uint32_t i = 0; i < labels.list.n && !c; i++)
		c = choose_newest(l, &labels.list.v[i], NULL, there);
	labels_release(&labels);
	return c;
}

static const struct candidate *choose_exact(const struct sources *l, const struct want *w)
{
	const struct step step = {.comes = true, .to = w->id};
	struct problems told_nobody = {0};
	const struct candidate *c = choose_candidate(l, &step, &told_nobody);

	problems_release(&told_nobody);
	return c;
}

const struct candidate *want_choose(const struct sources *l, const struct want *w)
{
	struct pkg one = {.id = {"", "", "", is_any(w->id.arch) ? w->arch : w->id.arch,
				 EPOCH_NONE}};
	struct pkg *v[] = {&one};
	const struct pkgset there = {.v = v, .n = *one.id.arch ? 1 : 0};
	const struct label label = {w->id.name, w->id.version,
				    is_any(w->id.release) ? NULL : w->id.release, NULL,
				    w->id.epoch};
	const struct candidate *c;

	if (w->older)
		return choose_older_than(l, w);
	if (w->label)
		return choose_by_label(l, w->label, &there);
	c = choose_exact(l, w);
	/* where no source has just that, another epoch may have been meant, or noarch */
	if (!c)
		c = choose_newest(l, &label, is_any(w->id.arch) ? NULL : w->id.arch,
				  &there);
	return c ? c : choose_by_label(l, w->what, &there);
}
