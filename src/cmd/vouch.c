/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who vouches for the packages that come. All that are not to be believed are told at once. */
#include "config.h"

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

/* The changes that bring a package, by the numbers that trust_check_many() goes by. */
struct arrivals {
	const struct prepared *p;
	uint32_t *which;
	const char **names;
	uint32_t n;
};

/* downloads: only those that are downloaded */
static void arrivals_of(const struct prepared *p, bool downloads, struct arrivals *ret)
{
	const struct changes *changes = &p->outcome.changes;

	*ret = (struct arrivals){
		.p = p,
		.which = xcalloc(changes->list.n + 1, sizeof(*ret->which)),
		.names = xcalloc(changes->list.n + 1, sizeof(*ret->names))};
	for (uint32_t i = 0; i < changes->list.n; i++) {
		const struct change *c = &changes->list.v[i];

		if (!c->to ||
		    (downloads && !sources_download(&p->sources, (uint32_t)c->source)))
			continue;
		if (!downloads && (c->signer || c->unsigned_allowed))
			continue; /* it was judged before the closure came to */
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

static void add_fault(struct session *s, const struct change *c, enum verdict verdict,
		      const char *text)
{
	struct details *d = &s->details;
	struct package_fault f = {
		.package = arena_strdup(&d->mem, c->to->nevra),
		.location = arena_strdup(&d->mem, c->location),
		.verdict = verdict_name(verdict),
		.text = arena_strdup(&d->mem, text ? text : verdict_name(verdict)),
	};

	array_add(&d->faults, f);
}

static void judge(struct session *s, struct change *c, struct trust_report *t)
{
	if (t->verdict == TRUST_OK) {
		free(c->signer);
		c->signer = steal_ptr(t->signer);
		if (!c->signer)
			c->signer = steal_ptr(t->keyid);
	} else if (t->verdict == TRUST_UNSIGNED && s->o->allow_unsigned) {
		c->unsigned_allowed = true;
	} else {
		add_fault(s, c, t->verdict, t->text);
	}
}

static int err_untrusted(struct session *s, struct prepared *p, struct error *err)
{
	uint32_t n = s->details.faults.n;
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
		judge(s, &p->outcome.changes.list.v[a.which[i]], &reports[i]);
		trust_report_release(&reports[i]);
	}
	free(reports);
	free(a.which);
	free(a.names);
	if (rc < 0)
		return -1;
	return s->details.faults.n ? err_untrusted(s, p, err) : 0;
}

int vouch_files(struct session *s, struct prepared *p, struct error *err)
{
	struct lent_faults faults = {0};
	uint32_t n;

	if (lent_check(&p->plan, &p->sources, &s->observer, &p->plan.problems, &faults,
		       err) < 0) {
		lent_faults_release(&faults);
		return -1;
	}
	n = faults.n;
	for (uint32_t i = 0; i < n; i++)
		add_fault(s, &p->outcome.changes.list.v[faults.v[i].change], TRUST_BAD,
			  faults.v[i].text);
	lent_faults_release(&faults);
	if (!n)
		return 0;
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
