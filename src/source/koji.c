/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji.h"

#include <string.h>
#include <unistd.h>

#include "rpm/frame.h"
#include "rpm/keyring.h"
#include "rpm/reader.h"
#include "source/env.h"
#include "source/koji_kept.h"
#include "source/koji_listed.h"
#include "source/koji_whole.h"

enum { FIRST_BYTES = 32 * 1024, KEYS_MAX = 16 };

static int is_mine(const char *spec)
{
	return !strncmp(spec, "koji:", 5) && fetch_is_remote(spec + 5);
}

/* --- looking for it ---------------------------------------------------------------------------------------------- */

static void release_found(struct koji_found *f)
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

/* What an earlier run left of it in a store: a descriptor of the whole, or of its headers; or -1. */
static int look_at_kept(const struct source *s, struct store *store, struct koji_found *f,
			const char *what)
{
	int fd = koji_kept_package(store, f->name, store != s->env->left, what);
	struct frame frame = {0};

	f->whole = fd >= 0;
	if (fd < 0)
		fd = koji_kept_headers(store, f->name, what, &frame);
	if (fd >= 0 && !f->whole) {
		f->headers = frame.payload_at;
		f->size = frame.want_size ? frame.want_size : FETCH_SIZE_UNKNOWN;
		if (digest_fd(fd, DIGEST_SHA256, &f->sum) < 0)
			cleanup_closep(&fd);
	}
	f->kept = true;
	f->store = store;
	return fd;
}

/* true: it is added */
static bool take_kept_of(struct source *s, struct store *store,
			 const struct koji_wanted *w, const char *url, const char *what)
{
	struct koji_found f = {.name = store_name_of_text(url, what)};
	cleanup_close int fd = store ? look_at_kept(s, store, &f, what) : -1;
	struct koji_archive *a = s->data;
	cleanup_head struct head h = {0};

	if (fd < 0 || reader_file(fd, HEAD_DEPS, what, &h, NULL) ||
	    !is_wanted(&h.pkg->id, &w->id)) {
		release_found(&f);
		return false;
	}
	f.url = fetch_bare_url(url);
	strlist_add(&f.bases, url);
	source_add_head(s, &h, f.url);
	array_add(&a->found, f);
	return true;
}

/* From the place that would be asked first. */
static bool take_kept(struct source *s, const struct koji_wanted *w,
		      const struct strlist *urls, const char *what)
{
	const struct source_env *env = s->env;
	struct store *other = env->metadata == env->packages ? NULL : env->metadata;

	for (uint32_t i = 0; i < urls->n; i++)
		if (take_kept_of(s, env->packages, w, urls->v[i], what) ||
		    take_kept_of(s, env->left, w, urls->v[i], what) ||
		    take_kept_of(s, other, w, urls->v[i], what))
			return true;
	return false;
}

/* One that is looked for. */
struct sought {
	const struct koji_wanted *w;
	char *what;
	struct strlist urls;
	struct koji_found f;
	char *name; /* of what is on its way, in the store of metadata */
	int fd;
	bool had;	  /* it is this archive's */
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
	free(l->name);
	free(l->what);
}

/*
 * Who may have signed it: who signed what is installed, and whose keys are trusted, for those of an earlier release
 * are others. A key that nobody is known to trust is the last.
 */
static void signers(const struct source *s, const struct koji_wanted *w,
		    struct strlist *ret)
{
	const struct keyring *ring = s->env->keyring;
	const char *own = w->keyid ? w->keyid : "";
	const struct keyring_key *key = ring ? keyring_find(ring, own) : NULL;

	if (key && key->trusted)
		strlist_add(ret, own);
	for (uint32_t i = 0; ring && ret->n < KEYS_MAX && (key = keyring_at(ring, i));
	     i++)
		if (key->trusted && !key->revoked && !strlist_has(ret, key->keyid))
			strlist_add(ret, key->keyid);
	if (!strlist_has(ret, own))
		strlist_add(ret, own);
}

/* Whether it was found before. */
static bool is_found(const struct source *s, const struct strlist *urls)
{
	for (uint32_t i = 0; i < urls->n; i++) {
		cleanup_free char *bare = fetch_bare_url(urls->v[i]);

		if (koji_find(s, bare))
			return true;
	}
	return false;
}

static int begin(struct source *s, const struct koji_wanted *w, struct sought *ret,
		 struct error *err)
{
	struct strlist keys = {0};

	*ret = (struct sought){.w = w,
			       .what = nevra_string(&w->id),
			       .f = {.store = s->env->metadata},
			       .fd = -1};
	signers(s, w, &keys);
	koji_urls(s->spec, w, &keys, &ret->urls);
	strlist_release(&keys);
	if (!ret->urls.n)
		BUG("'%s' has no address for %s", s->spec, ret->what);
	ret->had = is_found(s, &ret->urls) || take_kept(s, w, &ret->urls, ret->what);
	if (ret->had)
		return 0;
	ret->name = store_name_of_text(ret->urls.v[0], "headers");
	ret->fd = store_begin(ret->f.store, ret->name, err);
	if (ret->fd >= 0 && ftruncate(ret->fd, 0) < 0)
		return err_errno(err, "cannot write the headers of %s", ret->what);
	return ret->fd < 0 ? -1 : 0;
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

static void note_failure(struct koji_archive *a, struct sought *l, const struct fetch *f)
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
	struct fetch f[KOJI_AT_ONCE] = {0};
	cleanup_error struct error why = ERROR_INIT;
	struct sought *of[KOJI_AT_ONCE];
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
					.limit = KOJI_PACKAGE_MAX,
					.fd = v[i].fd};
	}
	rc = k ? fetch_many(&s->env->net, f, k, s->env->observer, &why) : 0;
	/* that one is not to be had is no matter of the others */
	rc = rc &&
	     (why.sys || observer_stop(s->env->observer) || why.kind != ERR_UNAVAILABLE);
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
	if (frame.payload_at > KOJI_HEADERS_MAX || !frame.payload_at)
		err_set(&l->why, ERR_FAILED, "'%s' is no package", l->f.url);
	l->f.headers = frame.payload_at;
}

/* Headers that came go where the rest of the package will be. */
static int keep_headers(struct sought *l, struct error *err)
{
	cleanup_close int to = -1;

	l->f.name = store_name_of_text(l->f.bases.v[0], l->what);
	to = store_begin(l->f.store, l->f.name, err);
	if (to < 0)
		return -1;
	return digest_fd(l->fd, DIGEST_SHA256, &l->f.sum) < 0 ||
			       koji_kept_begin(l->fd, l->f.headers, to) < 0
		       ? err_errno(err, "cannot write the headers of %s", l->what)
		       : 0;
}

static int take(struct source *s, struct sought *l, struct error *err)
{
	cleanup_head struct head h = {0};
	struct koji_archive *a = s->data;

	if (l->fd < 0)
		return 0;
	if (is_open(l) && ftruncate(l->fd, (off_t)l->f.headers) < 0)
		return err_errno(err, "cannot cut the download of %s", l->what);
	if (is_open(l) && !koji_find(s, l->f.url) &&
	    reader_file(l->fd, HEAD_DEPS, l->f.url, &h, &l->why) == 0 &&
	    is_wanted(&h.pkg->id, &l->w->id)) {
		if (keep_headers(l, err))
			return store_err(l->f.store, err);
		source_add_head(s, &h, l->f.url);
		array_add(&a->found, l->f);
		l->f = (struct koji_found){.store = l->f.store};
		l->had = true;
		return 0;
	}
	if (l->why.sys) {
		err_move(err, &l->why);
		return -1;
	}
	/* that is told once for all of them */
	if (!l->unasked)
		source_aside(s, "%s: %s", s->shown,
			     l->why.msg ? l->why.msg
					: "another package lies in its place");
	return 0;
}

/* Lead and headers of packages, each from the first URL that has it; ret_had tells of each whether one has. */
static int look_for_some(struct source *s, const struct koji_wanted *v, uint32_t n,
			 bool *ret_had, struct error *err)
{
	struct sought l[KOJI_AT_ONCE];
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
	for (uint32_t i = 0; i < begun; i++) {
		ret_had[i] = l[i].had;
		if (l[i].fd >= 0)
			store_drop(l[i].f.store, l[i].name);
		sought_release(&l[i]);
	}
	return rc;
}

static void remark_unasked(struct source *s)
{
	struct koji_archive *a = s->data;

	if (a->unasked)
		source_remark(s, "%s: %s; %u %s not asked for", s->shown, a->silent,
			      a->unasked, a->unasked == 1 ? "package" : "packages");
	a->unasked = 0;
	free(steal_ptr(a->silent));
}

static int look_for_those(struct source *s, const struct koji_wanted *v, uint32_t n,
			  bool *ret_had, struct error *err)
{
	for (uint32_t i = 0; i < n; i += KOJI_AT_ONCE)
		if (look_for_some(s, v + i, MIN(n - i, KOJI_AT_ONCE), ret_had + i, err) <
		    0)
			return -1;
	return 0;
}

/* Those that are wanted by no exact name, and what there is to choose from. */
struct open_wants {
	struct koji_wanted *v;
	struct koji_choices *of;
	bool *done;
	uint32_t n;
};

/* The nth choice of each. */
static int look_for_nth(struct source *s, struct open_wants *l, uint32_t nth,
			struct error *err)
{
	cleanup_free struct koji_wanted *now = xcalloc(l->n + 1, sizeof(*now));
	cleanup_free uint32_t *whose = xcalloc(l->n + 1, sizeof(*whose));
	cleanup_free bool *had = xcalloc(l->n + 1, sizeof(*had));
	uint32_t k = 0;
	int rc;

	for (uint32_t i = 0; i < l->n; i++)
		if (!l->done[i] && nth < l->of[i].list.n) {
			whose[k] = i;
			now[k++] = l->of[i].list.v[nth];
		}
	rc = look_for_those(s, now, k, had, err);
	for (uint32_t i = 0; i < k && rc == 0; i++)
		l->done[whose[i]] = had[i];
	return rc;
}

/* Lets go of those that were found, or of which there is no more. */
static void drop_done(struct open_wants *l, bool all)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		if (all || l->done[i] || !l->of[i].more) {
			koji_choices_release(&l->of[i]);
			continue;
		}
		l->v[k] = l->v[i];
		l->done[k] = false;
		l->of[k++] = l->of[i];
	}
	l->n = k;
}

/* Of what the server lists the first that it has. */
static int look_for_listed(struct source *s, struct koji_wanted *v, uint32_t n,
			   struct error *err)
{
	cleanup_free struct koji_choices *of = xcalloc(n + 1, sizeof(*of));
	cleanup_free bool *done = xcalloc(n + 1, sizeof(*done));
	struct open_wants l = {v, of, done, n};
	int rc = 0;

	while (l.n && rc == 0) {
		rc = koji_list(s, l.v, l.n, l.of, err);
		for (uint32_t nth = 0; nth < KOJI_TRIES && rc == 0; nth++)
			rc = look_for_nth(s, &l, nth, err);
		drop_done(&l, rc < 0);
	}
	return rc;
}

static int look_for(struct source *s, const struct koji_wanted *v, uint32_t n,
		    struct error *err)
{
	cleanup_free struct koji_wanted *those = xcalloc(n + 1, sizeof(*those)),
					*listed = xcalloc(n + 1, sizeof(*listed));
	cleanup_free bool *had = xcalloc(n + 1, sizeof(*had));
	uint32_t k = 0, m = 0;

	for (uint32_t i = 0; i < n; i++)
		if (v[i].how == KOJI_THAT)
			those[k++] = v[i];
		else
			listed[m++] = v[i];
	if (look_for_those(s, those, k, had, err) || look_for_listed(s, listed, m, err))
		return -1;
	remark_unasked(s);
	return 0;
}

/* --- the source ---------------------------------------------------------------------------------------------------- */

static int koji_index(struct source *s, const struct observer *o _unused_,
		      struct error *err)
{
	if (!s->env || !s->env->metadata)
		return err_set(err, ERR_FAILED, "nothing can be downloaded here");
	s->data = xcalloc(1, sizeof(struct koji_archive));
	strlist_add(&s->looked_at, s->shown);
	return 0;
}

static void release(struct source *s)
{
	struct koji_archive *a = s->data;

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
	.open_package = koji_whole_open,
	.fetch = koji_whole_fetch,
	.has_headers_only = koji_whole_lacks,
	.is_to_fetch = koji_whole_is_to_fetch,
	.release = release,
};
