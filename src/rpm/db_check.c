/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmprob.h>
#include <rpm/rpmps.h>
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>

#include "base/log.h"
#include "rpm/child.h"
#include "rpm/db.h"
#include "rpm/db_make.h"
#include "rpm/hdr.h"
#include "rpm/librpm.h"

#define SILENCE_SECONDS 300

/* In the child. */
struct job {
	struct db *db;
	const struct changes *changes;
	db_open_pkg_fn open_pkg;
	void *ctx;
	struct scratch
		*indexed; /* for a backend whose indices we have no copy of; else NULL */
	const char *folder; /* of the database that librpm is given */
	struct db_make *make;
	ARRAY(uint32_t)
	map; /* number in the root's database -> in that one; empty: the same */
	char **arriving; /* by change: librpm's name of the element; NULL: none, or dropped */
};

/* A dependency that does not hold. */
struct broken {
	rpmProblemType type;
	uint32_t
		instance; /* in librpm's database, of who has it; 0: of an arriving one */
	uint32_t change;  /* of an arriving one; NO_INDEX */
	char *who;	  /* librpm's NEVRA of who has it */
	char *what;	  /* "libfoo.so.6()(64bit)", "bar < 2" */
	char *before; /* librpm's NEVRA of its former version, or of itself if it stays; NULL */
	bool old;
};
struct brokens {
	struct broken *v;
	uint32_t n, cap;
};

/* --- a database with indices ------------------------------------------------------------------------ */

static int index_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		     struct error *err)
{
	struct job *j = ctx;
	cleanup_free char *what = xasprintf("package %u", instance);
	cleanup_header Header h = hdr_import(blob, n, what, err);
	uint32_t ours;

	if (!h || db_make_add(j->make, h, what, &ours, err))
		return -1;
	if (instance > (1 << 24))
		return err_set(err, ERR_FAILED,
			       "%s: numbers of packages do not go that high", what);
	while (j->map.n <= instance)
		array_add(&j->map, 0);
	j->map.v[instance] = ours;
	return 0;
}

/* Berkeley DB and ndb keep indices in files of their own, which may be missing or stale; what librpm does not write it
 * may not even know. */
static int make_indexed(struct job *j, struct error *err)
{
	enum db_backend backend =
		db_make_is_possible(DB_SQLITE, NULL) ? DB_SQLITE : DB_NDB;
	int rc;

	j->folder = j->indexed ? j->indexed->path : j->db->scratch->path;
	librpm_macro_push("_db_backend",
			  db_backend_name(j->indexed ? backend : j->db->backend));
	if (!j->indexed)
		return 0;
	if (db_make_begin(j->folder, j->folder, backend, &j->make, err))
		return -1;
	rc = db_each(j->db, index_row, j, err);
	return db_make_finish(j->make, rc ? NULL : err) || rc ? -1 : 0;
}

static uint32_t mapped(const struct job *j, uint32_t instance)
{
	if (j->map.n == 0)
		return instance;
	return instance < j->map.n ? j->map.v[instance] : 0;
}

/* The caller frees; NULL: no such package. */
static Header header_at(rpmts ts, uint32_t instance)
{
	rpmdbMatchIterator mi =
		rpmtsInitIterator(ts, RPMDBI_PACKAGES, &instance, sizeof(instance));
	Header h = rpmdbNextIterator(mi);

	h = h ? headerLink(h) : NULL;
	rpmdbFreeIterator(mi);
	return h;
}

static rpmts open_ts(const struct job *j, struct error *err)
{
	rpmts ts = librpm_ts();

	if (rpmtsOpenDB(ts, O_RDONLY) == 0)
		return ts;
	err_set(err, ERR_FAILED,
		"librpm cannot open its copy of the rpmdb in '%s' (no room left there?)",
		j->folder);
	rpmtsFree(ts);
	return NULL;
}

/* --- the changes as librpm's elements ------------------------------------------------------------------ */

/* What is cleared away was in no rpmdb. */
static bool leaves(const struct change *c)
{
	return c->from && c->kind != CHANGE_CLEAR;
}

static int add_leaving(struct job *j, rpmts ts, uint32_t i, struct error *err)
{
	const struct pkg *from = j->changes->list.v[i].from;
	uint32_t instance = mapped(j, from->instance);
	cleanup_header Header h = header_at(ts, instance);

	if (!h || rpmtsAddEraseElement(ts, h, (int)instance))
		return err_set(err, ERR_FAILED, "librpm does not find %s in the rpmdb",
			       from->nevra);
	return 0;
}

/* The name of the element that came last, if one came. */
static char *newest_element(rpmts ts, int before)
{
	int n = rpmtsNElements(ts);

	return n > before ? xstrdup(rpmteNEVRA(rpmtsElement(ts, n - 1))) : NULL;
}

/*
 * librpm 6 takes no header for a transaction that has no region, as none had of rpm 3 (lib/depends.cc: addPackage()).
 * What it depends on is the same with one. Takes h.
 */
static Header with_region(Header h)
{
	return !h || headerIsEntry(h, RPMTAG_HEADERIMMUTABLE)
		       ? h
		       : headerReload(h, RPMTAG_HEADERIMMUTABLE);
}

static int add_arriving(struct job *j, rpmts ts, uint32_t i, struct error *err)
{
	const struct pkg *to = j->changes->list.v[i].to;
	cleanup_close int fd = j->open_pkg(j->ctx, i, err);
	cleanup_header Header h = NULL;
	int before = rpmtsNElements(ts);

	if (fd < 0 || hdr_read_file(fd, to->nevra, &h, err))
		return -1;
	h = with_region(h);
	/* not as an upgrade: that would remove what the changes do not name */
	if (!h || rpmtsAddInstallElement(ts, h, NULL, 0, NULL))
		return err_set(err, ERR_FAILED, "librpm does not take %s", to->nevra);
	j->arriving[i] = newest_element(ts, before);
	if (!j->arriving[i])
		log_debug("%s and another arriving package obsolete one another",
			  to->nevra);
	return 0;
}

static uint32_t arriving_index(const struct job *j, const char *who)
{
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->arriving[i] && strcmp(j->arriving[i], who) == 0)
			return i;
	return NO_INDEX;
}

static void collect(const struct job *j, rpmts ts, struct brokens *ret)
{
	rpmps ps = rpmtsProblems(ts);
	rpmpsi psi = rpmpsInitIterator(ps);
	rpmProblem p;

	while ((p = rpmpsiNext(psi))) {
		rpmProblemType type = rpmProblemGetType(p);
		const char *who = rpmProblemGetAltNEVR(p), *what = rpmProblemGetStr(p);
		struct broken *b;

		if ((type != RPMPROB_REQUIRES && type != RPMPROB_CONFLICT &&
		     type != RPMPROB_OBSOLETES) ||
		    !who || !what)
			continue;
		b = array_push(ret);
		b->type = type;
		/* librpm keeps it in the number that is a size for other kinds of problems */
		b->instance = (uint32_t)rpmProblemGetDiskNeed(p);
		b->who = xstrdup(who);
		b->what = xstrdup(what);
		b->change = b->instance ? NO_INDEX : arriving_index(j, who);
	}
	rpmpsFreeIterator(psi);
	rpmpsFree(ps);
}

/* --- which of them are old --------------------------------------------------------------------------- */

/* Whether an earlier one led to the same package. */
static bool was_added(const struct brokens *b, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (b->v[k].before && strcmp(b->v[k].before, b->v[i].before) == 0)
			return true;
	return false;
}

/*
 * Installs every package with a broken dependency, as it is now, over itself, nothing else changed: what
 * librpm then finds broken was broken before.
 */
static int look_before(const struct job *j, struct brokens *now, struct brokens *ret,
		       struct error *err)
{
	cleanup_ts rpmts ts = open_ts(j, err);

	if (!ts)
		return -1;
	for (uint32_t i = 0; i < now->n; i++) {
		struct broken *b = &now->v[i];
		const struct pkg *from =
			b->change != NO_INDEX ? j->changes->list.v[b->change].from : NULL;
		uint32_t instance = b->instance ? b->instance
				    : from	? mapped(j, from->instance)
						: 0;
		cleanup_header Header h = instance ? header_at(ts, instance) : NULL;
		cleanup_header Header copy = NULL;

		if (!h)
			continue;
		/* a copy has no number: to librpm it is new, and all its dependencies count */
		copy = with_region(headerCopy(h));
		if (!copy)
			continue;
		b->before = hdr_nevra_of_rpm(copy);
		if (!was_added(now, i))
			rpmtsAddInstallElement(ts, copy, NULL, 0, NULL);
	}
	rpmtsCheck(ts);
	collect(j, ts, ret);
	return 0;
}

/* "plain >= 2" and "plain = 1": what a package lacked before it lacks in any version. */
static bool same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, " ");

	return n == strcspn(b, " ") && strncmp(a, b, n) == 0;
}

static void mark_old(struct brokens *now, const struct brokens *before)
{
	for (uint32_t i = 0; i < now->n; i++) {
		struct broken *b = &now->v[i];

		for (uint32_t k = 0; k < before->n && b->before && !b->old; k++) {
			const struct broken *o = &before->v[k];

			b->old = o->type == b->type && same_name(o->what, b->what) &&
				 strcmp(o->who, b->before) == 0;
		}
	}
}

/* --- what is said about them --------------------------------------------------------------------------- */

static const char *who_of(const struct job *j, const struct broken *b)
{
	return b->change != NO_INDEX ? j->changes->list.v[b->change].to->nevra : b->who;
}

static char *text_of(const struct job *j, const struct broken *b)
{
	const char *who = who_of(j, b);

	switch (b->type) {
	case RPMPROB_CONFLICT:
		return xasprintf(
			b->old ? "%s conflicts with %s, as it did before"
			       : "%s conflicts with %s, which would be installed",
			who, b->what);
	case RPMPROB_OBSOLETES:
		return xasprintf(b->old ? "%s obsoletes %s, as it did before"
					: "%s obsoletes %s, which would be installed",
				 who, b->what);
	default: break;
	}
	if (strncmp(b->what, "rpmlib(", 7) == 0)
		return xasprintf(
			"%s needs %s, a feature that librpm %s of this host does not have",
			who, b->what, RPMVERSION);
	return xasprintf(b->old ? "%s needs %s, which no package provides, as before"
				: "%s needs %s, which no package would provide",
			 who, b->what);
}

/* For the parent: kind, severity, then two strings. */
static void put_broken(const struct job *j, const struct broken *b, struct buf *ret)
{
	cleanup_free char *text = text_of(j, b);
	bool lacks = strncmp(b->what, "rpmlib(", 7) == 0;

	buf_char(ret, b->old && !lacks ? 'o' : 'n');
	buf_add(ret, who_of(j, b), strlen(who_of(j, b)) + 1);
	buf_add(ret, text, strlen(text) + 1);
}

static int check(void *ctx, struct buf *ret, struct error *err)
{
	struct job *j = ctx;
	struct brokens now = {0}, before = {0};
	rpmts ts;

	j->arriving = xcalloc(j->changes->list.n + 1, sizeof(*j->arriving));
	if (make_indexed(j, err))
		return -1;
	librpm_macro_push("_dbpath", j->folder);
	ts = open_ts(j, err);
	if (!ts)
		return -1;
	for (uint32_t i = 0; i < j->changes->list.n; i++) {
		if (leaves(&j->changes->list.v[i]) && add_leaving(j, ts, i, err))
			return -1;
		if (j->changes->list.v[i].to && add_arriving(j, ts, i, err))
			return -1;
	}
	if (rpmtsCheck(ts))
		return err_set(err, ERR_FAILED, "librpm cannot check the dependencies");
	collect(j, ts, &now);
	if (now.n > 0 && look_before(j, &now, &before, err))
		return -1;
	mark_old(&now, &before);
	for (uint32_t i = 0; i < now.n; i++)
		put_broken(j, &now.v[i], ret);
	return 0;
}

static void take_problems(const struct buf *b, struct problems *ret)
{
	size_t at = 0;

	while (at < b->n) {
		bool old = b->s[at] == 'o';
		const char *who = b->s + at + 1;
		const char *text = who + strlen(who) + 1;

		problems_add(ret, old ? PROBLEM_DEPENDENCY_OLD : PROBLEM_DEPENDENCY,
			     old ? SEV_NOTE : SEV_REFUSE, who, "%s", text);
		at = (size_t)(text - b->s) + strlen(text) + 1;
	}
}

/* --- their order ---------------------------------------------------------------------------------------- */

/* As an upgrade where it is one, so that what goes comes right behind (lib/order.c). What that would remove
 * besides is none of the changes, and is left out later. */
static int add_ordered(struct job *j, rpmts ts, uint32_t i, struct error *err)
{
	const struct change *c = &j->changes->list.v[i];
	cleanup_close int fd = j->open_pkg(j->ctx, i, err);
	cleanup_header Header h = NULL;
	bool upgrade = c->from && !strcmp(c->from->id.name, c->to->id.name);

	if (fd < 0 || hdr_read_file(fd, c->to->nevra, &h, err))
		return -1;
	if (rpmtsAddInstallElement(ts, h, (fnpyKey)((uintptr_t)i + 1), upgrade, NULL))
		return err_set(err, ERR_FAILED, "librpm does not take %s", c->to->nevra);
	return 0;
}

static uint32_t leaving_index(const struct job *j, uint32_t instance)
{
	for (uint32_t i = 0; i < j->changes->list.n; i++) {
		const struct change *c = &j->changes->list.v[i];

		if (leaves(c) && mapped(j, c->from->instance) == instance)
			return i;
	}
	return NO_INDEX;
}

static int order(void *ctx, struct buf *ret, struct error *err)
{
	struct job *j = ctx;
	rpmts ts;

	if (make_indexed(j, err))
		return -1;
	librpm_macro_push("_dbpath", j->folder);
	ts = open_ts(j, err);
	if (!ts)
		return -1;
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->changes->list.v[i].to && add_ordered(j, ts, i, err))
			return -1;
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (leaves(&j->changes->list.v[i]) && add_leaving(j, ts, i, err))
			return -1;
	rpmtsOrder(ts); /* loops are no failure: rpm breaks them */
	for (int k = 0; k < rpmtsNElements(ts); k++) {
		rpmte te = rpmtsElement(ts, k);
		bool comes = rpmteType(te) == TR_ADDED;
		uint32_t i = comes ? (uint32_t)((uintptr_t)rpmteKey(te) - 1)
				   : leaving_index(j, (uint32_t)rpmteDBOffset(te));

		if (i >= j->changes->list.n)
			continue;
		buf_char(ret, comes ? '+' : '-');
		buf_add(ret, &i, sizeof(i));
	}
	return 0;
}

/* In a child; where librpm cannot index the database at its place, it gets a folder of that name to do so. */
static int run(struct job *j, const char *name,
	       int (*work)(void *, struct buf *, struct error *), struct buf *found,
	       struct error *err)
{
	struct child *c;
	int rc = -1;

	if ((j->db->backend != DB_SQLITE || !j->db->writable) &&
	    scratch_new(name, 2 * j->db->bytes + (16 << 20), &j->indexed, err))
		return -1;
	if (child_start(work, j, &c, err) == 0)
		rc = child_finish(c, SILENCE_SECONDS, found, err);
	scratch_free(j->indexed);
	return rc;
}

int db_check_order(struct db *db, const struct changes *changes, db_open_pkg_fn open_pkg,
		   void *ctx, struct change_order *ret, struct error *err)
{
	struct job j = {.db = db, .changes = changes, .open_pkg = open_pkg, .ctx = ctx};
	cleanup_buf struct buf found = {0};

	if (run(&j, "order", order, &found, err))
		return -1;
	for (size_t at = 0; at + 1 + sizeof(uint32_t) <= found.n;
	     at += 1 + sizeof(uint32_t)) {
		struct change_step *s = array_push(ret);

		s->comes = found.s[at] == '+';
		memcpy(&s->change, found.s + at + 1, sizeof(s->change));
		if (s->change >= changes->list.n)
			return err_set(err, ERR_FAILED, "librpm gives no order");
	}
	return 0;
}

int db_check_deps(struct db *db, const struct changes *changes, db_open_pkg_fn open_pkg,
		  void *ctx, struct problems *ret, struct error *err)
{
	struct job j = {.db = db, .changes = changes, .open_pkg = open_pkg, .ctx = ctx};
	cleanup_buf struct buf found = {0};

	if (changes->list.n == 0)
		return 0;
	if (run(&j, "deps", check, &found, err))
		return err_prefix(err, "checking the dependencies");
	take_problems(&found, ret);
	return 0;
}
