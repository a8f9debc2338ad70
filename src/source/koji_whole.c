/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji_whole.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/frame.h"
#include "source/env.h"
#include "source/koji_kept.h"

struct koji_found *koji_find(const struct source *s, const char *location)
{
	const struct koji_archive *a = s->data;

	for (uint32_t i = 0; a && i < a->found.n; i++)
		if (!strcmp(a->found.v[i].url, location))
			return &a->found.v[i];
	return NULL;
}

/* Of a package whose digest nobody knows its own frame tells whether it is whole. */
static int check_whole(int fd, const char *what, struct error *err)
{
	struct frame f;

	if (frame_read(fd, what, &f, err))
		return -1;
	if (f.state != FRAME_OK || (f.want_size && f.file_size != f.want_size))
		return err_set(err, ERR_FAILED, "is no whole package");
	return 0;
}

int koji_whole_open(struct source *s, const char *location, struct error *err)
{
	const struct koji_found *f = koji_find(s, location);
	bool whole;
	cleanup_close int fd = f ? store_look(f->store, f->name, true, &whole) : -1;
	int headers;

	if (fd < 0)
		return err_errno(err, "cannot open the download of '%s'", location);
	if (f->whole)
		return steal_fd(&fd);
	/* more of it may have come already */
	headers = file_beginning(fd, f->headers);
	return headers < 0 ? err_errno(err, "cannot read the headers of '%s'", location)
			   : headers;
}

/* One that is downloaded as a whole. */
struct coming {
	struct koji_found *f;
	bool pieces; /* of several runs */
};

/* The headers of the plan are its beginning. */
static int begin_whole(struct source *s, struct coming *c, struct fetch *ret,
		       struct error *err)
{
	cleanup_close int headers = koji_whole_open(s, c->f->url, err),
			  fd = headers < 0
				       ? -1
				       : store_begin(s->env->packages, c->f->name, err);

	if (fd < 0)
		return -1;
	if (koji_kept_begin(headers, c->f->headers, fd) < 0) {
		err_errno(err, "cannot write the headers of '%s'", c->f->url);
		return store_err(s->env->packages, err);
	}
	c->pieces = c->f->kept || lseek(fd, 0, SEEK_END) > (off_t)c->f->headers;
	*ret = (struct fetch){.what = c->f->url,
			      .bases = &c->f->bases,
			      .size = c->f->size,
			      .limit = KOJI_PACKAGE_MAX,
			      .resume = true,
			      .check = check_whole,
			      .fd = steal_fd(&fd)};
	return 0;
}

/* What turns out not to fit together is downloaded once more, from its beginning. */
static int get_whole(struct source *s, struct fetch *v, const struct coming *c,
		     uint32_t n, const struct observer *o, struct error *err)
{
	int rc = fetch_many(&s->env->net, v, n, o, err);

	for (uint32_t i = 0; i < n; i++) {
		if (!v[i].done || !c[i].pieces ||
		    koji_kept_fits(s->env->packages, c[i].f->name, c[i].f->url))
			continue;
		fetch_release(&v[i]);
		v[i].done = v[i].resume = false;
		if (rc == 0)
			rc = fetch_many(&s->env->net, &v[i], 1, o, err);
	}
	return rc ? store_err(s->env->packages, err) : 0;
}

/* Whether it is what the plan was made with. */
static int check_same(const struct koji_found *f, int fd, struct error *err)
{
	cleanup_close int headers = file_beginning(fd, f->headers);
	struct digest sum;

	if (headers >= 0 && digest_fd(headers, DIGEST_SHA256, &sum) == 0 &&
	    digest_is_same(&sum, &f->sum))
		return 0;
	return err_set(err, ERR_UNAVAILABLE,
		       "'%s' is no longer the package whose headers were downloaded "
		       "before; plan once more",
		       f->url);
}

static int end_whole(struct source *s, struct koji_found *f, struct fetch *v,
		     struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	int rc = 0;

	if (v->done) {
		rc = store_keep(s->env->packages, f->name, &why) < 0
			     ? -1
			     : check_same(f, v->fd, &why);
		if (why.kind == ERR_UNAVAILABLE)
			bad_note(&s->bad, f->url, why.kind, why.msg);
		if (rc)
			err_move(err, &why);
		f->whole = rc == 0;
		f->store = rc == 0 ? s->env->packages : f->store;
	} else if (v->refused) {
		/* headers that led nowhere are asked for by the next run */
		store_drop(s->env->packages, f->name);
		if (f->store != s->env->left)
			store_drop(f->store, f->name);
	}
	close(v->fd);
	fetch_release(v);
	return rc;
}

/* At most KOJI_AT_ONCE. */
static int fetch_some(struct source *s, const char *const *locations, uint32_t n,
		      const struct observer *o, struct error *err)
{
	struct fetch v[KOJI_AT_ONCE] = {0};
	struct coming c[KOJI_AT_ONCE] = {0};
	uint32_t k = 0;
	int rc = 0;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		c[k].f = koji_find(s, locations[i]);
		if (!c[k].f || c[k].f->whole)
			continue;
		rc = begin_whole(s, &c[k], &v[k], err);
		k += rc == 0;
	}
	if (rc == 0)
		rc = get_whole(s, v, c, k, o, err);
	for (uint32_t i = 0; i < k; i++) {
		if (!v[i].done && rc && err && err->kind == ERR_UNAVAILABLE)
			source_not_had(s, c[i].f->url, &v[i]);
		if (end_whole(s, c[i].f, &v[i], rc ? NULL : err))
			rc = -1;
	}
	return rc;
}

int koji_whole_fetch(struct source *s, const char *const *locations, uint32_t n,
		     enum source_part part, const struct observer *o, struct error *err)
{
	int rc = 0;

	for (uint32_t i = 0; i < n && part == PART_ALL; i += KOJI_AT_ONCE) {
		cleanup_error struct error why = ERROR_INIT;

		if (fetch_some(s, locations + i, MIN(n - i, (uint32_t)KOJI_AT_ONCE), o,
			       &why) == 0)
			continue;
		/* what one of them lacks is no matter of the others */
		if (rc == 0 || why.kind != ERR_UNAVAILABLE)
			err_move(err, &why);
		rc = -1;
		if (why.kind != ERR_UNAVAILABLE)
			break;
	}
	return rc;
}

bool koji_whole_lacks(struct source *s, const char *location)
{
	const struct koji_found *f = koji_find(s, location);

	return f && !f->whole;
}

/* Bytes of it that the next download goes on from. */
static uint64_t begun_bytes(const struct source *s, const struct koji_found *f)
{
	const struct source_env *env = s->env;
	/* with --cache all of it lies in one place */
	struct store *store = env->left		       ? env->left
			      : env->metadata->scratch ? NULL
						       : env->metadata;
	bool whole;
	cleanup_close int fd = store ? store_look(store, f->name, true, &whole) : -1;

	return fd >= 0 && !whole ? (uint64_t)MAX(lseek(fd, 0, SEEK_END), 0) : 0;
}

bool koji_whole_is_to_fetch(struct source *s, const char *location, uint64_t *ret_bytes)
{
	const struct koji_found *f = koji_find(s, location);

	if (!f || f->whole)
		return false;
	*ret_bytes = f->size;
	if (f->size != FETCH_SIZE_UNKNOWN)
		*ret_bytes -= MIN(f->size, begun_bytes(s, f));
	return true;
}
