/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/remnant.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/strmap.h"

enum { GONE_MIN = 2 };

struct search {
	struct root *root;
	const struct pkgset *installed;
	int64_t latest;	     /* when the last package came */
	struct strmap owned; /* how many packages have a path; made when it is asked */
	struct arena mem;
	bool has_owned;
};

static bool is_removed(const struct pkgfile *f)
{
	return !S_ISDIR(f->mode) && f->state == STATE_NORMAL &&
	       !(f->flags & (FILE_GHOST | FILE_MISSINGOK));
}

static bool is_document(const struct pkgfile *f)
{
	return f->flags & (FILE_DOC | FILE_LICENSE | FILE_README | FILE_ARTIFACT);
}

static const char *key_of(struct search *s, const struct pkgfile *f)
{
	return arena_printf(&s->mem, "%s%s", f->dir, f->base);
}

static void count_owners(struct search *s)
{
	s->has_owned = true;
	for (uint32_t i = 0; i < s->installed->n; i++) {
		const struct pkgfile *f;

		array_foreach(f, &s->installed->v[i]->files) {
			const char *key = is_removed(f) ? key_of(s, f) : NULL;
			uint32_t n = 0;

			if (!key)
				continue;
			strmap_get(&s->owned, key, &n);
			strmap_set(&s->owned, key, n + 1);
		}
	}
}

static bool is_shared(struct search *s, const struct pkgfile *f)
{
	uint32_t n = 0;

	if (!s->has_owned)
		count_owners(s);
	strmap_get(&s->owned, key_of(s, f), &n);
	return n > 1;
}

/* The canonical path of a file that is not there; NULL: it is there, or that cannot be told. The caller frees. */
static char *path_if_gone(struct search *s, const struct pkgfile *f)
{
	cleanup_free char *path = xasprintf("%s%s", f->dir, f->base);
	cleanup_free char *canonical = NULL;
	struct statx st;

	if (root_resolve(s->root, path, false, &canonical, NULL) < 0 ||
	    root_statx(s->root, canonical, STATX_TYPE, &st) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return NULL;
	return steal_ptr(canonical);
}

/* Whether the nearest directory that is left above a path was written to since. */
static bool was_written(struct search *s, const char *path)
{
	cleanup_free char *dir = path_parent(path);
	struct statx st;

	while (root_statx(s->root, dir, STATX_TYPE | STATX_MTIME, &st) < 0) {
		char *above = *dir ? path_parent(dir) : NULL;

		if (!above)
			return false;
		free(dir);
		dir = above;
	}
	return S_ISDIR(st.stx_mode) && st.stx_mtime.tv_sec >= s->latest;
}

/* Cheap for a package that is whole: its last file is looked at, and nothing else. */
static bool is_remnant(struct search *s, const struct pkg *p, struct remnant *ret)
{
	bool ended = false, documents = true, looked = false;

	ret->gone = ret->files = 0;
	for (uint32_t k = p->files.n; k-- > 0;) {
		const struct pkgfile *f = &p->files.v[k];
		cleanup_free char *path = is_removed(f) ? path_if_gone(s, f) : NULL;
		bool gone = path != NULL;

		if (!is_removed(f))
			continue;
		if (!gone && !looked)
			return false;
		looked = true;
		if (is_shared(s, f))
			continue;
		if (gone && (ended || !was_written(s, path)))
			return false;
		ended |= !gone;
		ret->files++;
		ret->gone += gone;
		documents &= !gone || is_document(f);
	}
	return ret->gone >= GONE_MIN && 2 * ret->gone >= ret->files && !documents;
}

void remnant_find(struct root *r, const struct pkgset *installed, struct remnant *ret)
{
	struct search s = {.root = r, .installed = installed};
	uint32_t found = 0;

	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < installed->n; i++)
		if (!pkg_is_pseudo(installed->v[i]))
			s.latest = MAX(s.latest, installed->v[i]->installtid);
	for (uint32_t i = 0; i < installed->n && found < 2; i++) {
		struct remnant one = {.p = installed->v[i]};

		if (is_remnant(&s, one.p, &one) && found++ == 0)
			*ret = one;
	}
	if (found != 1)
		memset(ret, 0, sizeof(*ret));
	strmap_release(&s.owned);
	arena_release(&s.mem);
}
