/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/halfway_halves.h"

#include <string.h>
#include <sys/stat.h>

#include "base/strmap.h"
#include "cmd/halfway_disk.h"
#include "select/choose.h"

struct finding {
	struct session *s;
	struct prepared *p;
	struct cutoff *c;
	ARRAY(struct pkg *) old; /* as the rpmdb still has them */
};

/* The sign with which the entry has a package, or another version of it; 0: it does not. */
static int sign_in_entry(const struct cutoff *c, const struct nevra *id, bool any_version)
{
	for (uint32_t i = 0; c->listed && i < c->entry->items.n; i++) {
		const struct history_item *item = &c->entry->items.v[i];
		int sign = item_action_sign(item->action);

		if (sign && (nevra_is_same(&item->id, id) ||
			     (any_version && cutoff_is_same(&item->id, id))))
			return sign;
	}
	return 0;
}

static bool has_litter(const struct finding *f, const struct pkg *p)
{
	const struct litter *l = &f->p->halfway.litter;

	for (uint32_t i = 0; i < l->list.n; i++)
		if (l->list.v[i].owner == p && l->list.v[i].tid == f->c->tid)
			return true;
	return false;
}

/* Whether a package may be one whose files were being exchanged. */
static bool may_be_half(const struct finding *f, const struct pkg *p)
{
	const struct cutoff *c = f->c;

	if (pkg_is_pseudo(p) || cutoff_has_twice(c, p))
		return false;
	if (c->listed)
		return sign_in_entry(c, &p->id, false) < 0 ||
		       (sign_in_entry(c, &p->id, false) == 0 &&
			sign_in_entry(c, &p->id, true) > 0) ||
		       has_litter(f, p);
	return c->is_silent || (c->is_last && c->tid && p->installtid != c->tid);
}

/* By who wrote down, or says, what was to come. */
static bool may_come(const struct cutoff *c, const struct nevra *id)
{
	if (c->listed)
		return sign_in_entry(c, id, false) > 0;
	for (uint32_t i = 0; i < c->asked.n; i++)
		if (nevra_is_same(&c->asked.v[i]->id, id))
			return true;
	return !c->is_asked;
}

/* What the sources have that may have been coming in the place of id. The caller frees. */
static uint32_t coming_for(const struct finding *f, const struct nevra *id,
			   const struct candidate ***ret)
{
	const struct candidate **all = NULL;
	uint32_t n = sources_find_name(&f->p->sources, id->name, NULL, &all), kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct nevra *v = &all[i]->pkg->id;
		bool repeated = false;

		for (uint32_t k = 0; k < kept; k++)
			repeated |= nevra_is_same(&all[k]->pkg->id, v) &&
				    digest_is_same(&all[k]->pkg->hdrdigest,
						   &all[i]->pkg->hdrdigest);
		if (!repeated && !sources_bad(&f->p->sources, all[i]) &&
		    cutoff_is_same(v, id) && !pkgset_find(&f->p->installed, v) &&
		    may_come(f->c, v))
			all[kept++] = all[i];
	}
	*ret = all;
	return kept;
}

/* 1: some are not to be had. */
static int fetch_headers(struct finding *f, const struct candidate **v, uint32_t n,
			 struct error *err)
{
	uint32_t known = sources_count_bad(&f->p->sources);
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free struct wanted_package *w = xcalloc(n + 1, sizeof(*w));

	for (uint32_t i = 0; i < n; i++)
		w[i] = (struct wanted_package){v[i]->source, v[i]->location};
	if (sources_fetch(&f->p->sources, w, n, PART_HEADERS, &why) == 0)
		return 0;
	if (sources_count_bad(&f->p->sources) > known)
		return 1;
	err_move(err, &why);
	return -1;
}

/* The same, of which there are the headers. */
static int had_for(struct finding *f, const struct nevra *id,
		   const struct candidate ***ret, uint32_t *ret_n, struct error *err)
{
	for (;;) {
		uint32_t n = coming_for(f, id, ret);
		int rc = n ? fetch_headers(f, *ret, n, err) : 0;

		*ret_n = n;
		if (rc <= 0)
			return rc;
		free(*ret);
		*ret = NULL;
	}
}

/* The one of them whose files are there, or some of them; NULL: none. was: as the disk compares with
 * what it comes for. The result belongs to the cutoff. */
static int find_coming(struct finding *f, const struct nevra *id,
		       const struct halfway_disk *was, struct pkg **ret,
		       struct error *err)
{
	cleanup_free const struct candidate **v = NULL;
	uint32_t n, most = 0;
	struct pkg *best = NULL;

	*ret = NULL;
	if (had_for(f, id, &v, &n, err) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		cleanup_halfway_disk struct halfway_disk d = {0};
		struct pkg *q = NULL;
		uint32_t has = 0;

		if (sources_load(&f->p->sources, v[i], &q, err) < 0) {
			pkg_free(best);
			return -1;
		}
		if (halfway_disk(f->s, f->p, &q, 1, &d, NULL) == 0)
			has = halfway_disk_has_come(
				&d, was, f->c->is_silent ? &f->c->begin : NULL);
		if (has > most) {
			pkg_free(best);
			best = q;
			most = has;
		} else {
			pkg_free(q);
		}
	}
	if (best) {
		best->installtid = f->c->tid;
		pkgset_take(&f->c->debris, best);
	}
	*ret = best;
	return 0;
}

static void add_half(struct finding *f, struct pkg *p, enum cutoff_how how,
		     const struct pkg *coming)
{
	array_add(&f->c->halves, (struct cutoff_half){p, how, coming});
	f->c->unpacking |= how == HALF_REPLACED;
}

/* Whether some record says that it goes. */
static bool is_to_go(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->obsoleted.n; i++)
		if (c->obsoleted.v[i] == p)
			return true;
	for (uint32_t i = 0; c->entry && i < c->entry->items.n; i++)
		if (item_action_sign(c->entry->items.v[i].action) < 0 &&
		    nevra_is_same(&c->entry->items.v[i].id, &p->id))
			return true;
	return false;
}

/* Whether it was being removed. Where no record says so, one file that is gone is anybody's doing. */
static bool is_going(const struct finding *f, const struct halfway_disk *d, uint32_t i,
		     enum cutoff_how *ret)
{
	struct halfway_gone g = halfway_disk_gone(f->p->root, d, i, f->c->begin);

	if (is_to_go(f->c, f->old.v[i]))
		*ret = HALF_REMOVED;
	else
		*ret = g.all && g.n > 1 ? HALF_GONE : HALF_LOST;
	return *ret == HALF_REMOVED ? g.n > 0 : g.alone && (g.n > 1 || (g.all && g.n));
}

/* --- files that gave way, by the record ------------------------------------------------------------ */

/* Whether another version of it may have been there before, to which files may have given way already. */
static bool may_have_been(const struct finding *f, const struct pkg *came)
{
	cleanup_free const struct candidate **all = NULL;
	uint32_t n = sources_find_name(&f->p->sources, came->id.name, NULL, &all);

	for (uint32_t i = 0; i < n; i++)
		if (cutoff_is_same(&all[i]->pkg->id, &came->id) &&
		    !nevra_is_same(&all[i]->pkg->id, &came->id))
			return true;
	return false;
}

static void set_paths(const struct pkg *p, uint32_t value, struct arena *mem,
		      struct strmap *ret)
{
	const struct pkgfile *file;

	array_foreach(file, &p->files)
		if (!(file->flags & FILE_GHOST) && file->state == STATE_NORMAL &&
		    !S_ISDIR(file->mode))
			strmap_set(ret, arena_printf(mem, "%s%s", file->dir, file->base),
				   value);
}

/* The paths to which what came has a claim, and nothing in whose place it came had. */
static void new_paths(const struct finding *f, struct arena *mem, struct strmap *ret)
{
	for (uint32_t i = 0; f->c->tid && i < f->p->installed.n; i++) {
		const struct pkg *p = f->p->installed.v[i];
		const struct pkg *old = cutoff_old_of(f->c, p);

		if (p->installtid != f->c->tid || pkg_is_pseudo(p) ||
		    (!old && may_have_been(f, p)))
			continue;
		set_paths(p, true, mem, ret);
		if (old)
			set_paths(old, false, mem, ret);
	}
}

/* Whether rpm noted of a file of p that it gave way to one that came (lib/psm.c: markReplacedFiles()). */
static bool gave_way(const struct pkg *p, const struct strmap *paths)
{
	struct arena mem = {0};
	const struct pkgfile *file;
	bool found = false;

	array_foreach(file, &p->files) {
		uint32_t is_new = false;

		if (file->state == STATE_REPLACED)
			strmap_get(paths,
				   arena_printf(&mem, "%s%s", file->dir, file->base),
				   &is_new);
		found |= is_new;
	}
	arena_release(&mem);
	return found;
}

static void find_replaced(struct finding *f)
{
	struct strmap paths = {0};
	struct arena mem = {0};

	new_paths(f, &mem, &paths);
	for (uint32_t i = 0; i < f->old.n; i++) {
		bool known = false;

		for (uint32_t k = 0; k < f->c->halves.n; k++)
			known |= f->c->halves.v[k].p == f->old.v[i];
		if (!known && gave_way(f->old.v[i], &paths))
			add_half(f, f->old.v[i], HALF_COVERED, NULL);
	}
	strmap_release(&paths);
	arena_release(&mem);
}

/* One that is not as the rpmdb has it. */
static int judge(struct finding *f, const struct halfway_disk *d, uint32_t i,
		 struct error *err)
{
	struct pkg *p = f->old.v[i], *coming;
	enum cutoff_how how;

	if (find_coming(f, &p->id, d, &coming, err) < 0)
		return -1;
	if (coming)
		add_half(f, p, HALF_REPLACED, coming);
	else if (is_going(f, d, i, &how))
		add_half(f, p, how, NULL);
	else if (halfway_disk_is_covered(d, i, f->c->tid))
		add_half(f, p, HALF_COVERED, NULL);
	else if (has_litter(f, p) || halfway_disk_was_written(d, i, f->c->begin))
		add_half(f, p, HALF_UNKNOWN, NULL);
	else if (halfway_disk_made_room(f->p->root, d, i, f->c->begin, f->c->tid))
		add_half(f, p, HALF_ROOM, NULL);
	return 0;
}

/* One that is as the rpmdb has it, but for what only the version has that the user says was to come. */
static int judge_asked(struct finding *f, const struct halfway_disk *d, struct pkg *p,
		       struct error *err)
{
	struct pkg *coming;
	bool asked = false;

	for (uint32_t i = 0; i < f->c->asked.n; i++)
		asked |= cutoff_is_same(&f->c->asked.v[i]->id, &p->id);
	if (!asked)
		return 0;
	if (find_coming(f, &p->id, d, &coming, err) < 0)
		return -1;
	if (coming)
		add_half(f, p, HALF_REPLACED, coming);
	return 0;
}

static int find_halves(struct finding *f, struct error *err)
{
	cleanup_halfway_disk struct halfway_disk d = {0};
	cleanup_error struct error why = ERROR_INIT;

	for (uint32_t i = 0; i < f->p->installed.n; i++)
		if (may_be_half(f, f->p->installed.v[i]))
			array_add(&f->old, f->p->installed.v[i]);
	if (!f->old.n)
		return 0;
	if (halfway_disk(f->s, f->p, f->old.v, f->old.n, &d, &why) < 0) {
		if (session_stopped())
			return session_err_stopped(err);
		problems_add(
			&f->p->halfway.problems, PROBLEM_HISTORY, SEV_WARNING, "",
			"packages cannot be compared with the disk, so that one that "
			"was being unpacked cannot be found: %s",
			why.msg);
		return 0;
	}
	for (uint32_t i = 0; i < f->old.n; i++)
		if ((halfway_disk_differs(f->p->root, &d, i, f->c->begin, f->c->tid)
			     ? judge(f, &d, i, err)
			     : judge_asked(f, &d, f->old.v[i], err)) < 0)
			return -1;
	find_replaced(f);
	return 0;
}

static int find_newcomer(struct finding *f, const struct nevra *id, struct error *err)
{
	struct pkg *const *now, *found;
	uint32_t n = step_installed(&f->p->installed, id->name, NULL, &now);
	bool known = pkgset_find(&f->p->installed, id);

	for (uint32_t k = 0; k < n && !known; k++)
		known = cutoff_is_same(&now[k]->id, id) &&
			!step_stands_beside(&f->p->installed, id->name);
	return known ? 0 : find_coming(f, id, NULL, &found, err);
}

/* Packages that were to come where no version of theirs was before. */
static int find_newcomers(struct finding *f, struct error *err)
{
	for (uint32_t i = 0; f->c->listed && i < f->c->entry->items.n; i++) {
		const struct history_item *item = &f->c->entry->items.v[i];

		if (item_action_sign(item->action) > 0 &&
		    find_newcomer(f, &item->id, err) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < f->c->asked.n; i++)
		if (find_newcomer(f, &f->c->asked.v[i]->id, err) < 0)
			return -1;
	return 0;
}

/* What came, and is not whole. */
static int find_damaged(struct finding *f, struct error *err)
{
	cleanup_halfway_disk struct halfway_disk d = {0};
	ARRAY(struct pkg *) came = {0};
	int rc = 0;

	for (uint32_t i = 0; i < f->p->installed.n; i++) {
		struct pkg *p = f->p->installed.v[i];

		if (!pkg_is_pseudo(p) && (sign_in_entry(f->c, &p->id, false) > 0 ||
					  (f->c->tid && p->installtid == f->c->tid)))
			array_add(&came, p);
	}
	if (came.n)
		rc = halfway_disk(f->s, f->p, came.v, came.n, &d, err);
	for (uint32_t i = 0; i < came.n && rc == 0; i++)
		if (halfway_disk_is_damaged(&d, i))
			array_add(&f->c->damaged, came.v[i]);
	array_release(&came);
	return rc;
}

int halfway_halves(struct session *s, struct prepared *p, struct error *err)
{
	struct finding f = {.s = s, .p = p, .c = &p->halfway.cutoff};
	int rc = find_halves(&f, err);

	if (rc == 0)
		rc = find_newcomers(&f, err);
	if (rc == 0 && s->o->selection.forward)
		rc = find_damaged(&f, err);
	array_release(&f.old);
	return rc;
}
