/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/hosts.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "source/fetch.h"

enum { FAILURES_MIN = 3, PAUSE_MS = 500, PAUSE_MAX_MS = 16000 };

struct hosts {
	ARRAY(struct host *) list;
};

struct hosts *hosts_new(void)
{
	return xcalloc(1, sizeof(struct hosts));
}

void hosts_free(struct hosts *h)
{
	if (!h)
		return;
	for (uint32_t i = 0; i < h->list.n; i++) {
		free(h->list.v[i]->name);
		free(h->list.v[i]->key);
		free(h->list.v[i]);
	}
	array_release(&h->list);
	free(h);
}

/* "HTTP://me:secret@H:80/x" -> "http://h:80" */
static char *name_of(const char *url, const char *proxy)
{
	cleanup_free char *bare = fetch_bare_url(url);
	cleanup_free char *by = proxy ? fetch_bare_url(proxy) : NULL;
	char *host = strstr(bare, "://") + 3;

	host[strcspn(host, "/?#")] = '\0';
	for (char *p = bare; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return by ? xasprintf("%s by way of %s", bare, by) : xstrdup(bare);
}

struct host *hosts_get(struct hosts *h, const char *url, const char *proxy,
		       const char *base)
{
	cleanup_free char *plain = NULL, *key = NULL;
	struct host *new;

	if (!fetch_is_remote(url))
		return NULL;
	plain = name_of(url, proxy);
	key = xasprintf("%s %s", plain, base ? base : "");
	for (uint32_t i = 0; i < h->list.n; i++)
		if (!strcmp(h->list.v[i]->key, key))
			return h->list.v[i];
	new = xcalloc(1, sizeof(*new));
	new->name = quoted(plain);
	new->key = steal_ptr(key);
	array_add(&h->list, new);
	return new;
}

void hosts_failed(struct host *h, int64_t begun, int64_t now)
{
	if (!h)
		return;
	if (!h->failures++)
		h->since = now;
	/* it went on together with one that failed before */
	if (h->rounds && begun < h->again_at)
		return;
	h->again_at = now + MIN(PAUSE_MS << MIN(h->rounds, 6U), PAUSE_MAX_MS);
	h->rounds++;
}

void hosts_answered(struct host *h)
{
	if (!h)
		return;
	h->failures = h->rounds = 0;
	h->again_at = 0;
	h->given_up = false;
}

bool hosts_is_dead(const struct host *h, uint32_t retries)
{
	return h && h->failures >= FAILURES_MIN && h->rounds > retries;
}
