/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/sources.h"

#include <rpm/header.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strmap.h"
#include "rpm/reader.h"
#include "source/candidates.h"
#include "source/depot.h"
#include "source/env.h"
#include "source/koji.h"
#include "source/learned.h"
#include "source/repos.h"

/* A new kind: its file, its ops in source.h, its line here. A later one is asked first only where
 * its specs would fit two. */
static const struct source_ops *const kinds[] = {&cache_ops,  &donor_ops, &kit_ops,
						 &koji_ops,   &repos_ops, &repository_ops,
						 &folder_ops, &iso_ops,	  &rpmfile_ops};

struct asked {
	struct arena mem;
	struct strmap at;
};

static void asked_free(struct asked *a)
{
	if (!a)
		return;
	strmap_release(&a->at);
	arena_release(&a->mem);
	free(a);
}

static void source_free(struct source *s)
{
	if (s->ops->release)
		s->ops->release(s);
	learned_free(s->learned);
	array_release(&s->found);
	strlist_release(&s->looked_at);
	strlist_release(&s->remarks);
	strlist_release(&s->hints);
	array_release(&s->asides);
	bad_release(&s->bad);
	free(s->spec);
	free(s->shown);
	free(s);
}

struct source *sources_add_kind(struct sources *l, const struct source_ops *ops,
				const char *spec, struct root *r)
{
	struct source *s = xcalloc(1, sizeof(*s));

	if (!l->catalog) {
		l->catalog = catalog_new();
		l->candidates = candidates_new();
		l->asked = xcalloc(1, sizeof(*l->asked));
	}
	s->ops = ops;
	s->env = l->env;
	s->spec = xstrdup(spec);
	s->shown = fetch_bare_url(spec);
	s->root = r;
	s->index = l->n;
	s->catalog = l->catalog;
	s->candidates = l->candidates;
	s->repo = catalog_add_repo(l->catalog, spec);
	s->depot = l->depot;
	array_add(l, s);
	return s;
}

int sources_keep(struct sources *l, const char *cache, const struct root *r,
		 struct error *err)
{
	if (l->n || l->depot)
		BUG("sources_keep() comes first");
	return depot_open(cache, r, &l->depot, err);
}

int sources_add(struct sources *l, const char *spec, struct root *r, struct error *err)
{
	struct stat st;

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
		if (kinds[i]->is_mine(spec)) {
			sources_add_kind(l, kinds[i], spec, r);
			return 0;
		}
	}
	if (stat(spec, &st) == 0)
		return err_set(
			err, ERR_USAGE,
			"source '%s' is neither a folder, a package file nor an image (.iso)",
			spec);
	if (!strncmp(spec, "koji:", 5))
		return err_set(err, ERR_USAGE,
			       "source '%s': behind koji: stands the URL of an archive, "
			       "http:// or https://",
			       spec);
	if (strstr(spec, "://"))
		return err_set(
			err, ERR_USAGE,
			"source '%s' is no URL of a repository: these begin with "
			"http://, https:// or file:///, and name a server or a folder",
			spec);
	err_errno(err, "source '%s'", spec);
	if (err)
		err->kind = ERR_USAGE;
	return -1;
}

static int index_one(struct source *s, const struct observer *o, struct error *err)
{
	uint32_t unfit;

	if (s->ops->index(s, o, err))
		return err_prefix(err, "source '%s'", s->shown);
	unfit = catalog_drop_unfit(s->catalog, s->repo);
	if (unfit)
		source_remark(s,
			      "%s: %u packages are passed over: their names or versions "
			      "are no package's",
			      s->spec, unfit);
	s->indexed = true;
	return 0;
}

int sources_index(struct sources *l, const struct observer *o, struct error *err)
{
	for (uint32_t i = 0; i < l->n; i++) {
		struct source *s = l->v[i];

		if (s->indexed)
			continue;
		if (s->ops == &repos_ops && repos_expand(l, s, err))
			return err_prefix(err, "source '%s'", s->shown);
		if (index_one(s, o, err))
			return -1;
	}
	/* among all that lay about, one may have taken over who read it: what is chosen is read by another */
	reader_end();
	if (l->catalog)
		catalog_sort(l->catalog);
	return 0;
}

void sources_release(struct sources *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		source_free(l->v[i]);
	free(l->v);
	candidates_free(l->candidates);
	asked_free(l->asked);
	catalog_free(l->catalog);
	depot_free(l->depot);
	memset(l, 0, sizeof(*l));
}

const struct candidate *sources_candidate(const struct sources *l, int solvable)
{
	const struct candidate *c = candidates_get(l->candidates, solvable);
	const struct s_Repo *repo = pool_id2solvable(l->catalog->pool, solvable)->repo;

	for (uint32_t i = 0; i < l->n && !c; i++)
		if (l->v[i]->repo == repo)
			c = candidates_add(l->candidates, solvable,
					   catalog_pkg(l->catalog, solvable), i,
					   catalog_location(l->catalog, solvable) ?: "");
	return c;
}

static uint32_t find(const struct sources *l, const char *name, const char *arch,
		     const struct nevra *evr, const struct candidate ***ret)
{
	const int *ids;
	uint32_t n;

	*ret = NULL;
	if (!l->catalog)
		return 0;
	n = catalog_find(l->catalog, name, arch, evr, &ids);
	if (n)
		*ret = xcalloc(n, sizeof(**ret));
	for (uint32_t i = 0; i < n; i++)
		(*ret)[i] = sources_candidate(l, ids[i]);
	return n;
}

uint32_t sources_find(const struct sources *l, const struct nevra *id,
		      const struct candidate ***ret)
{
	return find(l, id->name, id->arch, id, ret);
}

uint32_t sources_find_name(const struct sources *l, const char *name, const char *arch,
			   const struct candidate ***ret)
{
	return find(l, name, arch, NULL, ret);
}

uint32_t sources_count(const struct sources *l)
{
	return l->catalog ? l->catalog->sorted.n : 0;
}

int sources_open_package(const struct sources *l, uint32_t source, const char *location,
			 struct error *err)
{
	if (source >= l->n)
		BUG("source %u of %u", source, l->n);
	return l->v[source]->ops->open_package(l->v[source], location, err);
}

bool sources_lend(const struct sources *l, uint32_t source)
{
	if (source >= l->n)
		BUG("source %u of %u", source, l->n);
	return l->v[source]->ops->open_file != NULL;
}

int sources_open_file(const struct sources *l, uint32_t source, const struct pkg *p,
		      uint32_t file, struct error *err)
{
	if (!sources_lend(l, source))
		BUG("source %u lends no files", source);
	return l->v[source]->ops->open_file(l->v[source], p, file, err);
}

/* Those of v that were not asked for before, into ret. How many. */
static uint32_t not_asked(struct asked *a, const struct koji_wanted *v, uint32_t n,
			  struct koji_wanted *ret)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++) {
		cleanup_free char *nevra = nevra_string(&v[i].id);
		const char *key = arena_printf(&a->mem, "%d %s %s %s", (int)v[i].how,
					       nevra, v[i].source ? v[i].source : "",
					       v[i].keyid ? v[i].keyid : "");

		if (strmap_get(&a->at, key, NULL))
			continue;
		strmap_set(&a->at, key, 1);
		ret[k++] = v[i];
	}
	return k;
}

int sources_look_for(const struct sources *l, const struct koji_wanted *v, uint32_t n,
		     struct error *err)
{
	cleanup_free struct koji_wanted *new = xcalloc(n + 1, sizeof(*new));
	uint32_t k = sources_look(l) ? not_asked(l->asked, v, n, new) : 0;
	bool looked = false;

	for (uint32_t i = 0; i < l->n && k; i++) {
		if (!l->v[i]->ops->look_for)
			continue;
		if (l->v[i]->ops->look_for(l->v[i], new, k, err))
			return err_prefix(err, "source '%s'", l->v[i]->shown);
		looked = true;
	}
	if (looked)
		catalog_sort(l->catalog);
	return 0;
}

bool sources_look(const struct sources *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i]->ops->look_for)
			return true;
	return false;
}

void sources_say_where(const struct sources *l, struct strlist *ret)
{
	for (uint32_t i = 0; i < l->n; i++) {
		for (uint32_t k = 0; k < l->v[i]->looked_at.n; k++)
			strlist_add(ret, l->v[i]->looked_at.v[k]);
		for (uint32_t k = 0; k < l->v[i]->hints.n; k++)
			strlist_add(ret, l->v[i]->hints.v[k]);
	}
}

bool sources_download(const struct sources *l, uint32_t source)
{
	return l->v[source]->ops->fetch != NULL;
}

int sources_fetch(const struct sources *l, const struct wanted_package *v, uint32_t n,
		  enum source_part part, struct error *err)
{
	const struct observer *o = l->env ? l->env->observer : NULL;
	cleanup_free const char **locations = xcalloc(n + 1, sizeof(*locations));
	int rc = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		struct source *s = l->v[i];
		cleanup_error struct error why = ERROR_INIT;
		uint32_t k = 0, known = s->bad.list.n;

		for (uint32_t j = 0; j < n; j++)
			if (v[j].source == i)
				locations[k++] = v[j].location;
		if (!k || !s->ops->fetch ||
		    s->ops->fetch(s, locations, k, part, o, &why) == 0)
			continue;
		if (rc == 0) {
			err_move(err, &why);
			rc = err_prefix(err, "source '%s'", s->shown);
		}
		/* not a package, but the run: the next source would fare no better */
		if (s->bad.list.n == known)
			break;
	}
	return rc;
}

const struct bad *sources_bad_at(const struct sources *l, uint32_t source,
				 const char *location)
{
	return bad_find(&l->v[source]->bad, location);
}

const struct bad *sources_bad(const struct sources *l, const struct candidate *c)
{
	return sources_bad_at(l, c->source, c->location);
}

bool sources_have_good(const struct sources *l, const struct nevra *id)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find(l, id, &found);

	for (uint32_t i = 0; i < n; i++)
		if (!sources_bad(l, found[i]))
			return true;
	return false;
}

bool sources_condemn(const struct sources *l, uint32_t source, const char *location,
		     enum error_kind kind, const char *why)
{
	return bad_note(&l->v[source]->bad, location, kind, why);
}

uint32_t sources_count_bad(const struct sources *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		n += l->v[i]->bad.list.n;
	return n;
}

bool sources_have_headers_only(const struct sources *l, uint32_t source,
			       const char *location)
{
	struct source *s = l->v[source];

	return s->ops->has_headers_only && s->ops->has_headers_only(s, location);
}

bool sources_is_to_fetch(const struct sources *l, uint32_t source, const char *location,
			 uint64_t *ret_bytes)
{
	struct source *s = l->v[source];

	*ret_bytes = 0;
	return s->ops->is_to_fetch && s->ops->is_to_fetch(s, location, ret_bytes);
}

/* What files that nobody watches over may turn into between two looks. */
static int open_and_read(struct source *s, const char *location, struct pkg **ret,
			 struct error *err)
{
	cleanup_close int fd = s->ops->open_package(s, location, err);
	cleanup_head struct head h = {0};

	if (fd < 0 || reader_file(fd, HEAD_FILES, location, &h, err))
		return -1;
	*ret = steal_ptr(h.pkg);
	return 0;
}

int sources_load(const struct sources *l, const struct candidate *c, struct pkg **ret,
		 struct error *err)
{
	struct source *s = l->v[c->source];
	struct pkg *p = NULL;

	if ((s->ops->load ? s->ops->load : open_and_read)(s, c->location, &p, err))
		return -1;
	if (!nevra_is_same(&p->id, &c->pkg->id) ||
	    (c->pkg->hdrdigest.algo &&
	     !digest_is_same(&p->hdrdigest, &c->pkg->hdrdigest))) {
		pkg_free(p);
		return err_set(err, ERR_FAILED, "'%s' has changed while it was looked at",
			       c->location);
	}
	*ret = p;
	return 0;
}
