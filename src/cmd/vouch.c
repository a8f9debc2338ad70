/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who vouches for the packages that come. All that are not to be believed are told at once. */
#include "config.h"

#include "cmd/prepare.h"

int vouch_keys(struct session *s, struct keyring **ret, struct error *err)
{
	struct keyring *k = keyring_new();

	for (uint32_t i = 0; i < s->o->keys.n; i++) {
		if (keyring_add_path(k, s->o->keys.v[i], err) < 0) {
			if (err)
				err->kind = ERR_USAGE;
			keyring_free(k);
			return -1;
		}
	}
	*ret = k;
	return 0;
}

static int open_arriving(void *ctx, uint32_t i, struct error *err)
{
	const struct prepared *p = ctx;
	const struct change *c = &p->outcome.changes.list.v[i];

	return sources_open_package(&p->sources, (uint32_t)c->source, c->location, err);
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
		return err_set(err, ERR_UNTRUSTED,
			       "%s: no trusted key was given, and this system has none of its own; "
			       "name one with --key FILE, or trust those of the root with "
			       "--trust-root-keys",
			       counts);
	return err_set(err, ERR_UNTRUSTED, "%s; nothing was changed", counts);
}

int vouch(struct session *s, struct prepared *p, struct error *err)
{
	struct changes *changes = &p->outcome.changes;
	cleanup_free uint32_t *which = xcalloc(changes->list.n + 1, sizeof(*which));
	cleanup_free struct trust_report *reports = NULL;
	uint32_t n = 0;
	int rc;

	if (keyring_add_host(p->keyring, err) < 0 ||
	    keyring_add_root(p->keyring, p->root, p->db, s->o->trust_root_keys, err) < 0)
		return -1;
	for (uint32_t i = 0; i < changes->list.n; i++) {
		if (changes->list.v[i].to)
			which[n++] = i;
	}
	reports = xcalloc(n + 1, sizeof(*reports));
	rc = trust_check_many(p->keyring, which, n, open_arriving, p, &s->observer, reports, err);
	for (uint32_t i = 0; i < n; i++) {
		if (rc == 0)
			judge(s, &changes->list.v[which[i]], &reports[i]);
		trust_report_release(&reports[i]);
	}
	if (rc < 0)
		return -1;
	return s->details.faults.n ? err_untrusted(s, p, err) : 0;
}
