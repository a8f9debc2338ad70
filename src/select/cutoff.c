/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "select/cutoff.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/strmap.h"
#include "rpm/evr.h"

/* What the clocks of a package manager and of rpm may be apart. */
#define SLACK 60
enum { TWICE_MAX = 64 };

bool cutoff_is_same(const struct nevra *a, const struct nevra *b)
{
	return !strcmp(a->name, b->name) &&
	       (!strcmp(a->arch, b->arch) || !strcmp(a->arch, "noarch") ||
		!strcmp(b->arch, "noarch"));
}

/* --- pairs ------------------------------------------------------------------------------------------ */

static const char *key_of(const struct pkgfile *f, struct arena *mem)
{
	return arena_printf(mem, "%s%s", f->dir, f->base);
}

static bool counts(const struct pkgfile *f)
{
	return (f->mode & 0170000) != 0040000 && !(f->flags & FILE_GHOST);
}

/* Whether some file is in both. */
static bool share_a_file(const struct pkg *a, const struct pkg *b)
{
	struct strmap paths = {0};
	struct arena mem = {0};
	const struct pkgfile *f;
	bool found = false;

	array_foreach(f, &a->files)
		if (counts(f))
			strmap_set(&paths, key_of(f, &mem), 1);
	array_foreach(f, &b->files)
		found |= counts(f) && strmap_get(&paths, key_of(f, &mem), NULL);
	strmap_release(&paths);
	arena_release(&mem);
	return found;
}

static bool has_a_file(const struct pkg *p)
{
	const struct pkgfile *f;

	array_foreach(f, &p->files)
		if (counts(f))
			return true;
	return false;
}

/*
 * Whether two versions were meant to be there beside one another: kernels and their like, and what shares
 * no file, as rpm would have it.
 */
static bool stand_beside(const struct pkg *a, const struct pkg *b)
{
	return a->beside || b->beside || step_is_kernel(a->id.name) ||
	       (has_a_file(a) && has_a_file(b) && !share_a_file(a, b));
}

static bool is_new_of_a_pair(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].new == p)
			return true;
	return false;
}

static int by_transaction(const void *pa, const void *pb)
{
	const struct pkg *a = *(struct pkg *const *)pa, *b = *(struct pkg *const *)pb;

	if (a->installtid != b->installtid)
		return a->installtid < b->installtid ? -1 : 1;
	return a->instance < b->instance ? -1 : a->instance > b->instance;
}

/* v: those of one name. Of three, the oldest is a pair with each of the others. */
static void pair(struct cutoff *c, struct pkg *const *v, uint32_t n)
{
	struct pkg **sorted = xcalloc(n, sizeof(*sorted));

	memcpy(sorted, v, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_transaction);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = i + 1; k < n && !is_new_of_a_pair(c, sorted[i]); k++)
			if (cutoff_is_same(&sorted[i]->id, &sorted[k]->id) &&
			    !stand_beside(sorted[i], sorted[k]))
				array_add(&c->pairs,
					  (struct cutoff_pair){sorted[i], sorted[k]});
	free(sorted);
}

static void find_pairs(struct cutoff *c, const struct pkgset *installed)
{
	for (uint32_t i = 0, end; i < installed->n; i = end) {
		for (end = i + 1;
		     end < installed->n &&
		     !strcmp(installed->v[end]->id.name, installed->v[i]->id.name);
		     end++)
			;
		/* so many are no update's doing */
		if (end - i > 1 && end - i <= TWICE_MAX &&
		    !pkg_is_pseudo(installed->v[i]))
			pair(c, installed->v + i, end - i);
	}
}

/* --- the entry -------------------------------------------------------------------------------------- */

static bool brought_a_pair(const struct cutoff *c, const struct history_entry *e)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (history_find_item(e, &c->pairs.v[i].new->id, +1))
			return true;
	return false;
}

/* That write down what is to be before they begin. */
static bool lists(const char *origin)
{
	return !strcmp(origin, "dnf4") || !strcmp(origin, "dnf5") ||
	       !strcmp(origin, "yum");
}

static const struct history_entry *newest(const struct history *h)
{
	for (uint32_t i = h->entries.n; i-- > 0;)
		if (history_entry_has_changes(&h->entries.v[i]))
			return &h->entries.v[i];
	return NULL;
}

static const struct history_entry *of_rpm(const struct history *h, int64_t tid)
{
	for (uint32_t i = h->entries.n; tid && i-- > 0;)
		if (!strcmp(h->entries.v[i].origin, "rpm") && h->entries.v[i].id == tid)
			return &h->entries.v[i];
	return NULL;
}

/* The last one, where it has no end, or says that it failed and left pairs. zypper notes no end. */
static void find_entry(struct cutoff *c, const struct history *h)
{
	const struct history_entry *e = newest(h);

	if (!e || e->putback || !strcmp(e->origin, "rpm"))
		return;
	if (e->state != ENTRY_UNFINISHED &&
	    !((e->state == ENTRY_FAILED || !strcmp(e->origin, "zypper")) &&
	      brought_a_pair(c, e)))
		return;
	c->entry = e;
	c->listed = lists(e->origin);
}

/* --- rpm's transaction ------------------------------------------------------------------------------ */

static void find_transaction(struct cutoff *c, const struct pkgset *installed,
			     const int64_t *tids)
{
	int64_t latest = 0, since = c->entry ? c->entry->begin - SLACK : 0;

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		if (pkg_is_pseudo(p))
			continue;
		latest = MAX(latest, p->installtid);
		if (c->entry && p->installtid >= since &&
		    history_find_item(c->entry, &p->id, +1))
			c->tid = MAX(c->tid, p->installtid);
	}
	for (uint32_t i = 0; i < c->pairs.n; i++)
		c->tid = MAX(c->tid, c->pairs.v[i].new->installtid);
	/* litter of years ago is litter, and says nothing of what happened last */
	for (; *tids; tids++)
		if (*tids >= MAX(latest, since))
			c->tid = MAX(c->tid, *tids);
	c->is_last = c->entry || (c->tid && c->tid >= latest);
	c->begin = c->entry ? c->entry->begin : c->tid;
}

/* What the log holds came last; unless a package manager says that it saw it through. */
static void find_in_log(struct cutoff *c, const struct pkgset *installed,
			const struct pkgset *before, const struct history *history)
{
	const struct history_entry *e = newest(history);
	int64_t latest = 0;

	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		latest = MAX(latest, pkg_is_pseudo(p) ? 0 : p->installtid);
		if (pkg_is_pseudo(p) || pkgset_holds(before, p))
			continue;
		if (e && (e->putback ||
			  (lists(e->origin) && history_find_item(e, &p->id, +1))))
			return;
		c->tid = MAX(c->tid, p->installtid);
	}
	c->is_last = c->tid && c->tid >= latest;
	c->begin = c->tid;
}

/*
 * zypper has rpm do one package after the other, each a transaction of its own, and notes each once that is
 * done. So what rpm was at when it was cut off is no item of the entry, but began after that.
 */
static void find_entry_of_zypper(struct cutoff *c, const struct history *h,
				 const int64_t *tids)
{
	const struct history_entry *e = NULL;
	bool cut_off = c->pairs.n > 0;

	for (uint32_t i = h->entries.n; i-- > 0 && !e;)
		if (strcmp(h->entries.v[i].origin, "rpm") != 0 ||
		    h->entries.v[i].id != c->tid)
			e = &h->entries.v[i];
	for (; *tids; tids++)
		cut_off |= *tids == c->tid;
	if (!e || strcmp(e->origin, "zypper") != 0 || !cut_off || !c->is_last ||
	    c->tid < e->begin)
		return;
	c->entry = e;
	c->begin = e->begin;
}

void cutoff_find(const struct pkgset *installed, const struct pkgset *before,
		 const struct history *history, const int64_t *tids, struct cutoff *ret)
{
	memset(ret, 0, sizeof(*ret));
	find_pairs(ret, installed);
	find_entry(ret, history);
	find_transaction(ret, installed, tids);
	if (!ret->entry && ret->tid)
		find_entry_of_zypper(ret, history, tids);
	if (!ret->entry && !ret->pairs.n && !ret->tid && before)
		find_in_log(ret, installed, before, history);
	if (!ret->entry && ret->is_last)
		ret->entry = of_rpm(history, ret->tid);
	ret->found = ret->entry || ret->is_last || ret->pairs.n || *tids;
}

bool cutoff_has_twice(const struct cutoff *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].old == p || c->pairs.v[i].new == p)
			return true;
	return false;
}

const struct pkg *cutoff_old_of(const struct cutoff *c, const struct pkg *new)
{
	for (uint32_t i = 0; i < c->pairs.n; i++)
		if (c->pairs.v[i].new == new)
			return c->pairs.v[i].old;
	return NULL;
}

const char *cutoff_label(struct cutoff *c)
{
	if (c->entry)
		return arena_printf(&c->mem, "entry %s", c->entry->name);
	if (c->is_removal)
		return "a removal";
	if (c->is_silent)
		return "an update that left no record";
	return c->tid ? arena_printf(&c->mem, "rpm's transaction %" PRId64, c->tid)
		      : "an update";
}

void cutoff_release(struct cutoff *c)
{
	array_release(&c->pairs);
	array_release(&c->obsoleted);
	pkgset_release(&c->lost);
	array_release(&c->asked);
	array_release(&c->update.items);
	array_release(&c->halves);
	array_release(&c->damaged);
	pkgset_release(&c->debris);
	strlist_release(&c->litter);
	arena_release(&c->mem);
	memset(c, 0, sizeof(*c));
}
