/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji.h"

#include <string.h>
#include <unistd.h>

#include "rpm/frame.h"
#include "rpm/reader.h"
#include "rpm/trust.h"
#include "source/env.h"

enum { FIRST_BYTES = 32 * 1024, HEADERS_MAX = 64 << 20, AT_ONCE = 128 };
#define PACKAGE_MAX (64ULL << 30)

static int is_mine(const char *spec)
{
	return !strncmp(spec, "koji:", 5) && fetch_is_remote(spec + 5);
}

/* --- looking for it ---------------------------------------------------------------------------------------------- */

/* A package that was found; its location is its URL, but for a login. */
struct found {
	char *url, *name;     /* name: in the store */
	struct strlist bases; /* the URL */
	uint64_t size, headers;
	bool whole;
	struct store *store;
};
struct archive {
	ARRAY(struct found) found;
	char *silent;	  /* which server does not answer */
	uint32_t unasked; /* packages that it was not asked for */
};

static struct found *find(const struct source *s, const char *location)
{
	const struct archive *a = s->data;

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

static void release_found(struct found *f)
{
	free(f->url);
	free(f->name);
	strlist_release(&f->bases);
}

/* Whoever asks without an epoch may mean one that the package has; its file's name never tells. */
static bool is_wanted(const struct nevra *is, const struct nevra *want)
{
	struct nevra id = *want;

	if (id.epoch == EPOCH_NONE)
		id.epoch = is->epoch;
	return nevra_is_same(is, &id);
}

static int give_whole(void *ctx, uint32_t i _unused_, enum trust_depth *ret_depth,
		      struct error *err _unused_)
{
	*ret_depth = TRUST_PACKAGE;
	return dup(*(int *)ctx);
}

/* What an earlier run left of it: a whole package, whatever its signature says. may_drop: what is damaged
 * goes, and stands in nobody's way. */
static int look_at_left(struct store *store, bool may_drop, const struct found *f,
			const char *what)
{
	struct trust_report verdict = {0};
	struct keyring *none = keyring_new();
	bool whole, good = false;
	int fd = store ? store_look(store, f->name, false, &whole) : -1;

	if (fd >= 0 &&
	    trust_check_many(none, give_whole, &fd, &what, 1, &verdict, NULL, NULL) == 0)
		good = verdict.verdict != TRUST_BAD &&
		       verdict.verdict != TRUST_TRUNCATED &&
		       verdict.verdict != TRUST_NOT_A_PACKAGE;
	trust_report_release(&verdict);
	keyring_free(none);
	if (fd >= 0 && whole && !good && may_drop)
		store_drop(store, f->name);
	if (!good)
		cleanup_closep(&fd);
	return fd;
}

/* 1: it is added; 0: there is none, or none that is right */
static int take_left(struct source *s, const struct koji_wanted *w, const char *url,
		     struct found *f, const char *what)
{
	struct store *const stores[] = {s->env->packages, s->env->left};
	struct archive *a = s->data;
	int taken = 0;

	for (size_t i = 0; i < ELEMENTSOF(stores) && !taken; i++) {
		cleanup_close int fd = look_at_left(stores[i], i == 0, f, what);
		cleanup_head struct head h = {0};

		if (fd < 0 || reader_file(fd, HEAD_DEPS, what, &h, NULL))
			continue;
		if (is_wanted(&h.pkg->id, &w->id)) {
			f->url = fetch_bare_url(url);
			strlist_add(&f->bases, url);
			f->whole = true;
			f->store = stores[i];
			source_add_head(s, &h, f->url);
			array_add(&a->found, *f);
			taken = 1;
		}
	}
	return taken;
}

/* One that is looked for. */
struct sought {
	const struct koji_wanted *w;
	char *what;
	struct strlist urls;
	struct found f;
	int fd;
	bool unasked;	  /* its server had been given up */
	struct error why; /* why it is none of this archive's */
};

static void sought_release(struct sought *l)
{
	if (l->fd >= 0)
		close(l->fd);
	release_found(&l->f);
	strlist_release(&l->urls);
	err_release(&l->why);
	free(l->what);
}

static int begin(struct source *s, const struct koji_wanted *w, struct sought *ret,
		 struct error *err)
{
	*ret = (struct sought){.w = w,
			       .what = nevra_string(&w->id),
			       .f = {.store = s->env->metadata},
			       .fd = -1};
	koji_urls(s->spec, w, &ret->urls);
	if (!ret->urls.n)
		BUG("'%s' has no address for %s", s->spec, ret->what);
	ret->f.name = store_name_of_text(ret->urls.v[0], ret->what);
	if (take_left(s, w, ret->urls.v[0], &ret->f, ret->what)) {
		ret->f = (struct found){0}; /* it is the archive's now */
		return 0;
	}
	ret->fd = store_begin(ret->f.store, ret->f.name, err);
	return ret->fd < 0 || ftruncate(ret->fd, 0) < 0 ? -1 : 0;
}

static bool is_open(const struct sought *l)
{
	return l->fd >= 0 && l->why.kind == ERR_NONE;
}

/* How much of it is to be asked for; 0: nothing. */
typedef uint64_t (*ask_fn)(const struct sought *l);

static uint64_t ask_first(const struct sought *l _unused_)
{
	return FIRST_BYTES;
}

static uint64_t ask_rest(const struct sought *l)
{
	return l->f.headers > FIRST_BYTES ? l->f.headers : 0;
}

static void note_failure(struct archive *a, struct sought *l, const struct fetch *f)
{
	(void)fetch_why(f, 1, &l->why);
	l->unasked = f->unasked;
	if (l->unasked && !a->silent)
		a->silent = xstrdup(f->trail.v[0]);
	a->unasked += l->unasked;
}

/* The beginnings of those that are open, all at once. -1: the run is at its end. */
static int get(struct source *s, struct sought *v, uint32_t n, ask_fn ask,
	       struct error *err)
{
	struct fetch f[AT_ONCE] = {0};
	cleanup_error struct error why = ERROR_INIT;
	struct sought *of[AT_ONCE];
	uint32_t k = 0;
	int rc;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t first = is_open(&v[i]) ? ask(&v[i]) : 0;

		if (!first)
			continue;
		of[k] = &v[i];
		f[k++] = (struct fetch){.what = v[i].what,
					.bases = v[i].f.bases.n ? &v[i].f.bases
								: &v[i].urls,
					.size = FETCH_SIZE_UNKNOWN,
					.first = first,
					.limit = PACKAGE_MAX,
					.fd = v[i].fd};
	}
	rc = k ? fetch_many(&s->env->net, f, k, s->env->observer, &why) : 0;
	/* that one is not to be had is no matter of the others */
	rc = rc && (why.sys || observer_stop(s->env->observer) ||
		    why.kind != ERR_UNAVAILABLE);
	if (rc)
		err_move(err, &why);
	for (uint32_t i = 0; i < k; i++) {
		if (!f[i].done && !rc)
			note_failure(s->data, of[i], &f[i]);
		if (f[i].done && !of[i]->f.bases.n) {
			strlist_add(&of[i]->f.bases,
				    f[i].url ? f[i].url : of[i]->urls.v[0]);
			of[i]->f.url = fetch_bare_url(of[i]->f.bases.v[0]);
			of[i]->f.size = f[i].size;
		}
		fetch_release(&f[i]);
	}
	return rc ? -1 : 0;
}

/* How far the headers go. */
static void measure(struct sought *l)
{
	struct frame frame;

	if (!is_open(l) || frame_read(l->fd, l->what, &frame, &l->why))
		return;
	if (frame.payload_at > HEADERS_MAX || !frame.payload_at)
		err_set(&l->why, ERR_FAILED, "'%s' is no package", l->f.url);
	l->f.headers = frame.payload_at;
}

static int take(struct source *s, struct sought *l, struct error *err)
{
	cleanup_head struct head h = {0};
	struct archive *a = s->data;

	if (l->fd < 0)
		return 0;
	if (is_open(l) && ftruncate(l->fd, (off_t)l->f.headers) < 0)
		return err_errno(err, "cannot cut the download of %s", l->what);
	if (is_open(l) && !find(s, l->f.url) &&
	    reader_file(l->fd, HEAD_DEPS, l->f.url, &h, &l->why) == 0 &&
	    is_wanted(&h.pkg->id, &l->w->id)) {
		source_add_head(s, &h, l->f.url);
		array_add(&a->found, l->f);
		l->f = (struct found){0};
		return 0;
	}
	if (l->why.sys) {
		err_move(err, &l->why);
		return -1;
	}
	/* that is told once for all of them */
	if (!l->unasked)
		source_remark(s, "%s: %s", s->shown,
			      l->why.msg ? l->why.msg
					 : "another package lies in its place");
	store_drop(l->f.store, l->f.name);
	return 0;
}

/* Lead and headers of packages, each from the first URL that has it. */
static int look_for_some(struct source *s, const struct koji_wanted *v, uint32_t n,
			 struct error *err)
{
	struct sought l[AT_ONCE];
	uint32_t begun = 0;
	int rc = 0;

	while (begun < n && rc == 0) {
		rc = begin(s, &v[begun], &l[begun], err);
		begun++;
	}
	if (rc == 0)
		rc = get(s, l, n, ask_first, err);
	for (uint32_t i = 0; i < n && rc == 0; i++)
		measure(&l[i]);
	if (rc == 0)
		rc = get(s, l, n, ask_rest, err);
	for (uint32_t i = 0; i < n && rc == 0; i++)
		rc = take(s, &l[i], err);
	for (uint32_t i = 0; i < begun; i++)
		sought_release(&l[i]);
	return rc;
}

static void remark_unasked(struct source *s)
{
	struct archive *a = s->data;

	if (a->unasked)
		source_remark(s, "%s: %s; %u %s not asked for", s->shown, a->silent,
			      a->unasked, a->unasked == 1 ? "package" : "packages");
	a->unasked = 0;
	free(steal_ptr(a->silent));
}

static int look_for(struct source *s, const struct koji_wanted *v, uint32_t n,
		    struct error *err)
{
	for (uint32_t i = 0; i < n; i += AT_ONCE)
		if (look_for_some(s, v + i, MIN(n - i, AT_ONCE), err) < 0)
			return -1;
	remark_unasked(s);
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int fetch(struct source *s, const char *const *locations, uint32_t n,
		 enum source_part part, const struct observer *o, struct error *err)
{
	for (uint32_t i = 0; i < n && part == PART_ALL; i += AT_ONCE) {
		struct fetch v[AT_ONCE] = {0};
		struct found *of[AT_ONCE];
		uint32_t k = 0;
		int rc = 0;

		for (uint32_t j = i; j < MIN(n, i + AT_ONCE) && rc == 0; j++) {
			struct found *f = find(s, locations[j]);
			int fd;

			if (!f || f->whole)
				continue;
			fd = store_begin(s->env->packages, f->name, err);
			rc = fd < 0 ? -1 : 0;
			of[k] = f;
			if (rc == 0)
				v[k++] = (struct fetch){.what = f->url,
							.bases = &f->bases,
							.size = f->size,
							.limit = PACKAGE_MAX,
							.check = check_whole,
							.fd = fd};
		}
		if (rc == 0 && fetch_many(&s->env->net, v, k, o, err))
			rc = store_err(s->env->packages, err);
		for (uint32_t j = 0; j < k; j++) {
			if (v[j].done && store_keep(s->env->packages, of[j]->name,
						    rc ? NULL : err) == 0) {
				of[j]->whole = true;
				of[j]->store = s->env->packages;
			} else if (v[j].done) {
				rc = -1;
			}
			close(v[j].fd);
			fetch_release(&v[j]);
		}
		if (rc)
			return -1;
	}
	return 0;
}

static int open_package(struct source *s, const char *location, struct error *err)
{
	const struct found *f = find(s, location);
	bool whole;
	int fd = f ? store_look(f->store, f->name, true, &whole) : -1;

	return fd < 0 ? err_errno(err, "cannot open the download of '%s'", location) : fd;
}

static bool has_headers_only(struct source *s, const char *location)
{
	const struct found *f = find(s, location);

	return f && !f->whole;
}

static bool is_to_fetch(struct source *s, const char *location, uint64_t *ret_bytes)
{
	const struct found *f = find(s, location);

	if (!f || f->whole)
		return false;
	*ret_bytes = f->size;
	return true;
}

static int koji_index(struct source *s, const struct observer *o _unused_,
		      struct error *err)
{
	if (!s->env || !s->env->metadata)
		return err_set(err, ERR_FAILED, "nothing can be downloaded here");
	s->data = xcalloc(1, sizeof(struct archive));
	strlist_add(&s->looked_at, s->shown);
	return 0;
}

static void release(struct source *s)
{
	struct archive *a = s->data;

	for (uint32_t i = 0; a && i < a->found.n; i++)
		release_found(&a->found.v[i]);
	if (a)
		array_release(&a->found);
	free(a);
}

const struct source_ops koji_ops = {
	.kind = "koji",
	.is_mine = is_mine,
	.index = koji_index,
	.look_for = look_for,
	.open_package = open_package,
	.fetch = fetch,
	.has_headers_only = has_headers_only,
	.is_to_fetch = is_to_fetch,
	.release = release,
};
