/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/download.h"

#include <unistd.h>

#include "base/log.h"
#include "txn/downloads.h"

enum { TIMEOUT_MAX = 3600, RETRIES_MAX = 100, RETRIES = 2 };

static int number(const char *name, const char *text, unsigned max, unsigned *ret,
		  struct error *err)
{
	char *end;
	unsigned long n;

	if (!text)
		return 0;
	n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : max + 1UL;
	if (n > max || *end)
		return err_set(err, ERR_USAGE, "--%s '%s': must be a number up to %u",
			       name, text, max);
	*ret = (unsigned)n;
	return 0;
}

/* A place that something may be downloaded from. */
static bool is_elsewhere(const struct options *o)
{
	for (uint32_t i = 0; i < o->from.n; i++)
		if (strchr(o->from.v[i], ':') || !strcmp(o->from.v[i], "repos"))
			return true;
	return false;
}

int download_begin(struct session *s, struct prepared *p, struct error *err)
{
	const struct options *o = s->o;
	cleanup_free char *kept = NULL;
	int rc;

	p->env = (struct source_env){
		.net = {.offline = o->offline, .retries = RETRIES, .cacert = o->cacert},
		.observer = &s->observer,
		.keyring = p->keyring,
		.releasever = o->releasever,
	};
	if (number("timeout", o->timeout, TIMEOUT_MAX, &p->env.net.timeout, err) ||
	    number("retries", o->retries, RETRIES_MAX, &p->env.net.retries, err))
		return -1;
	if (o->cacert && access(o->cacert, R_OK) < 0) {
		err_errno(err, "--cacert '%s'", o->cacert);
		if (err)
			err->kind = ERR_USAGE;
		return -1;
	}
	if (!is_elsewhere(o))
		return 0;
	if (o->cache)
		kept = xasprintf("%s/downloads", o->cache);
	rc = kept ? store_open(kept, &p->metadata, err)
		  : store_temporary(&p->metadata, err);
	if (rc)
		return -1;
	p->env.metadata = p->env.packages = p->metadata;
	p->sources.env = &p->env;
	return 0;
}

int download_know_root(struct session *s, struct prepared *p, struct error *err)
{
	uint32_t best = 0;

	(void)s;
	(void)err;
	p->env.db = p->db;
	/* what most packages are for */
	for (uint32_t i = 0; i < p->installed.n; i++) {
		const char *arch = p->installed.v[i]->id.arch;
		uint32_t n = 0;

		if (!*arch || !strcmp(arch, "noarch") ||
		    (p->env.basearch && !strcmp(arch, p->env.basearch)))
			continue;
		for (uint32_t k = 0; k < p->installed.n; k++)
			n += !strcmp(p->installed.v[k]->id.arch, arch);
		if (n > best) {
			best = n;
			p->env.basearch = arch;
		}
	}
	return 0;
}

static struct wanted_package *wanted(const struct prepared *p, uint32_t *ret_n)
{
	const struct changes *changes = &p->outcome.changes;
	struct wanted_package *v = xcalloc(changes->list.n + 1, sizeof(*v));
	const struct change *c;

	*ret_n = 0;
	array_foreach(c, &changes->list) {
		if (c->to && sources_download(&p->sources, (uint32_t)c->source))
			v[(*ret_n)++] =
				(struct wanted_package){(uint32_t)c->source, c->location};
	}
	return v;
}

uint64_t download_bytes(const struct prepared *p)
{
	uint32_t n;
	cleanup_free struct wanted_package *v = wanted(p, &n);
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += sources_bytes_to_fetch(&p->sources, v[i].source, v[i].location);
	return bytes;
}

/* Without --cache. */
static int open_area(struct prepared *p, struct root *r, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/" DOWNLOADS_DIR, r->path);
	cleanup_close int dir = downloads_open(r, err);

	if (dir < 0 || store_at(dir, path, &p->packages, err))
		return -1;
	p->env.packages = p->packages;
	return 0;
}

int download_packages(struct session *s, struct prepared *p, struct root *r,
		      struct error *err)
{
	uint32_t n;
	cleanup_free struct wanted_package *v = wanted(p, &n);

	if (!n)
		return 0;
	if (!s->o->cache && download_bytes(p) && open_area(p, r, err))
		return -1;
	if (sources_fetch(&p->sources, v, n, PART_ALL, err)) {
		if (p->packages)
			log_warning(
				"what was downloaded up to now is kept in '%s' for the next run",
				p->packages->path);
		return -1;
	}
	return vouch_downloads(s, p, err);
}

void download_end(struct prepared *p, struct root *r)
{
	cleanup_error struct error why = ERROR_INIT;

	if (p->packages && downloads_remove(r, &why) < 0)
		log_warning("%s", why.msg);
}
