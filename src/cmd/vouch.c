/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who vouches for the packages that come. All that are not to be believed are told at once. */
#include "config.h"

#include "base/strmap.h"
#include "check/lent.h"
#include "cmd/prepare.h"
#include "rpm/trust.h"

int vouch_keys(struct session *s, struct keyring **ret, struct error *err)
{
	struct keyring *k = keyring_new();

	for (uint32_t i = 0; i < s->o->keys.n; i++) {
		if (keyring_add_path(k, s->o->keys.v[i], err) < 0) {
			keyring_free(k);
			return -1;
		}
	}
	*ret = k;
	return 0;
}

int vouch_more_keys(struct session *s, struct prepared *p, struct error *err)
{
	if (keyring_add_host(p->keyring, err) < 0)
		return -1;
	return keyring_add_root(p->keyring, p->root, p->db, s->o->trust_root_keys, err);
}

/* --- what was judged already ------------------------------------------------------------------------------------- */

struct vouched_one {
	enum verdict verdict;
	const char *signer, *text; /* NULL: none */
	bool as_download;	   /* once it was all there */
};
struct vouched {
	struct arena mem;
	struct strmap at; /* source and location -> index of list */
	ARRAY(struct vouched_one) list;
};

void vouched_free(struct vouched *v)
{
	if (!v)
		return;
	strmap_release(&v->at);
	array_release(&v->list);
	arena_release(&v->mem);
	free(v);
}

static struct vouched_one *vouched_find(const struct prepared *p, uint32_t source,
					const char *location)
{
	cleanup_free char *key = xasprintf("%u %s", source, location);
	uint32_t i;

	return p->vouched && strmap_get(&p->vouched->at, key, &i) ? &p->vouched->list.v[i]
								  : NULL;
}

static struct vouched_one *vouched_note(struct prepared *p, const struct change *c,
					enum verdict verdict, const char *signer,
					const char *text)
{
	struct vouched_one *one = vouched_find(p, (uint32_t)c->source, c->location);
	struct vouched *v;

	if (!p->vouched)
		p->vouched = xcalloc(1, sizeof(*p->vouched));
	v = p->vouched;
	if (!one) {
		strmap_set(
			&v->at,
			arena_printf(&v->mem, "%u %s", (uint32_t)c->source, c->location),
			v->list.n);
		one = array_push(&v->list);
	}
	one->verdict = verdict;
	one->signer = signer ? arena_strdup(&v->mem, signer) : NULL;
	one->text = text ? arena_strdup(&v->mem, text) : NULL;
	return one;
}

/* --- judging ------------------------------------------------------------------------------------------------------- */

/* The changes that bring a package, by the numbers that trust_check_many() goes by. */
struct arrivals {
	const struct prepared *p;
	uint32_t *which;
	const char **names;
	uint32_t n;
};

/* Which are to be judged. downloads: only those that are downloaded */
static void arrivals_of(const struct prepared *p, bool downloads, struct arrivals *ret)
{
	const struct changes *changes = &p->outcome.changes;

	*ret = (struct arrivals){
		.p = p,
		.which = xcalloc(changes->list.n + 1, sizeof(*ret->which)),
		.names = xcalloc(changes->list.n + 1, sizeof(*ret->names))};
	for (uint32_t i = 0; i < changes->list.n; i++) {
		const struct change *c = &changes->list.v[i];
		const struct vouched_one *one;

		if (!c->to ||
		    (downloads && !sources_download(&p->sources, (uint32_t)c->source)))
			continue;
		one = vouched_find(p, (uint32_t)c->source, c->location);
		if (one && (one->as_download || !downloads))
			continue;
		ret->names[ret->n] = changes->list.v[i].to->nevra;
		ret->which[ret->n++] = i;
	}
}

static int open_arriving(void *ctx, uint32_t i, enum trust_depth *ret_depth,
			 struct error *err)
{
	const struct arrivals *a = ctx;
	const struct change *c = &a->p->outcome.changes.list.v[a->which[i]];

	if (sources_lend(&a->p->sources, (uint32_t)c->source) ||
	    sources_have_headers_only(&a->p->sources, (uint32_t)c->source, c->location))
		*ret_depth = TRUST_HEADER;
	return sources_open_package(&a->p->sources, (uint32_t)c->source, c->location,
				    err);
}

static void add_fault(struct session *s, const char *nevra, const char *location,
		      enum verdict verdict, const char *text)
{
	struct details *d = &s->details;
	struct package_fault f = {
		.package = arena_strdup(&d->mem, nevra),
		.location = arena_strdup(&d->mem, location),
		.verdict = verdict_name(verdict),
		.text = arena_strdup(&d->mem, text ? text : verdict_name(verdict)),
	};

	array_add(&d->faults, f);
}

/* With other copies of it that were tried. */
static void add_faults(struct session *s, const struct prepared *p,
		       const struct change *c, const struct vouched_one *one)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = sources_find(&p->sources, &c->to->id, &found);

	add_fault(s, c->to->nevra, c->location, one->verdict, one->text);
	for (uint32_t i = 0; i < n; i++) {
		const struct vouched_one *other =
			vouched_find(p, found[i]->source, found[i]->location);

		if (other && other != one && sources_bad(&p->sources, found[i]))
			add_fault(s, c->to->nevra, found[i]->location, other->verdict,
				  other->text);
	}
}

/* Whether the sources have something else, of which nothing bad is known, in place of what comes. */
static bool other_is_left(const struct prepared *p, const struct change *c)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n =
		c->open ? sources_find_name(&p->sources, c->to->id.name, NULL, &found)
			: sources_find(&p->sources, &c->to->id, &found);

	for (uint32_t i = 0; i < n; i++)
		if (!sources_bad(&p->sources, found[i]))
			return true;
	return c->needed_by != NULL; /* by other packages, maybe */
}

/* False: it is not to be believed. */
static bool is_let_in(const struct session *s, struct change *c,
		      const struct vouched_one *one)
{
	free(c->signer);
	c->signer = one->verdict == TRUST_OK && one->signer ? xstrdup(one->signer) : NULL;
	c->unsigned_allowed = one->verdict == TRUST_UNSIGNED && s->o->allow_unsigned;
	return one->verdict == TRUST_OK || c->unsigned_allowed;
}

/* Whether there is news, and something else in its place. */
static bool condemn(const struct prepared *p, const struct change *c,
		    const struct vouched_one *one)
{
	return sources_condemn(&p->sources, (uint32_t)c->source, c->location,
			       ERR_UNTRUSTED,
			       one->text ? one->text : verdict_name(one->verdict)) &&
	       other_is_left(p, c);
}

static int err_untrusted(struct prepared *p, uint32_t n, struct error *err)
{
	cleanup_free char *counts = xasprintf("%u of %u packages cannot be trusted", n,
					      p->outcome.changes.arriving.n);

	if (!keyring_count(p->keyring))
		return err_set(
			err, ERR_UNTRUSTED,
			"%s: no trusted key was given, and this system has none of its own; "
			"name one with --key FILE, or trust those of the root with "
			"--trust-root-keys",
			counts);
	return err_set(err, ERR_UNTRUSTED, "%s; nothing was changed", counts);
}

/* What the verdicts on all that comes come to. */
static int conclude(struct session *s, struct prepared *p, struct error *err)
{
	bool others = false;
	struct change *c;
	uint32_t n = 0;

	s->details.faults.n = 0;
	array_foreach(c, &p->outcome.changes.list) {
		const struct vouched_one *one =
			c->to ? vouched_find(p, (uint32_t)c->source, c->location) : NULL;

		if (!one || is_let_in(s, c, one))
			continue;
		n++;
		add_faults(s, p, c, one);
		others |= condemn(p, c, one);
	}
	if (others && keyring_count(p->keyring))
		return 1;
	return n ? err_untrusted(p, n, err) : 0;
}

static int judge_all(struct session *s, struct prepared *p, bool downloads,
		     struct error *err)
{
	struct trust_report *reports;
	struct arrivals a;
	int rc;

	arrivals_of(p, downloads, &a);
	reports = xcalloc(a.n + 1, sizeof(*reports));
	rc = trust_check_many(p->keyring, open_arriving, &a, a.names, a.n, reports,
			      &s->observer, err);
	for (uint32_t i = 0; i < a.n && rc == 0; i++) {
		const struct trust_report *t = &reports[i];

		vouched_note(p, &p->outcome.changes.list.v[a.which[i]], t->verdict,
			     t->signer ? t->signer : t->keyid, t->text)
			->as_download = downloads;
		trust_report_release(&reports[i]);
	}
	free(reports);
	free(a.which);
	free(a.names);
	return rc < 0 ? -1 : conclude(s, p, err);
}

int vouch_files(struct session *s, struct prepared *p, struct error *err)
{
	struct lent_faults faults = {0};
	bool others = false;
	uint32_t n;

	if (lent_check(&p->plan, &p->sources, &s->observer, &p->plan.problems, &faults,
		       err) < 0) {
		lent_faults_release(&faults);
		return -1;
	}
	n = faults.n;
	for (uint32_t i = 0; i < n; i++) {
		const struct change *c = &p->outcome.changes.list.v[faults.v[i].change];

		add_fault(s, c->to->nevra, c->location, TRUST_BAD, faults.v[i].text);
		others |= condemn(p, c,
				  vouched_note(p, c, TRUST_BAD, NULL, faults.v[i].text));
	}
	lent_faults_release(&faults);
	if (!n || others)
		return n ? 1 : 0;
	return err_set(
		err, ERR_UNTRUSTED,
		"%u %s lent by a donor cannot be trusted; nothing was changed: leave "
		"the %s out with --exclude, or name a source that has it before the "
		"donor",
		n, n == 1 ? "file" : "files", n == 1 ? "package" : "packages");
}

int vouch(struct session *s, struct prepared *p, struct error *err)
{
	return judge_all(s, p, false, err);
}

int vouch_downloads(struct session *s, struct prepared *p, struct error *err)
{
	return judge_all(s, p, true, err);
}
