/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/fetch.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "source/transfer.h"

enum {
	AT_ONCE = 6,
	TICK_MS = 100,
	PAUSE_MS = 500,
	PAUSE_MAX_MS = 16000,
	SLOW_MAX = 3,	 /* failures in a row after which a mirror is the last choice */
	RATE_MIN = 1000, /* bytes a second, where another mirror may be faster */
};

/* --- URLs ------------------------------------------------------------------------------------------- */

bool fetch_is_remote(const char *url)
{
	size_t n = !strncasecmp(url, "http://", 7)    ? 7
		   : !strncasecmp(url, "https://", 8) ? 8
						      : 0;

	return n && url[n] && !strchr("/?#", url[n]);
}

bool fetch_is_url(const char *s)
{
	return fetch_is_remote(s) || !strncasecmp(s, "file:///", 8);
}

char *fetch_bare_url(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host ? strcspn(host + 3, "/") : 0;
	const char *at = n ? memrchr(host + 3, '@', n) : NULL;

	return at ? xasprintf("%.*s%s", (int)(host + 3 - url), url, at + 1)
		  : xstrdup(url);
}

char *fetch_shown_url(const char *url)
{
	cleanup_free char *bare = fetch_bare_url(url);

	return quoted(bare);
}

char *fetch_join(const char *base, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~!$&'()*+,;=:@/%";
	size_t query = strcspn(base, "?#"), n = query;
	struct buf b = {0};

	while (n && base[n - 1] == '/')
		n--;
	buf_add(&b, base, n);
	buf_char(&b, '/');
	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_char(&b, *path);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*path);
	}
	/* some content networks carry a token behind the base */
	buf_str(&b, base + query);
	return buf_steal(&b);
}

void fetch_auth_release(struct fetch_auth *a)
{
	free(a->proxy);
	free(a->proxy_login);
	free(a->login);
	free(a->cacert);
	free(a->cert);
	free(a->key);
	memset(a, 0, sizeof(*a));
}

void fetch_release(struct fetch *f)
{
	free(f->url);
	f->url = NULL;
	strlist_release(&f->trail);
}

/* --- scheduling --------------------------------------------------------------------------------------- */

/* One of the places where an item may be. */
struct mirror {
	uint8_t tried; /* UINT8_MAX: never again */
	bool left;     /* for its slowness, once: it is nobody's failure */
};

struct item {
	struct fetch *f;
	struct transfer *transfer; /* that is under way, or NULL */
	bool over;
	bool anew;	    /* what is there does not count */
	uint32_t base;	    /* that is being tried */
	int64_t not_before; /* milliseconds */
	struct mirror *mirrors; /* per base */
};

struct batch {
	const struct fetch_net *net;
	CURLM *multi;
	struct item *items;
	uint32_t n, left, running;
	struct strmap failures; /* base -> failures in a row */
	uint64_t total, got;	/* bytes of what is over */
	uint64_t files;
};

static uint64_t want(const struct fetch *f)
{
	if (f->first)
		return f->first;
	return f->size == FETCH_SIZE_UNKNOWN ? 0 : f->size;
}

static uint32_t failures_of(const struct batch *b, const char *base)
{
	uint32_t n = 0;

	strmap_get(&b->failures, base, &n);
	return n;
}

/* The base to try next: tried least, then up to now reliable, then first. false: none is left. */
static bool pick_base(const struct batch *b, const struct item *i, uint32_t *ret)
{
	const struct strlist *bases = i->f->bases;
	uint32_t best_rank = UINT32_MAX;

	for (uint32_t k = 0; k < bases->n; k++) {
		const struct mirror *m = &i->mirrors[k];
		bool doubtful = m->left || failures_of(b, bases->v[k]) >= SLOW_MAX;
		uint32_t rank = 2U * m->tried + doubtful;

		if (m->tried > b->net->retries)
			continue;
		if (rank < best_rank) {
			best_rank = rank;
			*ret = k;
		}
	}
	return best_rank != UINT32_MAX;
}

/* Bytes a second below which it is not worth waiting for. */
static long min_rate(const struct item *i)
{
	for (uint32_t k = 0; k < i->f->bases->n && !i->mirrors[i->base].left; k++)
		if (k != i->base && !i->mirrors[k].tried && !i->mirrors[k].left)
			return RATE_MIN;
	return 1;
}

static uint64_t kept(const struct item *i)
{
	const struct fetch *f = i->f;
	off_t size = lseek(f->fd, 0, SEEK_END);

	if (i->anew || size <= 0 || (f->digest.algo == DIGEST_NONE && !f->first))
		return 0;
	/* not what it is going to be */
	if ((uint64_t)size >= (f->first ? f->first : f->size))
		return 0;
	return (uint64_t)size;
}

static int start(struct batch *b, struct item *i, struct error *err)
{
	const struct fetch *f = i->f;
	struct transfer *t;
	char *url;

	if (!pick_base(b, i, &i->base)) {
		i->over = true;
		b->left--;
		return 0;
	}
	url = f->path ? fetch_join(f->bases->v[i->base], f->path)
		      : xstrdup(f->bases->v[i->base]);
	t = transfer_new(b->net, i->f, url, kept(i), min_rate(i), err);
	if (!t)
		return -1;
	if (curl_multi_add_handle(b->multi, t->easy) != CURLM_OK) {
		transfer_free(t);
		return err_set(err, ERR_FAILED, "libcurl does not take a download");
	}
	i->transfer = t;
	i->anew = false;
	b->running++;
	return 0;
}

static int start_some(struct batch *b, struct error *err)
{
	int64_t now = transfer_now();

	for (uint32_t i = 0; i < b->n && b->running < AT_ONCE; i++) {
		struct item *t = &b->items[i];

		if (!t->over && !t->transfer && t->not_before <= now && start(b, t, err))
			return -1;
	}
	return 0;
}

static void note_failure(struct batch *b, struct item *i, const char *url,
			 const char *reason)
{
	cleanup_free char *shown = fetch_shown_url(url);
	char *line = xasprintf("%s: %s", shown, reason);

	if (strlist_has(&i->f->trail, line))
		free(line);
	else
		strlist_take(&i->f->trail, line);
	strmap_set(&b->failures, i->f->bases->v[i->base],
		   failures_of(b, i->f->bases->v[i->base]) + 1);
}

static void pause_item(struct item *i)
{
	uint32_t rounds = 0;

	for (uint32_t k = 0; k < i->f->bases->n; k++)
		rounds = MAX(rounds,
			     i->mirrors[k].tried == UINT8_MAX ? 0 : i->mirrors[k].tried);
	/* another mirror may be asked at once; the same one needs time */
	i->not_before = 0;
	for (uint32_t k = 0; k < i->f->bases->n; k++)
		if (!i->mirrors[k].tried)
			return;
	i->not_before = transfer_now() +
			MIN(PAUSE_MS << MIN(rounds - (rounds > 0), 6U), PAUSE_MAX_MS);
}

static void finish_item(struct batch *b, struct item *i, const char *url)
{
	i->f->done = i->over = true;
	i->f->url = url ? xstrdup(url) : NULL;
	b->left--;
	b->files++;
	b->got +=
		want(i->f) ? want(i->f) : (uint64_t)MAX(lseek(i->f->fd, 0, SEEK_END), 0);
}

static int ended(struct batch *b, struct item *i, CURLcode code, struct error *err)
{
	struct transfer *t = i->transfer;
	struct mirror *m = &i->mirrors[i->base];
	cleanup_free char *reason = NULL;

	switch (transfer_end(t, code, &reason)) {
	case TRANSFER_DONE:
		strmap_set(&b->failures, i->f->bases->v[i->base], 0);
		finish_item(b, i, t->url);
		return 0;
	case TRANSFER_FRESH: i->anew = true; return 0;
	case TRANSFER_AGAIN:
		note_failure(b, i, t->url, reason);
		m->tried++;
		pause_item(i);
		return 0;
	case TRANSFER_SLOW:
		note_failure(b, i, t->url, reason);
		m->left = true;
		return 0;
	case TRANSFER_WRONG:
		note_failure(b, i, t->url, reason);
		m->tried = UINT8_MAX;
		i->anew = true;
		return 0;
	case TRANSFER_FATAL: break;
	}
	err_set(err, ERR_FAILED, "%s: %s", i->f->what, reason);
	if (err)
		err->sys = t->sys;
	return -1;
}

static void drop(struct batch *b, struct item *i)
{
	struct transfer *t = steal_ptr(i->transfer);

	if (!t)
		return;
	curl_multi_remove_handle(b->multi, t->easy);
	transfer_free(t);
	b->running--;
}

static int take_ended(struct batch *b, struct error *err)
{
	CURLMsg *m;
	int left, rc = 0;

	while (rc == 0 && (m = curl_multi_info_read(b->multi, &left))) {
		struct transfer *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		rc = ended(b, &b->items[t->f - b->items[0].f], m->data.result, err);
		drop(b, &b->items[t->f - b->items[0].f]);
	}
	return rc;
}

static void tell_progress(const struct batch *b, const struct observer *o)
{
	uint64_t now = b->got;

	for (uint32_t i = 0; i < b->n; i++)
		if (b->items[i].transfer)
			now += (uint64_t)MAX(lseek(b->items[i].f->fd, 0, SEEK_END), 0);
	observer_progress(o, PHASE_DOWNLOAD, now, MAX(b->total, now), true, b->files);
}

static int run(struct batch *b, const struct observer *o, struct error *err)
{
	while (b->left > 0) {
		uint32_t before;
		int going;

		if (observer_stop(o))
			return err_set(err, ERR_FAILED, "stopped while downloading");
		if (start_some(b, err))
			return -1;
		before = b->running;
		if (curl_multi_perform(b->multi, &going) != CURLM_OK)
			return err_set(err, ERR_FAILED, "libcurl cannot go on");
		if (take_ended(b, err))
			return -1;
		tell_progress(b, o);
		/* where one has ended there is something to do at once */
		if (b->running == before &&
		    curl_multi_poll(b->multi, NULL, 0, TICK_MS, NULL) != CURLM_OK)
			return err_set(err, ERR_FAILED, "libcurl cannot go on");
	}
	return 0;
}

static int err_not_had(const struct fetch *v, uint32_t n, struct error *err)
{
	const struct fetch *first = NULL;
	cleanup_buf struct buf text = {0};
	uint32_t missing = 0;

	for (uint32_t i = 0; i < n; i++) {
		missing += !v[i].done;
		if (!v[i].done && !first)
			first = &v[i];
	}
	if (!first)
		return 0;
	buf_printf(&text, "cannot download %s", first->what);
	for (uint32_t i = 0; i < first->trail.n; i++)
		buf_printf(&text, "%s%s", i ? "; " : ": ", first->trail.v[i]);
	if (!first->trail.n)
		buf_str(&text, ": there is no mirror to ask");
	if (missing > 1)
		buf_printf(&text, " (and %u more)", missing - 1);
	return err_set(err, ERR_UNAVAILABLE, "%s", text.s);
}

int fetch_why(const struct fetch *f, struct error *err)
{
	return err_not_had(f, 1, err);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What is there and right needs no download. */
static void look_at_items(struct batch *b, struct fetch *v)
{
	for (uint32_t k = 0; k < b->n; k++) {
		struct item *i = &b->items[k];

		i->f = &v[k];
		i->f->done = false;
		i->mirrors = xcalloc(v[k].bases->n + 1, sizeof(*i->mirrors));
		b->total += want(&v[k]);
		if ((v[k].first || v[k].digest.algo != DIGEST_NONE) &&
		    transfer_check(&v[k], NULL) == 0)
			finish_item(b, i, NULL);
	}
}

static int refuse_offline(const struct batch *b, struct error *err)
{
	for (uint32_t k = 0; k < b->n; k++) {
		const struct fetch *f = b->items[k].f;

		for (uint32_t i = 0; !f->done && i < f->bases->n; i++)
			if (fetch_is_remote(f->bases->v[i]))
				return err_set(
					err, ERR_UNAVAILABLE,
					"%s would have to be downloaded, and --offline forbids that",
					f->what);
	}
	return 0;
}

int fetch_many(const struct fetch_net *net, struct fetch *v, uint32_t n,
	       const struct observer *o, struct error *err)
{
	struct batch b = {.net = net, .n = n, .left = n};
	int rc;

	b.items = xcalloc(n + 1, sizeof(*b.items));
	look_at_items(&b, v);
	rc = net->offline ? refuse_offline(&b, err) : 0;
	if (rc == 0 && b.left) {
		pthread_once(&once, start_curl);
		b.multi = curl_multi_init();
		rc = b.multi ? run(&b, o, err)
			     : err_set(err, ERR_FAILED, "libcurl does not start");
	}
	for (uint32_t i = 0; i < n; i++) {
		drop(&b, &b.items[i]);
		free(b.items[i].mirrors);
	}
	free(b.items);
	if (b.multi)
		curl_multi_cleanup(b.multi);
	strmap_release(&b.failures);
	return rc ? -1 : err_not_had(v, n, err);
}
