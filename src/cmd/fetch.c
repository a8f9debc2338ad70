/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/download.h"
#include "cmd/prepare.h"
#include "cmd/saved.h"
#include "cmd/word.h"
#include "select/choose.h"
#include "source/kit.h"
#include "source/koji.h"

/* The packages to be gathered, out of p's sources. */
struct gathering {
	struct prepared p;
	struct kit *kit;
	struct store *store; /* of what is on its way */
	ARRAY(const struct candidate *) found;
	struct strlist missing;
	struct arena mem;
};

static void release(struct gathering *g)
{
	array_release(&g->found);
	strlist_release(&g->missing);
	prepared_release(&g->p);
	store_free(g->store);
	kit_free(g->kit);
	arena_release(&g->mem);
}
#define cleanup_gathering __attribute__((cleanup(release)))

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

static int open_sources(struct session *s, struct gathering *g, struct error *err)
{
	const struct strlist *from = &s->o->from;

	if (!from->n)
		return err_set(
			err, ERR_USAGE,
			"`fetch` without a root needs to be told where packages are: --from "
			"SOURCE");
	if (vouch_keys(s, &g->p.keyring, err) < 0 ||
	    sources_keep(&g->p.sources, s->o->cache, NULL, err) < 0 ||
	    download_begin(s, &g->p, err) < 0)
		return -1;
	for (uint32_t i = 0; i < from->n; i++) {
		if (!strcmp(from->v[i], "cache") || !strcmp(from->v[i], "repos"))
			return err_set(
				err, ERR_USAGE,
				"--from '%s' means that of a root: name it with --root, or give "
				"another source",
				from->v[i]);
		if (sources_add(&g->p.sources, from->v[i], NULL, err) < 0)
			return -1;
	}
	return sources_index(&g->p.sources, &s->observer, err);
}

static void take(struct gathering *g, const struct candidate *c, const char *wanted)
{
	if (c)
		array_add(&g->found, c);
	else
		strlist_add(&g->missing, wanted);
}

/* "NEVRA SOURCE KEYID" of a saved plan. */
static int want_of(struct gathering *g, const char *text, struct koji_wanted *ret)
{
	size_t n = strcspn(text, " "), k;
	const char *source = text + n + (text[n] != '\0');

	k = strcspn(source, " ");
	ret->source = arena_strndup(&g->mem, source, k);
	ret->keyid = arena_strdup(&g->mem, source + k + (source[k] != '\0'));
	if (!strcmp(ret->source, "-"))
		ret->source = "";
	if (!strcmp(ret->keyid, "-"))
		ret->keyid = "";
	return nevra_parse(&g->mem, arena_strndup(&g->mem, text, n), &ret->id);
}

static int take_wants(struct gathering *g, const struct strlist *wants, const char *path,
		      struct error *err)
{
	cleanup_free struct koji_wanted *v = xcalloc(wants->n + 1, sizeof(*v));
	cleanup_free struct koji_wanted *open = xcalloc(wants->n + 1, sizeof(*open));
	uint32_t n = 0;

	for (uint32_t i = 0; i < wants->n; i++) {
		cleanup_free const struct candidate **found = NULL;

		if (want_of(g, wants->v[i], &v[i]))
			return err_set(err, ERR_USAGE,
				       "'%s' is damaged: '%s' is no package", path,
				       wants->v[i]);
		if (!sources_find(&g->p.sources, &v[i].id, &found))
			open[n++] = v[i];
	}
	if (sources_look_for(&g->p.sources, open, n, err))
		return -1;
	for (uint32_t i = 0; i < wants->n; i++) {
		const struct step step = {.comes = true, .to = v[i].id};
		cleanup_free char *nevra = nevra_string(&v[i].id);
		struct problems problems = {0};

		take(g, choose_candidate(&g->p.sources, &step, &problems), nevra);
		problems_release(&problems);
	}
	return 0;
}

static int of_plan(struct session *s, struct gathering *g, const char *path,
		   struct error *err)
{
	struct saved_plan saved = {0};
	int rc;

	if (txn_load_plan(path, &saved, err) < 0) {
		if (err && err->kind == ERR_FAILED)
			err->kind = ERR_USAGE;
		return -1;
	}
	rc = saved.wants.n ? open_sources(s, g, err)
			   : err_set(err, ERR_USAGE, "'%s' wants no package", path);
	if (rc == 0)
		rc = take_wants(g, &saved.wants, path, err);
	saved_plan_release(&saved);
	return rc;
}

/* A name written out in full may lie in an archive that lists nothing. */
static int look_for_names(struct gathering *g, const struct strlist *names,
			  struct error *err)
{
	cleanup_free struct koji_wanted *v = xcalloc(names->n + 1, sizeof(*v));
	uint32_t n = 0;

	for (uint32_t i = 0; i < names->n && sources_look(&g->p.sources); i++)
		if (nevra_parse(&g->mem, names->v[i], &v[n].id) == 0)
			n++;
	return sources_look_for(&g->p.sources, v, n, err);
}

static int of_names(struct session *s, struct gathering *g, struct error *err)
{
	const struct pkgset none = {0};
	const struct strlist *names = &s->o->args;

	if (open_sources(s, g, err) || look_for_names(g, names, err))
		return -1;
	for (uint32_t i = 0; i < names->n; i++) {
		const struct candidate *c = NULL;
		struct labels l = {0};

		labels_parse(names->v[i], &l);
		for (uint32_t k = 0; k < l.list.n && !c; k++)
			c = choose_newest(&g->p.sources, &l.list.v[k], NULL, &none);
		take(g, c, names->v[i]);
		labels_release(&l);
	}
	return 0;
}

/* As a plan for the root would have it. */
static int of_root(struct session *s, struct gathering *g, struct root *r,
		   struct error *err)
{
	const struct change *c;

	if (options_selection(s->o, err) < 0 || prepare(s, r, &g->p, err) < 0)
		return -1;
	array_foreach(c, &g->p.outcome.changes.list) {
		cleanup_free const struct candidate **found = NULL;
		uint32_t n;

		if (!c->to)
			continue;
		if (sources_lend(&g->p.sources, (uint32_t)c->source))
			return err_set(
				err, ERR_USAGE,
				"%s would come from a donor, which has no packages to be put "
				"into a kit",
				c->to->nevra);
		n = sources_find(&g->p.sources, &c->to->id, &found);
		for (uint32_t i = 0; i < n; i++)
			if (found[i]->source == (uint32_t)c->source &&
			    !strcmp(found[i]->location, c->location))
				array_add(&g->found, found[i]);
	}
	return 0;
}

/* --- gathering -------------------------------------------------------------------------------------------------- */

static int download(struct session *s, struct gathering *g, struct error *err)
{
	cleanup_free struct wanted_package *v = xcalloc(g->found.n + 1, sizeof(*v));
	cleanup_free char *path = xasprintf("%s/downloads", g->kit->path);

	for (uint32_t i = 0; i < g->found.n; i++)
		v[i] = (struct wanted_package){g->found.v[i]->source,
					       g->found.v[i]->location};
	if (!s->o->cache) {
		if (store_at(g->kit->downloads, path, &g->store, err))
			return -1;
		g->p.env.packages = g->store;
	}
	return sources_fetch(&g->p.sources, v, g->found.n, PART_ALL, err);
}

static int fill(struct session *s, struct gathering *g, uint64_t *ret_bytes,
		struct error *err)
{
	*ret_bytes = 0;
	for (uint32_t i = 0; i < g->found.n; i++) {
		const struct candidate *c = g->found.v[i];
		cleanup_close int fd =
			sources_open_package(&g->p.sources, c->source, c->location, err);

		if (session_stopped())
			return session_err_stopped(err);
		if (fd < 0 || kit_add_package(g->kit, fd, c->pkg->nevra, err))
			return -1;
		*ret_bytes += (uint64_t)MAX(lseek(fd, 0, SEEK_END), 0);
	}
	for (uint32_t i = 0; i < s->o->keys.n; i++)
		if (kit_add_keys(g->kit, s->o->keys.v[i], err))
			return -1;
	for (uint32_t i = 0; i < g->missing.n; i++)
		kit_add_missing(g->kit, g->missing.v[i]);
	if (g->store)
		store_empty(g->store);
	return kit_finish(g->kit, err);
}

static int err_missing(struct session *s, struct gathering *g, struct error *err)
{
	for (uint32_t i = 0; i < g->missing.n; i++)
		strlist_add(&s->details.missing, g->missing.v[i]);
	sources_say_where(&g->p.sources, &s->details.looked_at);
	for (uint32_t i = 0; i < g->p.sources.n; i++) {
		const struct source *v = g->p.sources.v[i];

		for (uint32_t k = 0; k < v->remarks.n; k++)
			strlist_take(&s->details.looked_at,
				     xasprintf("(of no use) %s", v->remarks.v[k]));
	}
	return err_set(err, ERR_UNAVAILABLE,
		       "%u of %u wanted packages %s in no source; the others are in '%s'",
		       g->missing.n, g->missing.n + g->found.n,
		       g->missing.n == 1 ? "is" : "are", s->o->to);
}

static void report(struct session *s, const struct gathering *g, uint64_t bytes,
		   int *ret_exit)
{
	cleanup_done struct done d = {0};
	cleanup_free char *kit = xasprintf("kit:%s", s->o->to),
			  *quoted_kit = word_quote(kit);
	cleanup_free char *keys = xasprintf("%s/keys", s->o->to),
			  *quoted_keys = word_quote(keys);

	done_say(&d, "%u %s (%s) and a manifest are in '%s'.", g->found.n,
		 g->found.n == 1 ? "package" : "packages", human_size(bytes), s->o->to);
	strlist_take(
		&d.next,
		xasprintf(
			"putback --from %s%s%s plan ...\ton the machine that needs them",
			quoted_kit, s->o->keys.n ? " --key " : "",
			s->o->keys.n ? quoted_keys : ""));
	done_report(&d, s, TXN_DONE, NULL, ret_exit);
}

static int fetch_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_gathering struct gathering g = {0};
	cleanup_root struct root *r = NULL;
	bool by_root = s->o->given & ((GIVEN_SELECTION | GIVEN(ROOT)) & ~GIVEN(EXCLUDE));
	uint64_t bytes;
	int rc;

	if (!s->o->to)
		return err_set(err, ERR_USAGE, "where shall the packages go? --to DIR");
	if (s->o->args.n == 1 && saved_is_file(s->o->args.v[0]))
		rc = of_plan(s, &g, s->o->args.v[0], err);
	else if (by_root)
		rc = session_open(s, ROOT_READ, &r, err) < 0 ? -1
							     : of_root(s, &g, r, err);
	else if (s->o->args.n)
		rc = of_names(s, &g, err);
	else
		rc = err_set(
			err, ERR_USAGE,
			"what is wanted? a saved plan, names of packages, or with --root a "
			"selection as of `plan`");
	if (rc < 0 || kit_open(s->o->to, &g.kit, err) < 0 || download(s, &g, err) < 0 ||
	    fill(s, &g, &bytes, err) < 0)
		return -1;
	if (g.missing.n)
		return err_missing(s, &g, err);
	report(s, &g, bytes, ret_exit);
	return 0;
}

const struct command cmd_fetch = {
	.name = "fetch",
	.usage = "FILE | PACKAGE... | SELECTION --to DIR",
	.summary = "gather packages for a machine without network",
	.help = "Puts packages, the keys of --key and a manifest with digests into a folder, a kit, which goes\n"
		"to the other machine: --from kit:DIR. Changes no root.\n"
		"\n"
		"FILE is what `plan -o FILE` saved on the other machine; there need be no root here then. So\n"
		"it is with packages named in full. With --root, the selection is that of `plan`.\n",
	.takes = GIVEN_POLICY | GIVEN(TO),
	.max_args = UINT32_MAX,
	.run = fetch_run,
};
