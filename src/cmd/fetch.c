/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/done.h"
#include "cmd/download.h"
#include "cmd/gather.h"
#include "cmd/saved.h"
#include "cmd/word.h"
#include "select/choose.h"
#include "select/pattern.h"
#include "select/want.h"

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

/* What lies in the kit already needs no download: the source that it is, or NULL. */
static char *own_kit(const struct session *s)
{
	cleanup_free char *manifest = xasprintf("%s/manifest", s->o->to);

	return access(manifest, F_OK) == 0 ? xasprintf("kit:%s", s->o->to) : NULL;
}

static int open_sources(struct session *s, struct gathering *g, struct error *err)
{
	const struct strlist *from = &s->o->from;
	cleanup_free char *kit = own_kit(s);

	if (!from->n)
		return err_set(
			err, ERR_USAGE,
			"`fetch` without a root needs to be told where packages are: --from "
			"SOURCE");
	if (vouch_keys(s, &g->p.keyring, err) < 0 ||
	    sources_keep(&g->p.sources, s->o->cache, NULL, err) < 0 ||
	    download_begin(s, &g->p, err) < 0)
		return -1;
	if (kit && sources_add(&g->p.sources, kit, NULL, err) < 0)
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

/* What no source lists may lie in an archive that has no list. */
static int look_for(struct gathering *g, const struct want *v, uint32_t n,
		    struct error *err)
{
	cleanup_free struct koji_wanted *open = xcalloc(2 * n + 2, sizeof(*open));
	uint32_t k = 0;

	for (uint32_t i = 0; i < n && sources_look(&g->p.sources); i++) {
		cleanup_free const struct candidate **found = NULL;

		if (v[i].older || !sources_find(&g->p.sources, &v[i].id, &found))
			k += want_of_archive(&v[i], &open[k]);
	}
	return sources_look_for(&g->p.sources, open, k, err);
}

static void add_want(struct gathering *g, const struct want *w)
{
	struct koji_wanted asked[2];
	bool unasked = sources_look(&g->p.sources) && !want_of_archive(w, asked);

	gather_add(g, w->text, want_choose(&g->p.sources, w),
		   unasked ? "an archive that has no list can be asked only for "
			     "NAME-VERSION-RELEASE.ARCH; name it so"
			   : NULL);
}

static int add_wants(struct gathering *g, const struct want *v, uint32_t n,
		     struct error *err)
{
	if (look_for(g, v, n, err))
		return -1;
	for (uint32_t i = 0; i < n; i++)
		add_want(g, &v[i]);
	return 0;
}

static int of_wants(struct session *s, struct gathering *g, const struct strlist *texts,
		    const char *path, struct error *err)
{
	cleanup_free struct want *v = xcalloc(texts->n + 1, sizeof(*v));

	if (!texts->n)
		return err_set(err, ERR_USAGE, "'%s' wants no package", path);
	for (uint32_t i = 0; i < texts->n; i++)
		if (want_parse(&g->mem, texts->v[i], &v[i]))
			return err_set(
				err, ERR_USAGE,
				"'%s' is damaged: '%s' is no package; make a new one "
				"with plan -o",
				path, texts->v[i]);
	return open_sources(s, g, err) ? -1 : add_wants(g, v, texts->n, err);
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
	rc = of_wants(s, g, &saved.wants, path, err);
	saved_plan_release(&saved);
	return rc;
}

/* The newest of each name and arch that it matches. */
static void add_matching(struct gathering *g, const char *pattern)
{
	const struct pkgset nobody_knows = {0};
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = choose_matching(&g->p.sources, pattern, &nobody_knows, &found);

	for (uint32_t i = 0; i < n; i++)
		gather_add(g, found[i]->pkg->nevra, found[i], NULL);
	if (!n)
		gather_add(g, pattern, NULL,
			   sources_look(&g->p.sources)
				   ? "no source lists a package of such a name, and an "
				     "archive that has no list cannot be asked for it"
				   : "no source has a package of such a name");
}

static int of_names(struct session *s, struct gathering *g, struct error *err)
{
	const struct strlist *names = &s->o->args;
	cleanup_free struct want *v = xcalloc(names->n + 1, sizeof(*v));
	uint32_t n = 0;

	if (open_sources(s, g, err))
		return -1;
	for (uint32_t i = 0; i < names->n; i++) {
		cleanup_free char *what = want_of_label(names->v[i]);

		if (pattern_is(names->v[i]))
			add_matching(g, names->v[i]);
		else if (!what || want_parse(&g->mem, what, &v[n]))
			gather_add(g, names->v[i], NULL,
				   "no package can be called so; name each in full");
		else
			v[n++].text = names->v[i];
	}
	return add_wants(g, v, n, err);
}

/* --- as a plan for a root would have it ------------------------------------------------------------------------- */

/* The kit goes before all other places; where none is named, those that a plan looks at are behind it. */
static void add_own_kit(struct session *s)
{
	char *kit = own_kit(s);
	struct strlist *from = &s->o->from, all = {0};

	if (!kit)
		return;
	strlist_take(&all, kit);
	for (uint32_t i = 0; i < from->n; i++)
		strlist_add(&all, from->v[i]);
	if (from->n == s->o->selection.update_from.n)
		strlist_add(&all, "cache");
	strlist_release(from);
	*from = all;
}

static void add_change(struct gathering *g, const struct change *c)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find(&g->p.sources, &c->to->id, &found);

	for (uint32_t i = 0; i < n; i++)
		if (found[i]->source == (uint32_t)c->source &&
		    !strcmp(found[i]->location, c->location))
			gather_add(g, c->to->nevra, found[i], NULL);
}

static void add_misses(struct gathering *g, const struct step_miss *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *what = want_of_miss(&v[i]);
		struct want w;

		if (what && want_parse(&g->mem, what, &w) == 0)
			gather_add(g, v[i].text, want_choose(&g->p.sources, &w), NULL);
		else
			gather_add(g, v[i].text, NULL, NULL);
	}
}

static int of_root(struct session *s, struct gathering *g, struct root *r,
		   struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	const struct outcome *o = &g->p.outcome;
	const struct change *c;

	if (options_selection(s->o, err) < 0)
		return -1;
	add_own_kit(s);
	if (prepare(s, r, &g->p, &why) < 0 && why.kind != ERR_UNAVAILABLE &&
	    why.kind != ERR_UNTRUSTED) {
		err_move(err, &why);
		return -1;
	}
	array_foreach(c, &o->changes.list) {
		if (c->to)
			add_change(g, c);
	}
	add_misses(g, o->missed.v, o->missed.n);
	add_misses(g, o->wanted.v, o->wanted.n);
	for (uint32_t i = 0; i < o->unknown.n; i++)
		gather_add(g, o->unknown.v[i], NULL, NULL);
	if (why.kind != ERR_NONE && !g->items.n) {
		err_move(err, &why);
		return -1;
	}
	/* what is wrong is told once all is gathered */
	strlist_release(&s->details.missing);
	strlist_release(&s->details.looked_at);
	array_release(&s->details.faults);
	return 0;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static void report(struct session *s, const struct gathering *g, int *ret_exit)
{
	cleanup_done struct done d = {0};
	cleanup_free char *kit = xasprintf("kit:%s", s->o->to),
			  *quoted_kit = word_quote(kit);
	cleanup_free char *keys = xasprintf("%s/keys", s->o->to),
			  *quoted_keys = word_quote(keys);

	done_say(&d, "%u %s (%s) and a manifest are in '%s'.", g->items.n,
		 g->items.n == 1 ? "package" : "packages", human_size(g->bytes),
		 s->o->to);
	if (!keyring_count(g->p.keyring))
		done_say(&d,
			 " Who signed them was not looked at, for no --key was given.");
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
	if (rc < 0 || gather(s, &g, err) < 0 || gather_err(s, &g, err) < 0)
		return -1;
	report(s, &g, ret_exit);
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
