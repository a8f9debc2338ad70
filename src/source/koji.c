/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/koji.h"

#include <inttypes.h>
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

char *koji_source_name(const char *sourcerpm)
{
	size_t n = strlen(sourcerpm);

	/* NAME-VERSION-RELEASE.src.rpm */
	for (int dashes = 0; n > 0 && dashes < 2; n--)
		dashes += sourcerpm[n - 1] == '-';
	return xstrndup(sourcerpm, n);
}

/* --- where it may lie ------------------------------------------------------------------------------------------- */

static void fill(const char *template, const struct koji_wanted *w, const char *source,
		 struct buf *ret)
{
	const struct nevra *id = &w->id;
	cleanup_free char *nevra =
		xasprintf("%s-%s-%s.%s", id->name, id->version, id->release, id->arch);
	const struct {
		const char *name, *value;
	} words[] = {{"{name}", id->name},	 {"{version}", id->version},
		     {"{release}", id->release}, {"{arch}", id->arch},
		     {"{nevra}", nevra},	 {"{source}", source}};

	while (*template) {
		bool found = false;

		if (!strncmp(template, "{initial}", 9)) {
			buf_char(ret, id->name[0]);
			template += 9;
			continue;
		}
		for (size_t i = 0; i < ELEMENTSOF(words) && !found; i++) {
			size_t n = strlen(words[i].name);

			found = !strncmp(template, words[i].name, n);
			if (found) {
				buf_str(ret, words[i].value);
				template += n;
			}
		}
		if (!found)
			buf_char(ret, *template ++);
	}
}

static void add(const char *template, const struct koji_wanted *w, const char *source,
		struct strlist *ret)
{
	struct buf path = {0};
	const char *host = strstr(template, "://") + 3;
	size_t n = (size_t)(host - template) + strcspn(host, "/");
	cleanup_free char *base = xstrndup(template, n), *whole = NULL;

	buf_str(&path, "");
	fill(template[n] ? template + n + 1 : "", w, source, &path);
	whole = fetch_join(base, path.s);
	if (!strlist_has(ret, whole))
		strlist_add(ret, whole);
	buf_release(&path);
}

void koji_urls(const char *spec, const struct koji_wanted *w, struct strlist *ret)
{
	static const char layout[] = "packages/{source}/{version}/{release}/";
	const char *url = spec + strlen("koji:");
	const char *sources[] = {w->source && *w->source ? w->source : w->id.name,
				 w->id.name};
	size_t n = strlen(url);

	if (strchr(url, '{')) {
		add(url, w, sources[0], ret);
		return;
	}
	while (n && url[n - 1] == '/')
		n--;
	for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
		cleanup_free char *plain =
			xasprintf("%.*s/%s{arch}/{nevra}.rpm", (int)n, url, layout);

		/* koji knows keys by the last eight digits */
		if (w->keyid && strlen(w->keyid) >= 8) {
			cleanup_free char *copy = xasprintf(
				"%.*s/%sdata/signed/%s/{arch}/{nevra}.rpm", (int)n, url,
				layout, w->keyid + strlen(w->keyid) - 8);

			add(copy, w, sources[i], ret);
		}
		add(plain, w, sources[i], ret);
	}
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

static int get(struct source *s, const struct strlist *urls, const char *what, int fd,
	       uint64_t first, struct fetch *ret, const struct observer *o,
	       struct error *err)
{
	*ret = (struct fetch){.what = what,
			      .bases = urls,
			      .size = FETCH_SIZE_UNKNOWN,
			      .first = first,
			      .limit = PACKAGE_MAX,
			      .fd = fd};
	return fetch_many(&s->env->net, ret, 1, o, err);
}

/* Lead and headers of a package, from the first URL that has it. *ret_url: which. */
static int get_headers(struct source *s, const struct strlist *urls, const char *what,
		       int fd, struct found *ret, struct error *err)
{
	const struct observer *o = s->env->observer;
	struct strlist one = {0};
	struct frame frame;
	struct fetch f;
	int rc = get(s, urls, what, fd, FIRST_BYTES, &f, o, err);

	if (rc == 0) {
		strlist_add(&ret->bases, f.url ? f.url : urls->v[0]);
		ret->url = fetch_bare_url(ret->bases.v[0]);
		ret->size = f.size;
	}
	fetch_release(&f);
	if (rc || frame_read(fd, what, &frame, err))
		return -1;
	if (frame.payload_at > HEADERS_MAX || !frame.payload_at)
		return err_set(err, ERR_FAILED, "'%s' is no package", ret->url);
	if (frame.payload_at > FIRST_BYTES) {
		strlist_add(&one, ret->bases.v[0]);
		rc = get(s, &one, what, fd, frame.payload_at, &f, o, err);
		fetch_release(&f);
		strlist_release(&one);
	}
	ret->headers = frame.payload_at;
	return rc || ftruncate(fd, (off_t)frame.payload_at) < 0 ? -1 : 0;
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

static int look_for_one(struct source *s, const struct koji_wanted *w, struct error *err)
{
	cleanup_free char *what = nevra_string(&w->id);
	cleanup_error struct error why = ERROR_INIT;
	cleanup_head struct head h = {0};
	struct archive *a = s->data;
	struct strlist urls = {0};
	struct found f = {.store = s->env->metadata};
	cleanup_close int fd = -1;

	koji_urls(s->spec, w, &urls);
	if (!urls.n)
		BUG("'%s' has no address for %s", s->spec, what);
	f.name = store_name_of_text(urls.v[0], what);
	if (take_left(s, w, urls.v[0], &f, what)) {
		strlist_release(&urls);
		return 0;
	}
	fd = store_begin(f.store, f.name, err);
	if (fd < 0 || ftruncate(fd, 0) < 0) {
		strlist_release(&urls);
		release_found(&f);
		return -1;
	}
	if (get_headers(s, &urls, what, fd, &f, &why) || find(s, f.url) ||
	    reader_file(fd, HEAD_DEPS, f.url, &h, &why) ||
	    !is_wanted(&h.pkg->id, &w->id)) {
		bool fatal = why.sys || observer_stop(s->env->observer);

		if (fatal)
			err_move(err, &why);
		else
			source_remark(s, "%s: %s", s->shown,
				      why.msg ? why.msg
					      : "another package lies in its place");
		store_drop(f.store, f.name);
		release_found(&f);
		strlist_release(&urls);
		return fatal ? -1 : 0;
	}
	source_add_head(s, &h, f.url);
	array_add(&a->found, f);
	strlist_release(&urls);
	return 0;
}

static int look_for(struct source *s, const struct koji_wanted *v, uint32_t n,
		    struct error *err)
{
	for (uint32_t i = 0; i < n; i++)
		if (look_for_one(s, &v[i], err))
			return -1;
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
