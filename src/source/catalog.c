/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/catalog.h"

#include <inttypes.h>

#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>

#include "base/buf.h"
#include "base/path.h"
#include "source/catalog_fill.h"

struct catalog *catalog_new(void)
{
	struct catalog *c = xcalloc(1, sizeof(*c));

	c->pool = pool_create();
	pool_setdisttype(c->pool, DISTTYPE_RPM);
	c->key.header = pool_str2id(c->pool, "putback:header", 1);
	c->key.location = pool_str2id(c->pool, "putback:location", 1);
	c->key.keyid = pool_str2id(c->pool, "putback:keyid", 1);
	c->key.stream = pool_str2id(c->pool, "putback:stream", 1);
	c->key.file = pool_str2id(c->pool, "putback:file", 1);
	c->key.offset = pool_str2id(c->pool, "putback:offset", 1);
	return c;
}

void catalog_free(struct catalog *c)
{
	Pool *pool;
	Repo *repo;
	Id at;

	if (!c)
		return;
	pool = c->pool;
	FOR_REPOS(at, repo)
	catalog_fill_release(repo);
	pool_free(pool);
	array_release(&c->sorted);
	free(c);
}

struct s_Repo *catalog_add_repo(struct catalog *c, const char *name)
{
	/* the name is borrowed by libsolv: an Id's string lasts as long as the pool */
	return repo_create(c->pool, pool_id2str(c->pool, pool_str2id(c->pool, name, 1)));
}

/* --- the order ------------------------------------------------------------------------------- */

/* "[epoch:]version-release" in its parts, which lie in evr */
static bool split_evr(const char *evr, int64_t *ret_epoch, const char **ret_version,
		      const char **ret_release)
{
	size_t digits = strspn(evr, "0123456789");

	*ret_epoch = EPOCH_NONE;
	if (digits && digits <= 10 && evr[digits] == ':') {
		*ret_epoch = strtoll(evr, NULL, 10);
		evr += digits + 1;
	}
	*ret_version = evr;
	*ret_release = strrchr(evr, '-');
	return *ret_release && pkg_label_is_good(evr, (size_t)(*ret_release - evr)) &&
	       pkg_label_is_good(*ret_release + 1, strlen(*ret_release + 1));
}

/* What hdr_read() asks of a header, asked of a package that somebody's metadata told of. */
static bool is_fit(const Pool *pool, const Solvable *s)
{
	const char *name = pool_id2str(pool, s->name), *arch = pool_id2str(pool, s->arch);
	const char *version, *release;
	int64_t epoch;

	return pkg_label_is_good(name, strlen(name)) &&
	       (!*arch || pkg_label_is_good(arch, strlen(arch))) &&
	       split_evr(pool_id2str(pool, s->evr), &epoch, &version, &release);
}

static int by_identity(const void *pa, const void *pb, void *ctx)
{
	const struct catalog *c = ctx;
	Pool *pool = c->pool;
	Id ia = *(const Id *)pa, ib = *(const Id *)pb;
	const Solvable *a = pool_id2solvable(pool, ia), *b = pool_id2solvable(pool, ib);
	cleanup_free char *la = NULL;
	int d;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->arch != b->arch)
		return strcmp(pool_id2str(pool, a->arch), pool_id2str(pool, b->arch));
	if (a->evr != b->evr)
		return a->evr < b->evr ? -1 : 1;
	if (a->repo != b->repo)
		return a->repo->repoid < b->repo->repoid ? -1 : 1;
	la = xstrdup(catalog_location(c, ia) ?: "");
	d = path_cmp(la, catalog_location(c, ib) ?: "");
	return d ? d : ia < ib ? -1 : ia > ib;
}

static bool is_source_package(const Solvable *s)
{
	return s->arch == ARCH_SRC || s->arch == ARCH_NOSRC;
}

uint32_t catalog_drop_unfit(struct catalog *c, struct s_Repo *repo)
{
	const Solvable *s;
	uint32_t n = 0;
	Id id;

	FOR_REPO_SOLVABLES(repo, id, s)
	{
		if (is_source_package(s) || is_fit(c->pool, s))
			continue;
		repo_free_solvable(repo, id, 0);
		n++;
	}
	return n;
}

void catalog_sort(struct catalog *c)
{
	Pool *pool = c->pool;
	Repo *repo;
	Id at, id;

	FOR_REPOS(at, repo)
	repo_internalize(repo);
	array_release(&c->sorted);
	FOR_POOL_SOLVABLES(id)
	{
		const Solvable *s = pool_id2solvable(pool, id);

		if (s->repo != c->installed && !is_source_package(s) && is_fit(pool, s))
			array_add(&c->sorted, id);
	}
	if (c->sorted.n)
		qsort_r(c->sorted.v, c->sorted.n, sizeof(Id), by_identity, c);
}

/* --- asking ---------------------------------------------------------------------------------- */

/* Index of the first of a name, or the end. */
static uint32_t lower_bound(const struct catalog *c, Id name)
{
	uint32_t lo = 0, hi = c->sorted.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (pool_id2solvable(c->pool, c->sorted.v[mid])->name < name)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t catalog_find(const struct catalog *c, const char *name, const char *arch,
		      const struct nevra *evr, const int **ret)
{
	Pool *pool = c->pool;
	Id name_id = pool_str2id(pool, name, 0);
	Id arch_id = arch ? pool_str2id(pool, arch, 0) : 0;
	Id evr_id = evr ? catalog_evr_id(pool, evr, false) : 0;
	uint32_t first, end;

	*ret = NULL;
	/* a string that the pool does not have is nobody's */
	if (!name_id || (arch && *arch && !arch_id) || (evr && !evr_id))
		return 0;
	for (first = lower_bound(c, name_id); first < c->sorted.n; first++) {
		const Solvable *s = pool_id2solvable(pool, c->sorted.v[first]);

		if (s->name != name_id)
			return 0;
		if ((!arch || s->arch == arch_id) && (!evr || s->evr == evr_id))
			break;
	}
	for (end = first; end < c->sorted.n; end++) {
		const Solvable *s = pool_id2solvable(pool, c->sorted.v[end]);

		if (s->name != name_id || (arch && s->arch != arch_id) ||
		    (evr && s->evr != evr_id))
			break;
	}
	if (end > first)
		*ret = c->sorted.v + first;
	return end - first;
}

static void read_digest(const struct catalog *c, Id id, struct digest *ret)
{
	Id type = 0;
	const unsigned char *bytes =
		pool_lookup_bin_checksum(c->pool, id, c->key.header, &type);

	if (!bytes || type != REPOKEY_TYPE_SHA256)
		return;
	ret->algo = DIGEST_SHA256;
	ret->len = (uint8_t)digest_length(DIGEST_SHA256);
	memcpy(ret->bytes, bytes, ret->len);
}

struct pkg *catalog_pkg(const struct catalog *c, int id)
{
	Pool *pool = c->pool;
	const Solvable *s = pool_id2solvable(pool, id);
	const char *version, *release, *keyid, *stream;
	struct pkg *p = pkg_new();
	cleanup_free char *nevra = NULL;

	if (!split_evr(pool_id2str(pool, s->evr), &p->id.epoch, &version, &release))
		BUG("solvable %d has the EVR '%s'", id, pool_id2str(pool, s->evr));
	p->id.name = arena_strdup(&p->mem, pool_id2str(pool, s->name));
	p->id.version = arena_strndup(&p->mem, version, (size_t)(release - version));
	p->id.release = arena_strdup(&p->mem, release + 1);
	p->id.arch = arena_strdup(&p->mem, pool_id2str(pool, s->arch));
	nevra = nevra_string(&p->id);
	p->nevra = arena_strdup(&p->mem, nevra);
	p->vendor = arena_strdup(&p->mem, s->vendor ? pool_id2str(pool, s->vendor) : "");
	keyid = pool_lookup_str(pool, id, c->key.keyid);
	p->keyid = arena_strdup(&p->mem, keyid ? keyid : "");
	stream = pool_lookup_str(pool, id, c->key.stream);
	p->stream = arena_strdup(&p->mem, stream ? stream : "");
	p->buildtime = (int64_t)pool_lookup_num(pool, id, SOLVABLE_BUILDTIME, 0);
	p->size = pool_lookup_num(pool, id, SOLVABLE_INSTALLSIZE, 0);
	read_digest(c, id, &p->hdrdigest);
	return p;
}

const char *catalog_location(const struct catalog *c, int id)
{
	const char *own = pool_lookup_str(c->pool, id, c->key.location);
	unsigned medium;

	return own ? own
		   : solvable_lookup_location(pool_id2solvable(c->pool, id), &medium);
}

void catalog_range(const struct catalog *c, int id, int64_t *ret_offset,
		   uint64_t *ret_size)
{
	unsigned long long offset =
		pool_lookup_num(c->pool, id, c->key.offset, UINT64_MAX);

	*ret_offset = offset > INT64_MAX ? -1 : (int64_t)offset;
	*ret_size = pool_lookup_num(c->pool, id, SOLVABLE_DOWNLOADSIZE, 0);
}

uint32_t catalog_list(const struct catalog *c, struct s_Repo *repo, const int **ret)
{
	ARRAY(Id) all = {0};
	const Solvable *s;
	Id id;

	repo_internalize(repo);
	FOR_REPO_SOLVABLES(repo, id, s)
	{
		if (!is_source_package(s) && is_fit(c->pool, s))
			array_add(&all, id);
	}
	*ret = all.v;
	return all.n;
}

void catalog_prepare(struct catalog *c)
{
	pool_addfileprovides(c->pool);
	pool_createwhatprovides(c->pool);
}

void catalog_each_obsoleted(const struct catalog *c, int id, hdr_dep_fn fn, void *ctx)
{
	Pool *pool = c->pool;
	const Solvable *s = pool_id2solvable(pool, id);
	const Id *at = s->obsoletes ? s->repo->idarraydata + s->obsoletes : NULL;

	for (; at && *at; at++) {
		const Reldep *r = ISRELDEP(*at) ? GETRELDEP(pool, *at) : NULL;

		if (!r)
			fn(ctx, DEP_OBSOLETES, pool_id2str(pool, *at), NULL, 0);
		else if (!ISRELDEP(r->name) && !ISRELDEP(r->evr) && r->flags < 8)
			fn(ctx, DEP_OBSOLETES, pool_id2str(pool, r->name),
			   pool_id2str(pool, r->evr),
			   (r->flags & REL_LT ? DEP_LESS : 0u) |
				   (r->flags & REL_GT ? DEP_GREATER : 0u) |
				   (r->flags & REL_EQ ? DEP_EQUAL : 0u));
	}
}
