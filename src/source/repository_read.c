/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a repository's URLs to its packages in the catalog. */
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
#include "rpm/detached.h"
#include "rpm/keyring.h"
#include "source/env.h"
#include "source/primary.h"
#include "source/repository.h"

#define REPOMD	  "repodata/repomd.xml"
#define SIGNATURE REPOMD ".asc"
enum { SIGNATURE_MAX = 1 << 20 };

static int read_whole(int fd, size_t max, struct buf *ret, const char *what,
		      struct error *err)
{
	char block[64 * 1024];
	ssize_t n;

	buf_clear(ret);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "cannot read %s", what);
	while ((n = file_read_full(fd, block, sizeof(block))) > 0) {
		buf_add(ret, block, (size_t)n);
		if (ret->n > max)
			return err_set(err, ERR_FAILED, "%s is longer than makes sense",
				       what);
	}
	return n < 0 ? err_errno(err, "cannot read %s", what) : 0;
}

/* A portal's page of welcome has no place in the list of mirrors that answered. */
static int check_repomd(int fd, const char *what, struct error *err)
{
	cleanup_buf struct buf text = {0};
	struct repomd md;

	if (read_whole(fd, REPOMD_MAX, &text, what, err) ||
	    repomd_read(text.s ? text.s : "", text.n, &md, err))
		return -1;
	repomd_release(&md);
	return 0;
}

static int check_mirrors(int fd, const char *what, struct error *err)
{
	cleanup_buf struct buf text = {0};
	struct metalink m;

	if (read_whole(fd, METALINK_MAX, &text, what, err) ||
	    metalink_read(text.s ? text.s : "", text.n, &m, err))
		return -1;
	metalink_release(&m);
	return 0;
}

/* --- one file of metadata -------------------------------------------------------------------------------- */

/* Downloads it, or without network takes what an earlier run left. Its content is in ret. *ret_url: where
 * it came from, or NULL. */
static int get_small(struct source *s, struct fetch *f, const char *name, struct buf *ret,
		     char **ret_url, const struct observer *o, struct error *err)
{
	struct store *store = s->env->metadata;
	cleanup_close int fd = -1;
	bool whole;
	int rc;

	*ret_url = NULL;
	if (s->env->net.offline) {
		fd = store_look(store, name, false, &whole);
		if (fd >= 0)
			return read_whole(fd, f->limit, ret, f->what, err);
	}
	fd = store_begin(store, name, err);
	if (fd < 0)
		return -1;
	f->fd = fd;
	f->size = FETCH_SIZE_UNKNOWN;
	rc = fetch_many(&s->env->net, f, 1, o, err) ? store_err(store, err) : 0;
	if (rc == 0)
		rc = store_keep(store, name, err);
	if (rc == 0)
		rc = read_whole(fd, f->limit, ret, f->what, err);
	if (rc == 0)
		*ret_url = steal_ptr(f->url);
	fetch_release(f);
	return rc;
}

static int get_mirrors(struct source *s, struct repository *r, const struct observer *o,
		       struct error *err)
{
	cleanup_free char *what = xasprintf("the mirror list of %s", r->name),
			  *url = NULL;
	cleanup_free char *name = store_name_of_text(r->mirrors, "mirrors");
	cleanup_buf struct buf text = {0};
	struct strlist from = {0};
	struct metalink m = {0};
	struct fetch f = {.what = what,
			  .bases = &from,
			  .auth = &r->auth,
			  .limit = METALINK_MAX,
			  .check = check_mirrors};
	int rc;

	strlist_add(&from, r->mirrors);
	rc = get_small(s, &f, name, &text, &url, o, err);
	if (rc == 0)
		rc = metalink_read(text.s, text.n, &m, err);
	for (uint32_t i = 0; i < m.bases.n; i++)
		strlist_add(&r->bases, m.bases.v[i]);
	for (uint32_t i = 0; i < m.digests.n; i++)
		array_add(&r->digests, m.digests.v[i]);
	metalink_release(&m);
	strlist_release(&from);
	/* a list that is gone does not matter where there is a URL besides */
	return rc && r->bases.n && !observer_stop(o) ? 0 : rc;
}

/* repomd.xml by each digest that the metalink knows: the newest first, then what is being replaced. */
static int get_repomd(struct source *s, struct repository *r, struct buf *ret,
		      char **ret_url, const struct observer *o, struct error *err)
{
	cleanup_free char *what = xasprintf("repomd.xml of %s", r->name);
	cleanup_free char *name =
		store_name_of_text(r->bases.n ? r->bases.v[0] : r->name, "repomd.xml");
	uint32_t tries = MAX(r->digests.n, 1U);
	int rc = -1;

	for (uint32_t i = 0; rc && i < tries; i++) {
		struct fetch f = {.what = what,
				  .bases = &r->bases,
				  .path = REPOMD,
				  .auth = &r->auth,
				  .limit = REPOMD_MAX,
				  .check = check_repomd};

		if (r->digests.n)
			f.digest = r->digests.v[i];
		rc = get_small(s, &f, name, ret, ret_url, o, err);
		if (rc && (observer_stop(o) || (err && err->sys)))
			break;
	}
	return rc;
}

/* --- the signature ------------------------------------------------------------------------------------- */

static int get_signature(struct source *s, struct repository *r, const char *repomd_url,
			 struct buf *ret, const struct observer *o, struct error *err)
{
	cleanup_free char *what = xasprintf("repomd.xml.asc of %s", r->name), *url = NULL;
	cleanup_free char *name = store_name_of_text(r->bases.n ? r->bases.v[0] : r->name,
						     "repomd.xml.asc");
	struct strlist from = {0};
	struct fetch f = {
		.what = what, .bases = &from, .auth = &r->auth, .limit = SIGNATURE_MAX};
	int rc;

	/* of the mirror that gave the file: others may have another state of it */
	if (repomd_url)
		strlist_take(&from, xasprintf("%s.asc", repomd_url));
	rc = get_small(s, &f, name, ret, &url, o, err);
	strlist_release(&from);
	return rc;
}

static int get_local_signature(const struct repository *r, struct buf *ret,
			       struct error *err)
{
	cleanup_close int fd = repository_local_open(r, SIGNATURE, err);

	return fd < 0 ? -1 : read_whole(fd, SIGNATURE_MAX, ret, SIGNATURE, err);
}

static int check_signature(struct source *s, struct repository *r,
			   const struct buf *repomd, const char *url,
			   const struct observer *o, struct error *err)
{
	const struct keyring *k = s->env ? s->env->keyring : NULL;
	cleanup_error struct error why = ERROR_INIT;
	cleanup_buf struct buf asc = {0};
	int rc;

	if (!r->must_be_signed && !(k && s->env->keys_given))
		return 0;
	rc = r->folder ? get_local_signature(r, &asc, &why)
		       : get_signature(s, r, url, &asc, o, &why);
	if (rc && observer_stop(o))
		return err_set(err, ERR_FAILED, "stopped while downloading");
	if (rc && r->must_be_signed)
		return err_set(
			err, ERR_UNTRUSTED,
			"its metadata must be signed (repo_gpgcheck), and has no signature: %s",
			why.msg);
	if (rc)
		return 0;
	rc = detached_check(k, asc.s, asc.n, repomd->s, repomd->n, "repomd.xml", &why);
	if (rc == 0)
		return 0;
	/* by a stranger, and nobody asked for more: packages have signatures of their own */
	if (why.kind == ERR_UNAVAILABLE && !r->must_be_signed) {
		source_aside(s, "%s: %s", r->name, why.msg);
		return 0;
	}
	return err_set(err, ERR_UNTRUSTED, "%s", why.msg);
}

/* --- primary --------------------------------------------------------------------------------------------- */

static int open_local(const struct repository *r, const struct repomd *md,
		      struct error *err)
{
	cleanup_free char *path = repository_local_path(r, md->location);
	cleanup_close int fd = repository_local_open(r, md->location, err);
	struct digest sum;

	if (fd < 0)
		return -1;
	if (digest_fd(fd, md->digest.algo, &sum) < 0)
		return err_errno(err, "cannot read '%s'", path);
	if (!digest_is_same(&sum, &md->digest))
		return err_set(err, ERR_FAILED,
			       "'%s' has another digest than repomd.xml says", path);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "cannot read '%s'", path);
	return steal_fd(&fd);
}

static int open_remote(struct source *s, struct repository *r, const struct repomd *md,
		       const struct observer *o, struct error *err)
{
	struct store *store = s->env->metadata;
	cleanup_free char *what = xasprintf("the list of packages of %s", r->name);
	cleanup_free char *name = store_name(&md->digest, md->location);
	cleanup_close int fd = -1;
	struct digest sum;
	struct fetch f = {.what = what,
			  .bases = &r->bases,
			  .path = md->location,
			  .auth = &r->auth,
			  .size = md->size,
			  .limit = REPOMD_PRIMARY_MAX,
			  .digest = md->digest};
	bool whole;
	int rc;

	fd = store_look(store, name, false, &whole);
	if (fd >= 0 && digest_fd(fd, md->digest.algo, &sum) == 0 &&
	    digest_is_same(&sum, &md->digest) && lseek(fd, 0, SEEK_SET) == 0)
		return steal_fd(&fd);
	cleanup_closep(&fd);
	if (md->size <= REPOMD_PRIMARY_MAX && store_make_room(store, md->size, err))
		return -1;
	fd = store_begin(store, name, err);
	if (fd < 0)
		return -1;
	f.fd = fd;
	rc = fetch_many(&s->env->net, &f, 1, o, err) ? store_err(store, err) : 0;
	fetch_release(&f);
	if (rc || store_keep(store, name, err))
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "cannot read %s", what);
	return steal_fd(&fd);
}

/* Notes where each package lies, and takes out what is not there. */
static void note_locations(struct source *s, struct repository *r)
{
	Repo *repo = s->repo;
	uint32_t gone = 0;

	for (Id id = repo->start; id < repo->end; id++) {
		Solvable *v = pool_id2solvable(repo->pool, id);
		const char *location;

		if (v->repo != repo)
			continue;
		location = solvable_lookup_location(v, NULL);
		if (r->folder && !repository_local_has(r, location)) {
			repo_free_solvable(repo, id, 0);
			gone++;
			continue;
		}
		strmap_set(&r->by_location, arena_strdup(&r->mem, location),
			   (uint32_t)id);
	}
	if (gone)
		source_remark(s, "%s: %u packages of its list are not there", r->name,
			      gone);
}

static int read_repomd(struct source *s, struct repository *r, struct repomd *ret,
		       const struct observer *o, struct error *err)
{
	cleanup_buf struct buf text = {0};
	cleanup_free char *url = NULL;

	if (r->folder) {
		cleanup_free char *path = repository_local_path(r, REPOMD);
		cleanup_close int fd = repository_local_open(r, REPOMD, err);

		if (fd < 0 || read_whole(fd, REPOMD_MAX, &text, path, err))
			return -1;
	} else {
		if (r->mirrors && get_mirrors(s, r, o, err))
			return -1;
		if (get_repomd(s, r, &text, &url, o, err))
			return -1;
	}
	if (check_signature(s, r, &text, url, o, err))
		return -1;
	if (repomd_read(text.s ? text.s : "", text.n, ret, err))
		return err_prefix(err, "its repomd.xml");
	return 0;
}

int repository_read(struct source *s, struct repository *r, const struct observer *o,
		    struct error *err)
{
	struct repomd md = {0};
	uint32_t unfit = 0;
	int fd, rc;

	if (read_repomd(s, r, &md, o, err))
		return -1;
	fd = r->folder ? open_local(r, &md, err) : open_remote(s, r, &md, o, err);
	rc = fd < 0 ? -1 : primary_read(s->repo, fd, md.location, md.open_size, &unfit,
				    err);
	repomd_release(&md);
	if (rc)
		return -1;
	if (unfit)
		source_remark(
			s,
			"%s: %u packages are passed over: what it says of where they are "
			"leads outside of it",
			r->name, unfit);
	note_locations(s, r);
	return 0;
}
