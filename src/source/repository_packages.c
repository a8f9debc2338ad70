/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A repository's packages: their headers for a plan, all of them for a run. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/reader.h"
#include "source/env.h"
#include "source/repository.h"

enum {
	AT_ONCE = 256, /* each has an open file */
	HEADERS_MAX = 64 << 20,
};
#define PACKAGE_MAX (64ULL << 30)

/* --- what the catalog knows ------------------------------------------------------------------------------ */

static void digest_of(Solvable *v, struct digest *ret)
{
	static const struct {
		Id type;
		uint8_t algo;
	} kinds[] = {{REPOKEY_TYPE_SHA256, DIGEST_SHA256},
		     {REPOKEY_TYPE_SHA512, DIGEST_SHA512},
		     {REPOKEY_TYPE_SHA384, DIGEST_SHA384},
		     {REPOKEY_TYPE_SHA224, DIGEST_SHA224},
		     {REPOKEY_TYPE_SHA1, DIGEST_SHA1},
		     {REPOKEY_TYPE_MD5, DIGEST_MD5}};
	Id type = 0;
	const unsigned char *bytes =
		solvable_lookup_bin_checksum(v, SOLVABLE_CHECKSUM, &type);

	*ret = (struct digest){0};
	for (size_t i = 0; bytes && i < ELEMENTSOF(kinds); i++) {
		if (kinds[i].type != type)
			continue;
		ret->algo = kinds[i].algo;
		ret->len = (uint8_t)digest_length(ret->algo);
		memcpy(ret->bytes, bytes, ret->len);
	}
}

static struct repository_package *find(const struct repository *r, const char *location)
{
	uint32_t i;

	return strmap_get(&r->by_package, location, &i) ? &r->packages.v[i] : NULL;
}

static int add(struct source *s, struct repository *r, const char *location,
	       struct repository_package **ret, struct error *err)
{
	struct repository_package p = {0};
	const char *base;
	Solvable *v;
	uint32_t id;

	*ret = find(r, location);
	if (*ret)
		return 0;
	if (!strmap_get(&r->by_location, location, &id))
		return err_set(err, ERR_FAILED, "'%s' is not in it", location);
	v = pool_id2solvable(s->catalog->pool, (Id)id);
	digest_of(v, &p.digest);
	p.size = solvable_lookup_num(v, SOLVABLE_DOWNLOADSIZE, FETCH_SIZE_UNKNOWN);
	p.headers = solvable_lookup_num(v, SOLVABLE_HEADEREND, 0);
	if (p.digest.algo == DIGEST_NONE)
		return err_set(
			err, ERR_UNTRUSTED,
			"the repository gives no checksum of '%s' that could be checked",
			location);
	if (p.size != FETCH_SIZE_UNKNOWN && (p.size == 0 || p.size > PACKAGE_MAX))
		return err_set(err, ERR_FAILED,
			       "the repository gives a size of '%s' that makes no sense",
			       location);
	if (p.headers > HEADERS_MAX || p.headers >= p.size)
		p.headers = 0;
	base = solvable_lookup_str(v, SOLVABLE_MEDIABASE);
	if (base)
		strlist_add(&p.bases, base);
	p.location = xstrdup(location);
	p.name = store_name(&p.digest, location);
	strmap_set(&r->by_package, arena_strdup(&r->mem, location), r->packages.n);
	array_add(&r->packages, p);
	*ret = &r->packages.v[r->packages.n - 1];
	return 0;
}

/* --- folders of this host --------------------------------------------------------------------------------- */

static int check_local(const struct repository *r, struct repository_package *p,
		       struct error *err)
{
	cleanup_free char *path = repository_local_path(r, p->location);
	cleanup_close int fd = p->whole ? -1 : repository_local_open(r, p->location, err);
	struct digest sum;
	struct stat st;

	if (p->whole)
		return 0;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || digest_fd(fd, p->digest.algo, &sum) < 0)
		return err_errno(err, "cannot read '%s'", path);
	if ((p->size != FETCH_SIZE_UNKNOWN && (uint64_t)st.st_size != p->size) ||
	    !digest_is_same(&sum, &p->digest))
		return err_set(
			err, ERR_UNTRUSTED,
			"'%s' is another file than the repository's metadata says: its size or "
			"checksum differs",
			path);
	p->whole = true;
	return 0;
}

/* --- downloads ---------------------------------------------------------------------------------------------- */

/* What an earlier run left in a store, if it is right; may_drop: and away with it, if it is not. */
static bool take_whole(struct store *store, bool may_drop, struct repository_package *p)
{
	cleanup_close int fd = -1;
	struct digest sum;
	bool whole;

	if (!store || p->whole)
		return p->whole;
	fd = store_look(store, p->name, false, &whole);
	if (fd < 0)
		return false;
	if (digest_fd(fd, p->digest.algo, &sum) < 0 ||
	    !digest_is_same(&sum, &p->digest)) {
		if (may_drop)
			store_drop(store, p->name);
		return false;
	}
	p->whole = true;
	p->store = store;
	return true;
}

/* The headers that a plan was made with are the beginning of the file. */
static void take_beginning(struct source *s, struct store *to,
			   const struct repository_package *p, int fd)
{
	cleanup_close int from = -1;
	bool whole;

	if (to == s->env->metadata || lseek(fd, 0, SEEK_END) != 0)
		return;
	from = store_look(s->env->metadata, p->name, true, &whole);
	if (from >= 0 && file_copy(from, fd) < 0)
		(void)!ftruncate(fd, 0);
}

/* At most AT_ONCE. headers: only what stands before the payload. */
static int download(struct source *s, struct repository *r,
		    struct repository_package *const *v, uint32_t n, bool headers,
		    const struct observer *o, struct error *err)
{
	struct store *store = headers ? s->env->metadata : s->env->packages;
	struct fetch f[AT_ONCE] = {0};
	uint32_t opened = 0;
	int rc = 0;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		struct repository_package *p = v[i];
		int fd = store_begin(store, p->name, err);

		if (fd < 0) {
			rc = -1;
			break;
		}
		if (!headers)
			take_beginning(s, store, p, fd);
		f[opened++] = (struct fetch){.what = p->location,
					     .bases = p->bases.n ? &p->bases : &r->bases,
					     .path = p->location,
					     .auth = &r->auth,
					     .size = p->size,
					     .first = headers ? p->headers : 0,
					     .limit = PACKAGE_MAX,
					     .digest = p->digest,
					     .fd = fd};
	}
	if (rc == 0 && fetch_many(&s->env->net, f, n, o, err))
		rc = store_err(store, err);
	/* what did arrive is of use, whatever became of the others */
	for (uint32_t i = 0; i < opened; i++) {
		if (!f[i].done && rc && err && err->kind == ERR_UNAVAILABLE)
			source_not_had(s, v[i]->location, &f[i]);
		if (f[i].done) {
			v[i]->begun = true;
			v[i]->store = store;
			if (!headers) {
				v[i]->whole = store_keep(store, v[i]->name,
							 rc ? NULL : err) == 0;
				rc = rc || !v[i]->whole ? -1 : 0;
			}
		}
		close(f[i].fd);
		fetch_release(&f[i]);
	}
	return rc;
}

/* Of so many not one came: nor will the others, which are not asked for. */
static bool is_hopeless(struct source *s, struct repository_package *const *v, uint32_t n,
			uint32_t tried, const struct error *why)
{
	for (uint32_t i = 0; i < tried; i++)
		if (v[i]->begun)
			return false;
	for (uint32_t i = tried; i < n; i++)
		bad_note(&s->bad, v[i]->location, why->kind, why->msg);
	return true;
}

/* 1: some are not to be had; they are noted as bad, and err is of the first. -1: the run is at its end. */
static int download_all(struct source *s, struct repository *r,
			struct repository_package *const *v, uint32_t n, bool headers,
			const struct observer *o, struct error *err)
{
	uint64_t bytes = 0;
	int some = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += v[i]->size == FETCH_SIZE_UNKNOWN || headers ? v[i]->headers
								     : v[i]->size;
	if (n &&
	    store_make_room(headers ? s->env->metadata : s->env->packages, bytes, err))
		return -1;
	for (uint32_t i = 0, k; i < n; i += k) {
		cleanup_error struct error why = ERROR_INIT;
		bool hopeless;

		k = MIN(n - i, (uint32_t)AT_ONCE);
		if (download(s, r, v + i, k, headers, o, &why) == 0)
			continue;
		if (why.kind != ERR_UNAVAILABLE) {
			err_move(err, &why);
			return -1;
		}
		hopeless = is_hopeless(s, v + i, n - i, k, &why);
		if (!some)
			err_move(err, &why);
		some = 1;
		if (hopeless)
			break;
	}
	return some;
}

/*
 * Whether the bytes that came are whole headers, which a plan can trust: either they are signed by
 * themselves, or nobody signed the package at all. Old packages are signed as a whole only.
 */
static bool headers_are_enough(struct source *s, const struct repository_package *p)
{
	cleanup_close int fd = repository_open_package(s, p->location, NULL);
	cleanup_head struct head h = {0};

	if (fd < 0 || reader_file(fd, 0, p->location, &h, NULL))
		return false;
	return h.header_signed || !h.is_signed;
}

static int fetch_headers(struct source *s, struct repository *r,
			 struct repository_package **v, uint32_t n,
			 const struct observer *o, struct error *err)
{
	cleanup_free struct repository_package **some = xcalloc(n + 1, sizeof(*some));
	uint32_t k = 0;
	int rc, rest;

	for (uint32_t i = 0; i < n; i++)
		if (!v[i]->begun && v[i]->headers)
			some[k++] = v[i];
	rc = download_all(s, r, some, k, true, o, err);
	if (rc < 0)
		return -1;
	k = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!bad_find(&s->bad, v[i]->location) &&
		    (!v[i]->begun || !headers_are_enough(s, v[i])))
			some[k++] = v[i];
	rest = download_all(s, r, some, k, false, o, rc ? NULL : err);
	return rest ? rest : rc;
}

/* That one is of no use is no matter of the others; err is of the first. */
static int pass_over(struct source *s, const char *location, int rc, struct error *why,
		     struct error *err)
{
	bad_note(&s->bad, location, why->kind, why->msg);
	if (rc == 0)
		err_move(err, why);
	return -1;
}

int repository_fetch(struct source *s, const char *const *locations, uint32_t n,
		     enum source_part part, const struct observer *o, struct error *err)
{
	struct repository *r = s->data;
	cleanup_free struct repository_package **v = xcalloc(n + 1, sizeof(*v));
	struct repository_package *p;
	uint32_t k = 0;
	int rc = 0, got;

	for (uint32_t i = 0; i < n; i++) {
		cleanup_error struct error why = ERROR_INIT;

		if (add(s, r, locations[i], &p, &why))
			rc = pass_over(s, locations[i], rc, &why, err);
	}
	/* now that the array does not grow any more */
	for (uint32_t i = 0; i < n; i++) {
		cleanup_error struct error why = ERROR_INIT;

		p = find(r, locations[i]);
		if (!p) {
			continue;
		} else if (r->folder) {
			if (check_local(r, p, &why))
				rc = pass_over(s, locations[i], rc, &why, err);
		} else if (!take_whole(s->env->packages, true, p) &&
			   !take_whole(s->env->metadata, true, p) &&
			   !take_whole(s->env->left, false, p)) {
			v[k++] = p;
		}
	}
	got = part == PART_ALL ? download_all(s, r, v, k, false, o, rc ? NULL : err)
			       : fetch_headers(s, r, v, k, o, rc ? NULL : err);
	return rc || got ? -1 : 0;
}

/* --- opening -------------------------------------------------------------------------------------------------- */

int repository_open_package(struct source *s, const char *location, struct error *err)
{
	struct repository *r = s->data;
	struct repository_package *p = find(r, location);
	cleanup_close int fd = -1;
	struct stat st;
	bool whole;

	if (r->folder)
		return repository_local_open(r, location, err);
	if (!p || (!p->whole && !p->begun)) {
		if (repository_fetch(s, &location, 1, PART_HEADERS, NULL, err))
			return -1;
		p = find(r, location);
	}
	fd = store_look(p->store, p->name, true, &whole);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "cannot open the download of '%s'", location);
	/* more of it may have come already */
	if (!p->whole && p->headers && (uint64_t)st.st_size > p->headers) {
		int headers = file_beginning(fd, p->headers);

		return headers < 0 ? err_errno(err, "cannot read a header") : headers;
	}
	return steal_fd(&fd);
}

bool repository_has_headers_only(struct source *s, const char *location)
{
	const struct repository *r = s->data;
	const struct repository_package *p = find(r, location);

	return !r->folder && p && !p->whole;
}

/* Bytes of it that a run which was cut short left. */
static uint64_t begun_bytes(struct store *store, const struct repository_package *p)
{
	bool whole;
	cleanup_close int fd = store ? store_look(store, p->name, true, &whole) : -1;
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && !whole ? (uint64_t)st.st_size : 0;
}

bool repository_is_to_fetch(struct source *s, const char *location, uint64_t *ret_bytes)
{
	const struct repository *r = s->data;
	const struct repository_package *p = find(r, location);
	struct store *store;

	if (r->folder || !p || p->whole)
		return false;
	/* with --cache all of it lies in one place */
	store = s->env->left		    ? s->env->left
		: s->env->metadata->scratch ? NULL
					    : s->env->metadata;
	*ret_bytes = p->size;
	if (p->size != FETCH_SIZE_UNKNOWN)
		*ret_bytes -= MIN(p->size, begun_bytes(store, p));
	return true;
}
