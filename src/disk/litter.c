/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/litter.h"

#include <errno.h>
#include <string.h>

#include "base/strmap.h"
#include "core/litter.h"

#define DELETED "-RPMDELETE"
/* A clock that was set meanwhile does not hide anything; a directory of last year's is not entered. */
#define SLACK 120
enum { BENEATH_MAX = 20000, DAY = 86400 };

struct search {
	struct root *root;
	const struct pkgset *set;
	struct litter *out;
	struct strmap dirs; /* canonical directories of packages -> index in names */
	ARRAY(struct strlist) names;
	ARRAY(const char *) paths; /* the directories themselves */
	struct strmap owners; /* canonical path -> index in set; made when it is asked */
	bool has_owners;
	int64_t since;	/* of the transactions that left something, the first */
	int64_t latest; /* when the last package came */
	uint32_t beneath;
};

/* --- the directories of packages ------------------------------------------------------------------- */

static void list(struct search *s, const char *path)
{
	struct strlist names = {0};
	const char *kept;

	if (strmap_get(&s->dirs, path, NULL))
		return;
	if (root_list(s->root, path, &names) < 0 && errno != ENOENT && errno != ENOTDIR)
		s->out->partly = true;
	kept = arena_strdup(&s->out->mem, path);
	strmap_set(&s->dirs, kept, s->names.n);
	array_add(&s->names, names);
	array_add(&s->paths, kept);
}

static void list_packaged(struct search *s)
{
	struct strmap seen = {0};

	for (uint32_t i = 0; i < s->set->n; i++) {
		const struct pkgfile *f;

		array_foreach(f, &s->set->v[i]->files) {
			cleanup_free char *path = NULL;

			if (strmap_get(&seen, f->dir, NULL))
				continue;
			strmap_set(&seen, f->dir, 1);
			if (root_resolve(s->root, f->dir, true, &path, NULL) == 0)
				list(s, path);
		}
	}
	strmap_release(&seen);
}

/* --- whose path it is ------------------------------------------------------------------------------- */

static void know_owners(struct search *s)
{
	struct strmap resolved = {0};
	ARRAY(const char *) dirs = {0};

	if (s->has_owners)
		return;
	s->has_owners = true;
	for (uint32_t i = 0; i < s->set->n; i++) {
		const struct pkgfile *f;

		array_foreach(f, &s->set->v[i]->files) {
			cleanup_free char *path = NULL;
			uint32_t at;

			if (!strmap_get(&resolved, f->dir, &at)) {
				at = dirs.n;
				strmap_set(&resolved, f->dir, at);
				array_add(&dirs,
					  root_resolve(s->root, f->dir, true, &path,
						       NULL) < 0
						  ? NULL
						  : arena_strdup(&s->out->mem, path));
			}
			if (dirs.v[at])
				strmap_set(&s->owners,
					   arena_printf(&s->out->mem, "%s%s%s",
							dirs.v[at],
							*dirs.v[at] ? "/" : "", f->base),
					   i);
		}
	}
	strmap_release(&resolved);
	array_release(&dirs);
}

/* The owner of a path without its last characters. */
static struct pkg *owner_of(struct search *s, const char *path, size_t n)
{
	cleanup_free char *base = xstrndup(path, n);
	uint32_t i;

	know_owners(s);
	return strmap_get(&s->owners, base, &i) ? s->set->v[i] : NULL;
}

/* --- what lies there -------------------------------------------------------------------------------- */

static bool is_deleted(const char *name, size_t *ret_len)
{
	size_t n = strlen(name), suffix = strlen(DELETED);

	if (n <= suffix || strcmp(name + n - suffix, DELETED) != 0)
		return false;
	*ret_len = n - suffix;
	return true;
}

static void look(struct search *s, const char *dir, const char *name)
{
	struct litter_file f = {0};
	cleanup_free char *path = NULL;
	struct statx st;
	size_t n;

	if (!litter_is(name, &n, &f.tid) && !is_deleted(name, &n))
		return;
	path = path_join(dir, name);
	if (root_statx(s->root, path, STATX_TYPE | STATX_CTIME, &st) < 0 ||
	    S_ISDIR(st.stx_mode))
		return;
	n += strlen(path) - strlen(name);
	f.owner = owner_of(s, path, n);
	/* a packaged file may well be called so */
	if (owner_of(s, path, strlen(path)) || (!f.tid && !f.owner))
		return;
	f.fresh = f.tid > s->latest && st.stx_ctime.tv_sec + SLACK >= f.tid &&
		  st.stx_ctime.tv_sec <= f.tid + DAY;
	f.path = arena_strdup(&s->out->mem, path);
	array_add(&s->out->list, f);
}

/* Directories that no package has files in, and that came, or got something, since the transaction.
 * Not into other file systems: what rpm makes lies where its package's directory does. */
static void descend(struct search *s, uint32_t at)
{
	struct statx here;

	if (!s->names.v[at].n ||
	    root_statx(s->root, s->paths.v[at], STATX_TYPE, &here) < 0)
		return;
	for (uint32_t i = 0; i < s->names.v[at].n; i++) {
		cleanup_free char *path = path_join(s->paths.v[at], s->names.v[at].v[i]);
		struct statx st;

		if (strmap_get(&s->dirs, path, NULL) ||
		    root_statx(s->root, path, STATX_TYPE | STATX_MTIME, &st) < 0 ||
		    !S_ISDIR(st.stx_mode) || st.stx_dev_major != here.stx_dev_major ||
		    st.stx_dev_minor != here.stx_dev_minor ||
		    st.stx_mtime.tv_sec + SLACK < s->since)
			continue;
		if (s->beneath++ >= BENEATH_MAX) {
			s->out->partly = true;
			return;
		}
		list(s, path);
	}
}

static bool is_known(const struct search *s, const int64_t *tids, int64_t tid)
{
	for (; *tids; tids++)
		if (*tids == tid)
			return true;
	for (uint32_t i = 0; i < s->out->list.n; i++) {
		const struct litter_file *f = &s->out->list.v[i];

		if (f->tid == tid && (f->owner || f->fresh))
			return true;
	}
	return false;
}

static void drop_unknown(struct search *s, const int64_t *tids)
{
	struct litter *l = s->out;
	ARRAY(struct litter_file) kept = {0};

	for (uint32_t i = 0; i < l->list.n; i++)
		if (!l->list.v[i].tid || is_known(s, tids, l->list.v[i].tid))
			array_add(&kept, l->list.v[i]);
	array_release(&l->list);
	l->list.v = kept.v;
	l->list.n = kept.n;
	l->list.cap = kept.cap;
}

static void look_into(struct search *s, uint32_t first, uint32_t end)
{
	for (uint32_t k = first; k < end; k++)
		for (uint32_t i = 0; i < s->names.v[k].n; i++)
			look(s, s->paths.v[k], s->names.v[k].v[i]);
}

void litter_find(struct root *r, const struct pkgset *set, const int64_t *tids,
		 struct litter *ret)
{
	struct search s = {.root = r, .set = set, .out = ret, .since = INT64_MAX};
	uint32_t packaged;

	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < set->n; i++)
		if (!pkg_is_pseudo(set->v[i]))
			s.latest = MAX(s.latest, set->v[i]->installtid);
	list_packaged(&s);
	packaged = s.names.n;
	look_into(&s, 0, packaged);
	drop_unknown(&s, tids);
	for (uint32_t i = 0; i < ret->list.n; i++)
		if (ret->list.v[i].tid)
			s.since = MIN(s.since, ret->list.v[i].tid);
	for (const int64_t *tid = tids; *tid; tid++)
		s.since = MIN(s.since, *tid);
	for (uint32_t k = 0; k < s.names.n && s.since < INT64_MAX; k++)
		descend(&s, k);
	look_into(&s, packaged, s.names.n);
	drop_unknown(&s, tids);
	for (uint32_t k = 0; k < s.names.n; k++)
		strlist_release(&s.names.v[k]);
	array_release(&s.names);
	array_release(&s.paths);
	strmap_release(&s.dirs);
	strmap_release(&s.owners);
}

void litter_release(struct litter *l)
{
	array_release(&l->list);
	arena_release(&l->mem);
	memset(l, 0, sizeof(*l));
}
