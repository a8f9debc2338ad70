/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/fetch.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/strmap.h"
#include "source/hosts.h"
#include "source/transfer.h"

enum {
	AT_ONCE = 6,
	TICK_MS = 100,
	PAUSE_MS = 500,
	PAUSE_MAX_MS = 16000,
	SLOW_MAX = 3,	 /* failures in a row after which a mirror is the last choice */
	RATE_MIN = 1000, /* bytes a second, where another mirror may be faster */
};

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
	struct host *host; /* NULL: a file's */
	uint8_t tried;	   /* UINT8_MAX: never again */
	bool left;	   /* for its slowness, once: it is nobody's failure */
};

struct item {
	struct fetch *f;
	struct transfer *transfer; /* that is under way, or NULL */
	bool over;
	bool anew;		/* what is there does not count */
	uint32_t base;		/* that is being tried */
	int64_t not_before;	/* milliseconds */
	struct mirror *mirrors; /* per base */
};

struct batch {
	const struct fetch_net *net;
	struct hosts *hosts;
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

static bool is_doubtful(const struct batch *b, const struct item *i, uint32_t base)
{
	const struct mirror *m = &i->mirrors[base];

	return m->left || (m->host && m->host->failures) ||
	       failures_of(b, i->f->bases->v[base]) >= SLOW_MAX;
}

/* The base to try next: tried least, then up to now reliable, then first. false: none is left. */
static bool pick_base(const struct batch *b, const struct item *i, uint32_t *ret)
{
	const struct strlist *bases = i->f->bases;
	uint32_t best_rank = UINT32_MAX;

	for (uint32_t k = 0; k < bases->n; k++) {
		const struct mirror *m = &i->mirrors[k];
		uint32_t rank = 2U * m->tried + is_doubtful(b, i, k);

		if (m->tried > b->net->retries || (m->host && m->host->given_up))
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

	if (i->anew || size <= 0 ||
	    (f->digest.algo == DIGEST_NONE && !f->first && !f->resume))
		return 0;
	/* not what it is going to be */
	if ((uint64_t)size >= (f->first ? f->first : f->size))
		return 0;
	return (uint64_t)size;
}

/* There is nobody left to ask. */
static void end_in_vain(struct batch *b, struct item *i)
{
	struct fetch *f = i->f;
	bool asked = f->trail.n > 0;

	for (uint32_t k = 0; k < f->bases->n; k++) {
		const struct mirror *m = &i->mirrors[k];
		cleanup_free char *line = NULL;

		if (!m->host || !m->host->given_up || m->tried)
			continue;
		line = xasprintf("%s does not answer", m->host->name);
		if (!strlist_has(&f->trail, line))
			strlist_take(&f->trail, steal_ptr(line));
	}
	f->unasked = !asked && f->trail.n;
	i->over = true;
	b->left--;
}

static int start(struct batch *b, struct item *i, struct error *err)
{
	const struct fetch *f = i->f;
	const struct host *host;
	struct transfer *t;
	char *url;

	if (!pick_base(b, i, &i->base)) {
		end_in_vain(b, i);
		return 0;
	}
	host = i->mirrors[i->base].host;
	if (host && host->again_at > transfer_now()) {
		i->not_before = host->again_at;
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
	log_info("%s: %s: %s", i->f->what, shown, reason);
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

/* Of what it was asked for before it fell silent, something still comes. */
static bool is_alive(const struct batch *b, const struct host *host)
{
	for (uint32_t k = 0; k < b->n; k++) {
		const struct item *i = &b->items[k];
		const struct transfer *t = i->transfer;

		if (t && i->mirrors[i->base].host == host && t->begun < host->since &&
		    transfer_moves(t))
			return true;
	}
	return false;
}

/* Whether a server says anything at all, whatever that is. */
static void judge_host(struct batch *b, struct host *host, const struct transfer *t)
{
	if (!t->silent) {
		hosts_answered(host);
		return;
	}
	hosts_failed(host, t->begun, transfer_now());
	if (!hosts_is_dead(host, b->net->retries) || is_alive(b, host))
		return;
	log_info("%s does not answer, and is not asked any more", host->name);
	host->given_up = true;
	for (uint32_t k = 0; k < b->n; k++)
		if (b->items[k].mirrors[b->items[k].base].host == host)
			b->items[k].not_before = 0;
}

static int ended(struct batch *b, struct item *i, CURLcode code, struct error *err)
{
	struct transfer *t = i->transfer;
	struct mirror *m = &i->mirrors[i->base];
	cleanup_free char *reason = NULL;
	enum transfer_end end = transfer_end(t, code, &reason);

	judge_host(b, m->host, t);
	switch (end) {
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
		i->f->refused = true;
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

/* The server that is waited for, or how many they are. */
static void tell_from(const struct batch *b, const struct observer *o)
{
	const char *seen[AT_ONCE];
	cleanup_free char *many = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct item *t = &b->items[i];
		const struct host *host = t->transfer ? t->mirrors[t->base].host : NULL;
		bool is_new = host != NULL;

		for (uint32_t k = 0; k < n; k++)
			is_new = is_new && strcmp(seen[k], host->name) != 0;
		if (is_new)
			seen[n++] = host->name;
	}
	if (n > 1)
		many = xasprintf("%u servers", n);
	if (n)
		observer_from(o, PHASE_DOWNLOAD, many ? many : seen[0]);
}

static void tell_progress(const struct batch *b, const struct observer *o)
{
	uint64_t now = b->got;

	for (uint32_t i = 0; i < b->n; i++)
		if (b->items[i].transfer)
			now += (uint64_t)MAX(lseek(b->items[i].f->fd, 0, SEEK_END), 0);
	tell_from(b, o);
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

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void look_at_mirrors(struct batch *b, struct item *i)
{
	const struct fetch *f = i->f;
	const char *proxy = f->auth ? f->auth->proxy : NULL;

	i->mirrors = xcalloc(f->bases->n + 1, sizeof(*i->mirrors));
	for (uint32_t k = 0; k < f->bases->n; k++)
		i->mirrors[k].host = hosts_get(b->hosts, f->bases->v[k], proxy,
					       f->path ? f->bases->v[k] : NULL);
}

/* What is there and right needs no download. */
static void look_at_items(struct batch *b, struct fetch *v)
{
	for (uint32_t k = 0; k < b->n; k++) {
		struct item *i = &b->items[k];

		i->f = &v[k];
		i->f->done = i->f->unasked = i->f->refused = false;
		look_at_mirrors(b, i);
		b->total += want(&v[k]);
		if ((v[k].first || v[k].digest.algo != DIGEST_NONE || v[k].resume) &&
		    transfer_check(&v[k], NULL) == 0)
			finish_item(b, i, NULL);
	}
}

static bool is_forbidden(const struct fetch *f)
{
	for (uint32_t i = 0; !f->done && i < f->bases->n; i++)
		if (fetch_is_remote(f->bases->v[i]))
			return true;
	return false;
}

static int refuse_offline(const struct batch *b, struct error *err)
{
	const struct fetch *first = NULL;

	for (uint32_t k = 0; k < b->n; k++) {
		struct fetch *f = b->items[k].f;

		if (!is_forbidden(f))
			continue;
		strlist_add(&f->trail, "--offline forbids that");
		first = first ? first : f;
	}
	if (!first)
		return 0;
	return err_set(err, ERR_UNAVAILABLE,
		       "%s would have to be downloaded, and --offline forbids that",
		       first->what);
}

int fetch_many(const struct fetch_net *net, struct fetch *v, uint32_t n,
	       const struct observer *o, struct error *err)
{
	struct batch b = {.net = net, .n = n, .left = n};
	int rc;

	b.items = xcalloc(n + 1, sizeof(*b.items));
	b.hosts = net->hosts ? net->hosts : hosts_new();
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
	if (!net->hosts)
		hosts_free(b.hosts);
	if (b.multi)
		curl_multi_cleanup(b.multi);
	strmap_release(&b.failures);
	return rc ? -1 : fetch_why(v, n, err);
}
