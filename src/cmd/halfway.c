/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/halfway.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "cmd/halfway_disk.h"
#include "select/choose.h"

typedef ARRAY(struct pkg *) pkgs;

void halfway_release(struct halfway *h)
{
	cutoff_release(&h->cutoff);
	litter_release(&h->litter);
	pkgset_release(&h->before);
	problems_release(&h->problems);
}

/* The transactions that left litter, up to a 0. The caller frees. */
static int64_t *tids_of(const struct litter *l)
{
	int64_t *tids = xcalloc(l->list.n + 1, sizeof(*tids));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->list.n; i++) {
		bool seen = !l->list.v[i].tid;

		for (uint32_t k = 0; k < n && !seen; k++)
			seen = tids[k] == l->list.v[i].tid;
		if (!seen)
			tids[n++] = l->list.v[i].tid;
	}
	return tids;
}

static const struct pkgset *before_of(const struct halfway *h)
{
	return h->knows_before ? &h->before : NULL;
}

/* Records first, for they say which transaction's litter it is; then with that once more. */
static void look(struct root *r, const struct db *db, const struct pkgset *installed,
		 const struct history *history, struct halfway *h)
{
	int64_t known[2] = {0};
	cleanup_free int64_t *tids = NULL;

	h->knows_before = db_load_before(r, db, &h->before) > 0;
	cutoff_find(installed, before_of(h), history, known, &h->cutoff);
	known[0] = h->cutoff.tid;
	cutoff_release(&h->cutoff);
	litter_find(r, installed, known, &h->litter);
	tids = tids_of(&h->litter);
	cutoff_find(installed, before_of(h), history, tids, &h->cutoff);
	for (uint32_t i = 0; i < h->litter.list.n; i++) {
		const struct litter_file *f = &h->litter.list.v[i];

		strlist_add(&h->cutoff.litter, f->path);
		h->cutoff.unpacking |= f->tid && f->tid == h->cutoff.tid;
	}
	h->cutoff.found |= h->litter.list.n > 0;
	strlist_sort_unique(&h->cutoff.litter);
}

static bool in_pair(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].old == p || c->pairs.v[i].new == p)
			return true;
	return false;
}

static void take_obsoleted(void *ctx, struct pkg *p)
{
	struct cutoff *c = ctx;

	if (p->installtid != c->tid && !in_pair(c, p))
		array_add(&c->obsoleted, p);
}

/* rpm's own record has what came; the headers of that say what it was to take the place of. */
static void find_obsoleted(const struct db *db, const struct pkgset *installed,
			   struct cutoff *c)
{
	if (c->listed || !c->is_last || !c->tid)
		return;
	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		if (p->installtid == c->tid && !pkg_is_pseudo(p) &&
		    db_obsoletes(db, p, installed, take_obsoleted, c, NULL) < 0)
			log_info("what %s obsoletes cannot be read", p->nevra);
	}
}

static void tell(const struct pkgset *installed, struct halfway *h)
{
	struct cutoff *c = &h->cutoff;

	cutoff_tell(installed, before_of(h), c);
	if (c->listed && !c->litter.n && !c->stands_halfway && !c->came && !c->gone)
		h->not_begun = true;
}

void halfway_look(struct root *r, const struct db *db, const struct pkgset *installed,
		  const struct history *history, struct halfway *ret)
{
	memset(ret, 0, sizeof(*ret));
	look(r, db, installed, history, ret);
	if (!ret->cutoff.found)
		return;
	find_obsoleted(db, installed, &ret->cutoff);
	tell(installed, ret);
}

/* --- what is on the disk ---------------------------------------------------------------------------- */

struct finding {
	struct session *s;
	struct prepared *p;
	struct cutoff *c;
	pkgs old; /* as the rpmdb still has them */
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

	if (pkg_is_pseudo(p) || in_pair(c, p))
		return false;
	if (c->listed)
		return sign_in_entry(c, &p->id, false) < 0 ||
		       (sign_in_entry(c, &p->id, false) == 0 &&
			sign_in_entry(c, &p->id, true) > 0) ||
		       has_litter(f, p);
	return c->is_last && c->tid && p->installtid != c->tid;
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
		if (!repeated && cutoff_is_same(v, id) &&
		    !pkgset_find(&f->p->installed, v) &&
		    (!f->c->listed || sign_in_entry(f->c, v, false) > 0))
			all[kept++] = all[i];
	}
	*ret = all;
	return kept;
}

static int fetch_headers(struct finding *f, const struct candidate **v, uint32_t n,
			 struct error *err)
{
	cleanup_free struct wanted_package *w = xcalloc(n + 1, sizeof(*w));

	for (uint32_t i = 0; i < n; i++)
		w[i] = (struct wanted_package){v[i]->source, v[i]->location};
	return sources_fetch(&f->p->sources, w, n, PART_HEADERS, err);
}

/* The one of them whose files are there, or some of them; NULL: none. was: as the disk compares with
 * what it comes for. The result belongs to the cutoff. */
static int find_coming(struct finding *f, const struct nevra *id,
		       const struct halfway_disk *was, struct pkg **ret,
		       struct error *err)
{
	cleanup_free const struct candidate **v = NULL;
	uint32_t n = coming_for(f, id, &v), most = 0;
	struct pkg *best = NULL;

	*ret = NULL;
	if (n && fetch_headers(f, v, n, err) < 0)
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
			has = halfway_disk_has_come(&d, was);
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
	if (how != HALF_UNKNOWN)
		return;
	problems_add(
		&f->p->halfway.problems, PROBLEM_HISTORY, SEV_WARNING, p->nevra,
		"%s was being replaced by a version that no source has: files that only "
		"that one brings cannot be told from others, and stay",
		p->nevra);
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
	else if (halfway_disk_made_room(f->p->root, d, i, f->c->begin))
		add_half(f, p, HALF_ROOM, NULL);
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
		if (halfway_disk_differs(f->p->root, &d, i, f->c->begin) &&
		    judge(f, &d, i, err) < 0)
			return -1;
	return 0;
}

/* Packages that were to come where no version of theirs was before. */
static int find_newcomers(struct finding *f, struct error *err)
{
	for (uint32_t i = 0; f->c->listed && i < f->c->entry->items.n; i++) {
		const struct history_item *item = &f->c->entry->items.v[i];
		struct pkg *const *now, *found;
		uint32_t n = step_installed(&f->p->installed, item->id.name, NULL, &now);
		bool known = item_action_sign(item->action) <= 0 ||
			     pkgset_find(&f->p->installed, &item->id);

		for (uint32_t k = 0; k < n && !known; k++)
			known = cutoff_is_same(&now[k]->id, &item->id) &&
				!step_stands_beside(&f->p->installed, item->id.name);
		if (!known && find_coming(f, &item->id, NULL, &found, err) < 0)
			return -1;
	}
	return 0;
}

/* What came, and is not whole. */
static int find_damaged(struct finding *f, struct error *err)
{
	cleanup_halfway_disk struct halfway_disk d = {0};
	pkgs came = {0};
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

static void explain(struct finding *f)
{
	struct cutoff *c = f->c;
	struct problems *o = &f->p->halfway.problems;
	cleanup_free char *first = NULL;
	static const char *const what[] = {
		[HALF_REPLACED] =
			"was being replaced: its record is still there, files are "
			"those of the other version",
		[HALF_UNKNOWN] =
			"was being replaced: its record is still there, files are "
			"those of another version",
		[HALF_COVERED] =
			"is there, but a file of it is that of a package that came",
		[HALF_REMOVED] =
			"was being removed: its record is still there, files are "
			"gone",
		[HALF_GONE] = "is in the rpmdb, but its files are gone",
		[HALF_LOST] = "is in the rpmdb, but the last of its files are gone",
		[HALF_ROOM] =
			"had not been replaced yet, but a directory of it was moved "
			"away for that",
	};

	if (!c->found)
		return;
	if (c->update.items.n)
		problems_add(
			o, PROBLEM_HISTORY, SEV_NOTE, "",
			"%s was cut off: %u of %u packages that were to come are in the "
			"rpmdb, %u of %u that were to go are no more; %u are there twice",
			cutoff_label(c), c->came, c->to_come, c->gone, c->to_go,
			c->pairs.n);
	for (uint32_t i = 0; i < c->halves.n; i++)
		problems_add(o, PROBLEM_HISTORY, SEV_NOTE, c->halves.v[i].p->nevra,
			     "%s %s", c->halves.v[i].p->nevra, what[c->halves.v[i].how]);
	if (c->litter.n)
		first = quoted(c->litter.v[0]);
	if (first)
		problems_add(
			o, PROBLEM_HISTORY, SEV_NOTE, "",
			"%u %s under names of rpm's own, half-written, %s removed: '/%s'%s",
			c->litter.n, c->litter.n == 1 ? "file" : "files",
			c->litter.n == 1 ? "is" : "are", first,
			c->litter.n == 1 ? "" : ", ...");
	if (f->p->halfway.litter.partly)
		problems_add(
			o, PROBLEM_HISTORY, SEV_WARNING, "",
			"not all directories could be looked through for files that rpm "
			"left half-written");
}

int halfway_find(struct session *s, struct prepared *p, struct error *err)
{
	struct finding f = {.s = s, .p = p, .c = &p->halfway.cutoff};
	int rc = 0;

	look(p->root, p->db, &p->installed, &p->history, &p->halfway);
	if (f.c->found) {
		find_obsoleted(p->db, &p->installed, f.c);
		rc = find_halves(&f, err);
		if (rc == 0)
			rc = find_newcomers(&f, err);
		if (rc == 0 && s->o->selection.forward)
			rc = find_damaged(&f, err);
		if (rc == 0)
			tell(&p->installed, &p->halfway);
		/* what had not begun needs no putting in order */
		if (rc == 0 && p->halfway.not_begun && !f.c->halves.n && !f.c->debris.n &&
		    !s->o->selection.forward)
			f.c->found = false;
		explain(&f);
	}
	array_release(&f.old);
	return rc;
}
