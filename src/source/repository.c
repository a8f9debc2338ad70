/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/scratch.h"
#include "source/repository.h"

#include <string.h>

#include "source/env.h"

struct repository *repository_new(const char *name)
{
	struct repository *r = xcalloc(1, sizeof(*r));

	r->name = fetch_shown_url(name);
	return r;
}

void repository_free(struct repository *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->packages.n; i++) {
		free(r->packages.v[i].location);
		free(r->packages.v[i].name);
		strlist_release(&r->packages.v[i].bases);
	}
	array_release(&r->packages);
	array_release(&r->digests);
	strmap_release(&r->by_location);
	strmap_release(&r->by_package);
	arena_release(&r->mem);
	strlist_release(&r->bases);
	fetch_auth_release(&r->auth);
	scratch_free(r->secrets);
	free(r->mirrors);
	free(r->folder);
	free(r->name);
	free(r);
}

/* --- the kind: a URL ------------------------------------------------------------------------------------ */

/* A folder that merely holds repodata/ is gone through as a folder: what lies there counts, whatever
 * metadata says that may have been made long ago. */
static int is_mine(const char *spec)
{
	return fetch_is_url(spec);
}

char *repository_folder_of_url(const char *url)
{
	struct buf b = {0};

	for (const char *p = url + strlen("file://"); *p; p++) {
		unsigned c;

		if (*p == '%' && sscanf(p + 1, "%2x", &c) == 1 && c && p[1] && p[2]) {
			buf_char(&b, (char)c);
			p += 2;
		} else {
			buf_char(&b, *p);
		}
	}
	return buf_steal(&b);
}

static struct repository *of_spec(const char *spec)
{
	struct repository *r = repository_new(spec);

	if (fetch_is_remote(spec))
		strlist_add(&r->bases, spec);
	else
		r->folder = repository_folder_of_url(spec);
	return r;
}

/* A repository that cannot be read is no reason to give up: others may have what is wanted. What is
 * missing in the end is told together with this. */
static int is_fatal(const struct observer *o, const struct error *why)
{
	return observer_stop(o) || why->sys || why->kind == ERR_LOCKED ||
	       why->kind == ERR_REFUSED; /* there is no room for it */
}

static int repository_index(struct source *s, const struct observer *o, struct error *err)
{
	cleanup_error struct error why = ERROR_INIT;
	struct repository *r = s->data;

	if (!r)
		s->data = r = of_spec(s->spec);
	if (!r->folder && !s->env)
		return err_set(err, ERR_FAILED, "nothing can be downloaded here");
	if (repository_read(s, r, o, &why) == 0) {
		strlist_add(&s->looked_at, r->name);
		return 0;
	}
	if (is_fatal(o, &why)) {
		err_move(err, &why);
		return -1;
	}
	strlist_take(&s->looked_at, xasprintf("%s (of no use)", r->name));
	source_remark(s, "%s: %s", r->name, why.msg);
	return 0;
}

static void release(struct source *s)
{
	repository_free(s->data);
}

const struct source_ops repository_ops = {
	.kind = "repository",
	.is_mine = is_mine,
	.index = repository_index,
	.open_package = repository_open_package,
	.fetch = repository_fetch,
	.has_headers_only = repository_has_headers_only,
	.is_to_fetch = repository_is_to_fetch,
	.release = release,
};
