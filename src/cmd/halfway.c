/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/halfway.h"

#include "base/buf.h"
#include "base/log.h"
#include "cmd/halfway_halves.h"
#include "disk/remnant.h"
#include "rpm/evr.h"
#include "select/recorded.h"

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

static void take_obsoleted(void *ctx, struct pkg *p)
{
	struct cutoff *c = ctx;

	if (p->installtid != c->tid && !cutoff_has_twice(c, p))
		array_add(&c->obsoleted, p);
}

static void take_lost(void *ctx, struct pkg *p)
{
	struct cutoff *c = ctx;
	struct pkg *copy;

	if (pkgset_find(&c->lost, &p->id))
		return;
	copy = pkg_new();
	copy->id = nevra_dup(&copy->mem, &p->id);
	copy->nevra = arena_strdup(&copy->mem, p->nevra);
	pkgset_take(&c->lost, copy);
	pkgset_sort(&c->lost);
}

/* rpm's own record has what came; the headers of that say what it was to take the place of, which by now
 * may be gone: then only another record has it. */
static void find_obsoleted(const struct db *db, const struct pkgset *installed,
			   const struct history *history, struct cutoff *c)
{
	struct recorded r;
	struct pkgset gone = {0};

	if (c->listed || !c->is_last || !c->tid)
		return;
	recorded_read(history, c->entry, &r);
	recorded_lost(&r, installed, &gone);
	for (uint32_t i = 0; i < installed->n; i++) {
		const struct pkg *p = installed->v[i];

		if (p->installtid == c->tid && !pkg_is_pseudo(p) &&
		    (db_obsoletes(db, p, installed, take_obsoleted, c, NULL) < 0 ||
		     (gone.n && db_obsoletes(db, p, &gone, take_lost, c, NULL) < 0)))
			log_info("what %s obsoletes cannot be read", p->nevra);
	}
	pkgset_release(&gone);
	recorded_release(&r);
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
	find_obsoleted(db, installed, history, &ret->cutoff);
	tell(installed, ret);
}

static void explain(struct halfway *h)
{
	struct cutoff *c = &h->cutoff;
	struct problems *o = &h->problems;
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
	for (uint32_t i = 0; i < c->halves.n; i++) {
		const char *nevra = c->halves.v[i].p->nevra;

		problems_add(o, PROBLEM_HISTORY, SEV_NOTE, nevra, "%s %s", nevra,
			     what[c->halves.v[i].how]);
		if (c->halves.v[i].how == HALF_UNKNOWN)
			problems_add(
				o, PROBLEM_HISTORY, SEV_WARNING, nevra,
				"%s was being replaced by a version that no source has: "
				"files that only that one brings cannot be told from "
				"others, and stay",
				nevra);
	}
	if (c->litter.n)
		first = quoted(c->litter.v[0]);
	if (first)
		problems_add(
			o, PROBLEM_HISTORY, SEV_NOTE, "",
			"%u %s under names of rpm's own, half-written, %s removed: '/%s'%s",
			c->litter.n, c->litter.n == 1 ? "file" : "files",
			c->litter.n == 1 ? "is" : "are", first,
			c->litter.n == 1 ? "" : ", ...");
	if (h->litter.partly)
		problems_add(
			o, PROBLEM_HISTORY, SEV_WARNING, "",
			"not all directories could be looked through for files that rpm "
			"left half-written");
}

/* What rpm was removing, where nothing else was going on. */
static void find_remnant(struct prepared *p, struct cutoff *c)
{
	struct remnant r;

	remnant_find(p->root, &p->installed, &r);
	if (!r.p)
		return;
	c->found = c->is_removal = true;
	array_add(&c->halves,
		  (struct cutoff_half){.p = r.p,
				       .how = r.gone == r.files ? HALF_GONE : HALF_LOST});
}

static bool is_rpm_old(const struct pkgset *installed)
{
	static const struct nevra first = {
		.name = "rpm", .version = "4.18.0", .release = "0", .arch = ""};
	struct pkg *const *now;
	uint32_t n = step_installed(installed, first.name, NULL, &now);

	for (uint32_t i = 0; i < n; i++) {
		struct nevra id = now[i]->id;

		id.epoch = first.epoch;
		if (evr_cmp(&id, &first) >= 0)
			return false;
	}
	return true; /* or not there, so that nobody knows */
}

/*
 * rpm before 4.18 puts each file into its place before it makes the next one (lib/fsm.c), and records the package
 * when all are there: killed in between, it leaves nothing but files of another version, and perhaps a file that
 * was moved out of the way, which does not say when. They are looked for when somebody says that there was an update.
 */
static bool is_silent(const struct prepared *p, const struct cutoff *c)
{
	return !c->tid && !c->entry && !c->pairs.n && is_rpm_old(&p->installed);
}

/* Of a package that was not there before even the name is not known. */
static void tell_unknown(const struct prepared *p, struct halfway *h)
{
	struct cutoff *c = &h->cutoff;

	if (c->found && !c->listed && c->is_last && !c->is_asked && !c->is_removal &&
	    is_rpm_old(&p->installed))
		problems_add(
			&h->problems, PROBLEM_HISTORY, SEV_NOTE, "",
			"an rpm before 4.18 leaves no trace of a package that was not there "
			"before and was being unpacked, but its files; --update-from, of what "
			"rpm was given, finds them");
}

static void begin_silent(const struct prepared *p, struct cutoff *c)
{
	c->is_silent = c->is_last = true;
	for (uint32_t i = 0; i < p->installed.n; i++)
		if (!pkg_is_pseudo(p->installed.v[i]))
			c->begin = MAX(c->begin, p->installed.v[i]->installtid);
}

static bool has_litter(const struct halfway *h, const struct pkg *p)
{
	for (uint32_t i = 0; i < h->litter.list.n; i++)
		if (h->litter.list.v[i].owner == p)
			return true;
	return false;
}

/* What counts is a version that a source has, or a file left lying; that one was changed is anybody's doing. */
static void end_silent(struct halfway *h)
{
	struct cutoff *c = &h->cutoff;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->halves.n; i++)
		if (c->halves.v[i].how == HALF_REPLACED ||
		    has_litter(h, c->halves.v[i].p))
			c->halves.v[kept++] = c->halves.v[i];
	c->halves.n = kept;
	c->found = kept > 0 || c->debris.n > 0 || c->litter.n > 0;
	if (!kept && !c->debris.n)
		c->is_silent = c->is_last = false;
}

int halfway_find(struct session *s, struct prepared *p, struct error *err)
{
	const struct selection *sel = &s->o->selection;
	struct halfway *h = &p->halfway;
	struct cutoff *c = &h->cutoff;
	cleanup_error struct error why = ERROR_INIT;
	int asked = 0;

	look(p->root, p->db, &p->installed, &p->history, h);
	if (!c->found)
		find_remnant(p, c);
	if (c->is_removal) {
		explain(h);
		return 0;
	}
	if (is_silent(p, c))
		begin_silent(p, c);
	else
		find_obsoleted(p->db, &p->installed, &p->history, c);
	if (sel->update_from.n && (c->found || c->is_silent))
		asked = cutoff_ask(c, &p->sources, &sel->update_from, &p->installed,
				   &h->problems, &why);
	if ((c->found || c->is_silent) && halfway_halves(s, p, err) < 0)
		return -1;
	if (c->is_silent)
		end_silent(h);
	if (c->found && asked < 0) {
		err_move(err, &why);
		return -1;
	}
	/* of one that is over it may say what it likes, and of one that nobody sees it would tell */
	if (asked < 0)
		problems_add(&h->problems, PROBLEM_HISTORY, SEV_WARNING, "", "%s",
			     why.msg);
	if (c->found)
		tell(&p->installed, h);
	/* what had not begun needs no putting in order */
	if (h->not_begun && !c->halves.n && !c->debris.n && !sel->forward)
		c->found = false;
	explain(h);
	if (!sel->forward)
		tell_unknown(p, h);
	return 0;
}
