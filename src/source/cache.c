/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/cache.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/strmap.h"
#include "source/cache_places.h"
#include "source/learned.h"
#include "source/source.h"

/* Bounds of a walk in a root that may have been made to be endless. */
enum { DEPTH_MAX = 8, FOLDERS_MAX = 20000 };

struct walk {
	struct root *root;
	struct strmap seen;   /* a place may lie beneath another */
	struct strlist files; /* canonical paths of packages, as found */
	struct strlist folders;
	uint32_t depth_of_top;
	uint32_t packages; /* of the last place */
	uint64_t bytes;
};

static uint32_t depth_of(const char *path)
{
	uint32_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static bool holds_packages(const struct cache_place *place, const char *folder)
{
	const char *slash = strrchr(folder, '/');

	return place->anywhere || !strcmp(slash ? slash + 1 : folder, "packages");
}

static void look_at(struct walk *w, const struct cache_place *place, const char *folder,
		    const char *name)
{
	cleanup_free char *path = path_join(folder, name);
	struct statx st;

	if (root_statx(w->root, path, STATX_TYPE | STATX_SIZE, &st))
		return;
	if (S_ISDIR(st.stx_mode)) {
		if (depth_of(path) - w->depth_of_top <= DEPTH_MAX)
			strlist_take(&w->folders, steal_ptr(path));
	} else if (S_ISREG(st.stx_mode) && source_has_rpm_suffix(name) &&
		   holds_packages(place, folder) && !strmap_get(&w->seen, path, NULL)) {
		w->packages++;
		w->bytes += st.stx_size;
		strmap_set(&w->seen, path, 1);
		strlist_take(&w->files, steal_ptr(path));
	}
}

/* 1: the place is there and gone through, its files are added to w; 0: there is no such folder */
static int walk_place(struct walk *w, const struct cache_place *place, struct error *err)
{
	int rc = 1;

	strlist_add(&w->folders, place->path);
	w->depth_of_top = depth_of(place->path);
	w->packages = 0;
	w->bytes = 0;
	for (uint32_t i = 0; i < w->folders.n && rc > 0; i++) {
		const char *folder = w->folders.v[i];
		struct strlist names = {0};

		if (i >= FOLDERS_MAX) {
			rc = err_set(err, ERR_FAILED,
				     "more than %d folders in '%s' of the root",
				     FOLDERS_MAX, place->path);
		} else if (root_list(w->root, folder, &names) == 0) {
			strlist_sort_unique(&names);
			for (uint32_t k = 0; k < names.n; k++)
				look_at(w, place, folder, names.v[k]);
		} else if (i == 0 && (errno == ENOENT || errno == ENOTDIR)) {
			rc = 0;
		} else {
			rc = err_errno(err, "cannot read '%s' in the root", folder);
		}
		strlist_release(&names);
	}
	strlist_release(&w->folders);
	return rc;
}

static void walk_release(struct walk *w)
{
	strmap_release(&w->seen);
	strlist_release(&w->files);
}

int cache_find(struct root *r, struct cache_dirs *ret, struct error *err)
{
	struct walk w = {.root = r};
	struct cache_dirs found = {0};
	struct cache_places places = {0};
	int rc = 0;

	cache_places_find(r, &places);
	for (uint32_t i = 0; i < places.n && rc >= 0; i++) {
		rc = walk_place(&w, &places.v[i], err);
		if (rc > 0) {
			array_add(&found, (struct cache_dir){xstrdup(places.v[i].path),
							     places.v[i].manager,
							     w.packages, w.bytes});
		}
	}
	walk_release(&w);
	cache_places_release(&places);
	if (rc < 0) {
		cache_dirs_release(&found);
		return -1;
	}
	*ret = found;
	return 0;
}

void cache_dirs_release(struct cache_dirs *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	array_release(c);
}

static int cache_is_mine(const char *spec)
{
	return strcmp(spec, "cache") == 0;
}

/* location: a canonical path. A handle of its own, since another thread may be at it too. */
static int cache_open_package(struct source *s, const char *location, struct error *err)
{
	struct root *r = root_dup(s->root);
	struct statx st;
	int fd = -1;

	if (!r)
		return err_errno(err, "cannot open '%s' in the root", location);
	if (root_statx(r, location, STATX_TYPE, &st) == 0) {
		if (S_ISREG(st.stx_mode))
			fd = root_openat(r, location, O_RDONLY, 0);
		else
			errno = EINVAL;
	}
	if (fd < 0)
		err_errno(err, "cannot open '%s' in the root", location);
	root_free(r);
	return fd;
}

/* What a user who misses a package will want to know of a place. */
static const char *state_of(const struct cache_place *place, int there, uint32_t packages)
{
	if (!there)
		return " (not there)";
	if (there < 0)
		return " (cannot be read)";
	if (packages)
		return "";
	if (place->keeps != KEEPS_NOT)
		return " (no package in it)";
	return !strcmp(place->manager, "zypp")
		       ? " (no package in it: keeppackages is off)"
		       : " (no package in it: keepcache is off)";
}

static int cache_index(struct source *s, const struct observer *o, struct error *err)
{
	struct walk w = {.root = s->root};
	struct cache_places places = {0};
	int rc = 0;

	cache_places_find(s->root, &places);
	for (uint32_t i = 0; i < places.n; i++) {
		cleanup_error struct error why = ERROR_INIT;
		int there = walk_place(&w, &places.v[i], &why);

		if (there < 0)
			source_remark(s, "%s", why.msg);
		strlist_take(&s->looked_at,
			     xasprintf("%s/%s%s", s->root->path, places.v[i].path,
				       state_of(&places.v[i], there, w.packages)));
	}
	cache_places_release(&places);
	learned_begin(s, s->root->real);
	for (uint32_t i = 0; i < w.files.n && !rc; i++) {
		cleanup_error struct error why = ERROR_INIT;
		cleanup_close int fd = cache_open_package(s, w.files.v[i], &why);

		if (observer_stop(o))
			rc = err_set(err, ERR_FAILED, "stopped, as asked for");
		else if (fd < 0)
			source_remark(s, "%s", why.msg);
		else
			source_add_file(s, fd, w.files.v[i]);
		observer_progress(o, PHASE_INDEX, i + 1, w.files.n, false, 0);
	}
	learned_end(s, rc);
	walk_release(&w);
	return rc;
}

const struct source_ops cache_ops = {
	.kind = "cache",
	.is_mine = cache_is_mine,
	.index = cache_index,
	.open_package = cache_open_package,
};
