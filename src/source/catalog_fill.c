/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/catalog_fill.h"

#include <inttypes.h>
#include <string.h>

#include <solv/knownid.h>
#include <solv/pool.h>
#include <solv/pool_parserpmrichdep.h>
#include <solv/repo.h>

#include "base/buf.h"
#include "source/catalog.h"

/* Attributes wait in a loose form, of which libsolv makes a dense one: not all of them at once,
 * which would take several times the memory. */
enum { PACKAGES_WAITING = 500 };

/* libsolv looks through the folders that lie beside a new one: not too many of them together either. Of one
 * package that has more than anybody's, the files in the others are not known. */
enum { FOLDERS_MAX = 20000 };

/* Bytes of a rich dependency. libsolv reads one by recursion, a step for each word or parenthesis; one that is
 * longer than anybody's would end our stack. */
enum { RICH_MAX = 16 * 1024 };

struct waiting {
	Id repodata; /* 0: none is open */
	uint32_t packages, folders;
};

void catalog_fill_release(struct s_Repo *repo)
{
	free(repo->appdata);
	repo->appdata = NULL;
}

static Repodata *open_data(Repo *repo)
{
	struct waiting *w = repo->appdata;

	if (!w)
		repo->appdata = w = xcalloc(1, sizeof(*w));
	if (w->repodata && w->packages++ < PACKAGES_WAITING && w->folders < FOLDERS_MAX)
		return repo_id2repodata(repo, w->repodata);
	if (w->repodata)
		repodata_internalize(repo_id2repodata(repo, w->repodata));
	*w = (struct waiting){.packages = 1};
	w->repodata = repo_add_repodata(repo, 0)->repodataid;
	return repo_id2repodata(repo, w->repodata);
}

int catalog_evr_id(struct s_Pool *pool, const struct nevra *n, bool create)
{
	cleanup_buf struct buf b = {0};

	/* a colon in the version would be read as the end of an epoch */
	if (n->epoch > 0 || strchr(n->version, ':'))
		buf_printf(&b, "%" PRId64 ":", MAX(n->epoch, 0));
	buf_printf(&b, "%s-%s", n->version, n->release);
	return pool_str2id(pool, b.s, create);
}

struct filling {
	Pool *pool;
	Repo *repo;
	Repodata *data;
	Id id;
	const char *last_dir; /* the head's own string */
	Id last_dir_id;
	uint32_t folders;
};

static Id dep_id(Pool *pool, const char *name, const char *evr, unsigned compare)
{
	int flags = (compare & DEP_LESS ? REL_LT : 0) |
		    (compare & DEP_GREATER ? REL_GT : 0) |
		    (compare & DEP_EQUAL ? REL_EQ : 0);
	Id id;

	if (*name == '(' && strlen(name) <= RICH_MAX) {
		/* what is no rich dependency after all is a name that nobody has */
		id = pool_parserpmrichdep(pool, name);
		if (id)
			return id;
	}
	id = pool_str2id(pool, name, 1);
	if (!flags || !evr)
		return id;
	if (evr[0] == '0' && evr[1] == ':' && evr[2])
		evr += 2;
	return pool_rel2id(pool, id, pool_str2id(pool, evr, 1), flags, 1);
}

static Offset *list_of(Solvable *s, enum hdr_dep kind)
{
	switch (kind) {
	case DEP_PROVIDES: return &s->provides;
	case DEP_REQUIRES: return &s->requires ;
	case DEP_CONFLICTS: return &s->conflicts;
	case DEP_OBSOLETES: return &s->obsoletes;
	case DEP_RECOMMENDS: return &s->recommends;
	case DEP_SUGGESTS: return &s->suggests;
	case DEP_SUPPLEMENTS: return &s->supplements;
	case DEP_ENHANCES: return &s->enhances;
	}
	BUG("a dependency of kind %d", kind);
}

static void add_dep(struct filling *f, const struct head_dep *d)
{
	Id dep = dep_id(f->pool, d->name, d->evr, d->compare);
	Offset *list = list_of(pool_id2solvable(f->pool, f->id), d->kind);

	*list = repo_addid_dep(f->repo, *list, dep, 0);
}

static void add_path(struct filling *f, const struct head_path *p)
{
	if (p->dir != f->last_dir) {
		f->folders++;
		f->last_dir = p->dir;
		f->last_dir_id = repodata_str2dir(f->data, p->dir, 1);
	}
	repodata_add_dirstr(f->data, f->id, SOLVABLE_FILELIST, f->last_dir_id, p->base);
}

/* A package provides its own name; old headers do not say so. */
static void add_self(Pool *pool, Repo *repo, Id id)
{
	Solvable *s = pool_id2solvable(pool, id);
	Id self = pool_rel2id(pool, s->name, s->evr, REL_EQ, 1);

	s->provides = repo_addid_dep(repo, s->provides, self, 0);
}

static struct filling begin(struct catalog *c, Repo *repo, const struct pkg *p)
{
	struct filling f = {.pool = c->pool, .repo = repo};
	Solvable *s;

	f.id = repo_add_solvable(repo);
	f.data = open_data(repo);
	s = pool_id2solvable(c->pool, f.id);
	s->name = pool_str2id(c->pool, p->id.name, 1);
	s->arch = pool_str2id(c->pool, p->id.arch, 1);
	s->evr = catalog_evr_id(c->pool, &p->id, true);
	if (*p->vendor)
		s->vendor = pool_str2id(c->pool, p->vendor, 1);
	if (p->hdrdigest.algo == DIGEST_SHA256 &&
	    p->hdrdigest.len == digest_length(DIGEST_SHA256))
		repodata_set_bin_checksum(f.data, f.id, c->key.header,
					  REPOKEY_TYPE_SHA256, p->hdrdigest.bytes);
	if (*p->keyid)
		repodata_set_poolstr(f.data, f.id, c->key.keyid, p->keyid);
	if (*p->stream)
		repodata_set_poolstr(f.data, f.id, c->key.stream, p->stream);
	if (p->buildtime > 0)
		repodata_set_num(f.data, f.id, SOLVABLE_BUILDTIME,
				 (unsigned long long)p->buildtime);
	if (p->size)
		repodata_set_num(f.data, f.id, SOLVABLE_INSTALLSIZE, p->size);
	return f;
}

int catalog_add_head(struct catalog *c, struct s_Repo *repo, const struct head *h)
{
	struct filling f = begin(c, repo, h->pkg);
	const struct head_path *path;
	const struct head_dep *dep;

	array_foreach(dep, &h->deps)
		add_dep(&f, dep);
	array_foreach(path, &h->paths)
	{
		if (f.folders == FOLDERS_MAX && path->dir != f.last_dir)
			break;
		add_path(&f, path);
	}
	((struct waiting *)repo->appdata)->folders += f.folders;
	add_self(f.pool, repo, f.id);
	return f.id;
}

int catalog_add_pkg(struct catalog *c, struct s_Repo *repo, const struct pkg *p)
{
	struct filling f = begin(c, repo, p);

	add_self(f.pool, repo, f.id);
	return f.id;
}

static Repodata *data_of(Repo *repo)
{
	struct waiting *w = repo->appdata;

	return w && w->repodata ? repo_id2repodata(repo, w->repodata) : open_data(repo);
}

void catalog_set_location(struct catalog *c, int id, const char *location)
{
	Repo *repo = pool_id2solvable(c->pool, id)->repo;

	repodata_set_str(data_of(repo), id, c->key.location, location);
}

void catalog_set_file(struct catalog *c, int id, const char *identity)
{
	Repo *repo = pool_id2solvable(c->pool, id)->repo;

	repodata_set_str(data_of(repo), id, c->key.file, identity);
}

void catalog_set_range(struct catalog *c, int id, int64_t offset, uint64_t size)
{
	Repo *repo = pool_id2solvable(c->pool, id)->repo;

	if (offset >= 0)
		repodata_set_num(data_of(repo), id, c->key.offset,
				 (unsigned long long)offset);
	repodata_set_num(data_of(repo), id, SOLVABLE_DOWNLOADSIZE, size);
}
