/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/download.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "source/hosts.h"
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

bool download_may(const struct options *o)
{
	for (uint32_t i = 0; i < o->from.n; i++)
		if (strchr(o->from.v[i], ':') || !strcmp(o->from.v[i], "repos"))
			return true;
	return false;
}

static char *area_path(const struct root *r)
{
	return xasprintf("%s/" DOWNLOADS_DIR, r->path);
}

/* What a run that was cut short left there. */
static int look_at_area(struct prepared *p, struct error *err)
{
	cleanup_free char *path = area_path(p->root);
	int fd, rc = downloads_look(p->root, &fd, err);

	if (rc > 0)
		rc = store_at(fd, path, &p->left, err);
	cleanup_closep(&fd);
	return rc;
}

int download_begin(struct session *s, struct prepared *p, struct error *err)
{
	const struct options *o = s->o;
	cleanup_free char *kept = NULL;
	int rc;

	p->hosts = hosts_new();
	p->env = (struct source_env){
		.net = {.offline = o->offline,
			.retries = RETRIES,
			.cacert = o->cacert,
			.hosts = p->hosts},
		.observer = &s->observer,
		.keyring = p->keyring,
		.keys_given = o->keys.n > 0,
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
	if (!download_may(o))
		return 0;
	if (o->cache)
		kept = xasprintf("%s/downloads", o->cache);
	rc = kept ? store_open(kept, &p->metadata, err)
		  : store_temporary(&p->metadata, err);
	if (rc || (!kept && p->root && look_at_area(p, err)))
		return -1;
	p->env.metadata = p->env.packages = p->metadata;
	p->env.left = p->left;
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

/* --- what the plan says of it ----------------------------------------------------------------------------------- */

static struct download_row *row_of(struct prepared *p, const char *source)
{
	struct download_row *row;

	array_foreach(row, &p->download.rows) {
		if (row->source == source)
			return row;
	}
	row = array_push(&p->download.rows);
	row->source = source;
	return row;
}

/* The mount of the root that a folder of this host lies on, or -1. */
static int64_t mount_of(const struct prepared *p, const char *folder)
{
	struct stat st;

	for (uint32_t i = 0; i < p->mounts.n && stat(folder, &st) == 0; i++)
		if (!p->mounts.v[i].missing && p->mounts.v[i].dev == st.st_dev)
			return i;
	return -1;
}

static void check_room(struct prepared *p, uint64_t bytes)
{
	const struct store *to = p->metadata;

	if (store_has_room(to, bytes))
		return;
	problems_add(&p->plan.problems, PROBLEM_SPACE, SEV_REFUSE, to->path,
		     "%s have to be downloaded, and '%s' has room for %s; name another "
		     "folder with --cache",
		     human_size(bytes), to->path, human_size(store_room(to)));
}

static void add_room(const struct session *s, struct prepared *p,
		     const struct space_extra *room, struct space_extras *ret)
{
	int64_t mount = s->o->cache && p->metadata ? mount_of(p, p->metadata->path) : 0;

	if (mount < 0)
		check_room(p, room->bytes);
	else
		array_add(ret, ((struct space_extra){(uint32_t)mount, room->bytes,
						     room->inodes}));
}

void download_plan(const struct session *s, struct prepared *p, struct space_extras *ret)
{
	enum { BLOCK = 4096 };
	struct download_report *d = &p->download.report;
	uint32_t n;
	cleanup_free struct wanted_package *v = wanted(p, &n);
	struct space_extra room = {.inodes = 1};

	for (uint32_t i = 0; i < n; i++) {
		struct download_row *row;
		uint64_t bytes;

		if (!sources_is_to_fetch(&p->sources, v[i].source, v[i].location, &bytes))
			continue;
		row = row_of(p, p->sources.v[v[i].source]->shown);
		d->packages++;
		row->packages++;
		if (bytes == FETCH_SIZE_UNKNOWN) {
			d->unsized++;
			row->unsized++;
			continue;
		}
		d->bytes += bytes;
		row->bytes += bytes;
		room.bytes += bytes + BLOCK;
		room.inodes++;
	}
	p->download.to = s->o->cache ? xstrdup(p->metadata ? p->metadata->path : "")
				     : area_path(p->root);
	d->to = p->download.to;
	d->v = p->download.rows.v;
	d->n = p->download.rows.n;
	if (d->packages)
		add_room(s, p, &room, ret);
}

/* --- getting it ------------------------------------------------------------------------------------------------- */

/* Without --cache. */
static int open_area(struct prepared *p, struct root *r, struct error *err)
{
	cleanup_free char *path = area_path(r);
	cleanup_close int dir = downloads_open(r, err);

	if (dir < 0 || store_at(dir, path, &p->packages, err))
		return -1;
	p->env.packages = p->packages;
	return 0;
}

void download_failed(const struct prepared *p, struct root *r, const struct error *err)
{
	bool full = err && (err->sys == ENOSPC || err->sys == EDQUOT);

	if (full && p->packages)
		download_end(r);
	else if (p->packages)
		log_warning(
			"what was downloaded up to now is kept in '%s' for the next run",
			p->packages->path);
}

int download_packages(struct session *s, struct prepared *p, struct root *r,
		      struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	uint32_t n, known;
	cleanup_free struct wanted_package *v = wanted(p, &n);
	int rc;

	if (!n)
		return 0;
	if (!p->packages && !s->o->cache && p->download.report.packages &&
	    open_area(p, r, err))
		return -1;
	known = sources_count_bad(&p->sources);
	if (sources_fetch(&p->sources, v, n, PART_ALL, &why)) {
		if (sources_count_bad(&p->sources) == known) {
			err_move(err, &why);
			download_failed(p, r, err);
			return -1;
		}
		log_warning("%s; looking for what else there is", why.msg);
		return 1;
	}
	rc = vouch_downloads(s, p, err);
	if (rc > 0)
		log_warning("%s; looking for what else there is",
			    s->details.faults.v[0].text);
	return rc;
}

void download_end(struct root *r)
{
	cleanup_error struct error why = ERROR_INIT;

	if (downloads_remove(r, &why) < 0)
		log_warning("%s", why.msg);
}
