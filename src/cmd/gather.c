/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/gather.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "rpm/trust.h"

enum gather_state {
	STATE_OPEN,    /* the place it is at was not tried yet */
	STATE_TAKEN,   /* it is in the kit */
	STATE_MISSING, /* no place is left */
};

struct gather_item {
	char *what;
	const struct candidate **places; /* the best first */
	uint32_t n, at;
	enum gather_state state;
	struct strlist why; /* of each place that was of no use */
	/* what is whole, and signed by nobody who is trusted, is taken where there is nothing else */
	const struct candidate *doubtful;
	struct trust_report doubt;
};

static void item_release(struct gather_item *i)
{
	free(i->what);
	free(i->places);
	strlist_release(&i->why);
	trust_report_release(&i->doubt);
}

void gather_release(struct gathering *g)
{
	for (uint32_t i = 0; i < g->items.n; i++)
		item_release(&g->items.v[i]);
	array_release(&g->items);
	prepared_release(&g->p);
	store_free(g->store);
	kit_free(g->kit);
	arena_release(&g->mem);
}

/* --- what is wanted ----------------------------------------------------------------------------------------- */

static bool is_there(const struct gathering *g, const struct candidate *c)
{
	for (uint32_t i = 0; i < g->items.n; i++)
		if (g->items.v[i].n && g->items.v[i].places[0] == c)
			return true;
	return false;
}

static void add_place(const struct gathering *g, struct gather_item *i,
		      const struct candidate *c)
{
	if (sources_lend(&g->p.sources, c->source))
		strlist_take(&i->why,
			     xasprintf("%s: a donor has files, and no package to be "
				       "put into a kit",
				       c->location));
	else
		i->places[i->n++] = c;
}

void gather_add(struct gathering *g, const char *what, const struct candidate *best,
		const char *why)
{
	cleanup_free const struct candidate **found = NULL;
	uint32_t n = best ? sources_find(&g->p.sources, &best->pkg->id, &found) : 0;
	struct gather_item *i;

	if (best && is_there(g, best))
		return;
	i = array_push(&g->items);
	i->what = xstrdup(what);
	i->places = xcalloc(n + 1, sizeof(struct candidate *));
	if (best)
		add_place(g, i, best);
	for (uint32_t k = 0; k < n; k++)
		if (found[k] != best)
			add_place(g, i, found[k]);
	if (why)
		strlist_add(&i->why, why);
	i->state = i->n ? STATE_OPEN : STATE_MISSING;
}

static const struct candidate *place_of(const struct gather_item *i)
{
	return i->places[i->at];
}

/* On to the next place. */
static void go_on(struct gather_item *i)
{
	if (++i->at == i->n)
		i->state = STATE_MISSING;
}

static void go_on_for(struct gather_item *i, const char *why)
{
	cleanup_free char *bare = fetch_bare_url(why);

	strlist_add(&i->why, bare);
	go_on(i);
}

/* --- downloading -------------------------------------------------------------------------------------------- */

/* What none of the other packages would fare better with. */
static bool is_end(const struct error *why)
{
	return session_stopped() || why->kind == ERR_REFUSED || why->kind == ERR_LOCKED ||
	       why->sys == ENOSPC || why->sys == EDQUOT || why->sys == EROFS;
}

/* On to the next place with what turned out to be of no use in the one that was tried (source/bad.h), and for that
 * reason. Whether there was any. */
static bool pass_over(struct gathering *g, enum error_kind kind)
{
	bool any = false;
	struct gather_item *i;

	array_foreach(i, &g->items) {
		const struct bad *bad = i->state == STATE_OPEN
						? sources_bad(&g->p.sources, place_of(i))
						: NULL;

		if (!bad || bad->kind != kind)
			continue;
		go_on_for(i, bad->why);
		any = true;
	}
	return any;
}

/* Until what is open is there. */
static int download(struct gathering *g, struct error *err)
{
	cleanup_free struct wanted_package *v = xcalloc(g->items.n + 1, sizeof(*v));

	for (;;) {
		cleanup_error struct error why = ERROR_INIT;
		struct gather_item *i;
		uint32_t n = 0;

		array_foreach(i, &g->items) {
			if (i->state == STATE_OPEN)
				v[n++] = (struct wanted_package){place_of(i)->source,
								 place_of(i)->location};
		}
		if (sources_fetch(&g->p.sources, v, n, PART_ALL, &why) == 0)
			return 0;
		g->failed = true;
		/* of what is not trusted a plan may have found that out; it can be had nevertheless */
		if (is_end(&why) ||
		    (!pass_over(g, ERR_UNAVAILABLE) && !pass_over(g, ERR_UNTRUSTED))) {
			err_move(err, &why);
			return -1;
		}
	}
}

/* --- judging ------------------------------------------------------------------------------------------------ */

struct judging {
	const struct gathering *g;
	struct gather_item **v;
	const char **names;
	uint32_t n;
};

static int open_place(const struct gathering *g, const struct candidate *c,
		      struct error *err)
{
	return sources_open_package(&g->p.sources, c->source, c->location, err);
}

static int open_judged(void *ctx, uint32_t i, enum trust_depth *ret_depth,
		       struct error *err)
{
	const struct judging *j = ctx;

	*ret_depth = TRUST_PACKAGE;
	return open_place(j->g, place_of(j->v[i]), err);
}

static bool is_damaged(enum verdict v)
{
	return v == TRUST_BAD || v == TRUST_TRUNCATED || v == TRUST_NOT_A_PACKAGE;
}

static int take(struct gathering *g, struct gather_item *i, const struct candidate *c,
		struct error *err)
{
	const struct source *s = g->p.sources.v[c->source];
	cleanup_close int fd = open_place(g, c, err);
	bool is_own = s->ops == &kit_ops && !strcmp(s->spec + 4, g->kit->path);

	if (fd < 0 || (!is_own && kit_add_package(g->kit, fd, c->pkg->nevra, err)))
		return -1;
	g->bytes += (uint64_t)MAX(lseek(fd, 0, SEEK_END), 0);
	i->state = STATE_TAKEN;
	return 0;
}

static int judge(struct session *s, struct gathering *g, struct gather_item *i,
		 struct trust_report *t, struct error *err)
{
	const struct candidate *c = place_of(i);

	if (is_damaged(t->verdict)) {
		cleanup_free char *why = xasprintf("%s: %s", c->location, t->text);

		go_on_for(i, why);
		return 0;
	}
	/* without keys there is nobody to be trusted, and nothing to go by */
	if (t->verdict == TRUST_OK || !keyring_count(g->p.keyring) ||
	    (t->verdict == TRUST_UNSIGNED && s->o->allow_unsigned))
		return take(g, i, c, err);
	if (!i->doubtful) {
		i->doubtful = c;
		i->doubt = *t;
		*t = (struct trust_report){0};
	}
	go_on(i);
	return 0;
}

static int judge_all(struct session *s, struct gathering *g, struct judging *j,
		     struct error *err)
{
	cleanup_free struct trust_report *reports = xcalloc(j->n + 1, sizeof(*reports));
	int rc = 0;

	if (trust_check_many(g->p.keyring, open_judged, j, j->names, j->n, reports,
			     &s->observer, err) < 0)
		return -1;
	for (uint32_t i = 0; i < j->n; i++) {
		if (rc == 0 && session_stopped())
			rc = session_err_stopped(err);
		if (rc == 0)
			rc = judge(s, g, j->v[i], &reports[i], err);
		trust_report_release(&reports[i]);
	}
	return rc;
}

/* What is open and there. */
static int judge_open(struct session *s, struct gathering *g, struct error *err)
{
	cleanup_free struct gather_item **v = xcalloc(g->items.n + 1, sizeof(*v));
	cleanup_free const char **names = xcalloc(g->items.n + 1, sizeof(*names));
	struct judging j = {g, v, names, 0};
	struct gather_item *i;

	array_foreach(i, &g->items) {
		cleanup_error struct error why = ERROR_INIT;
		cleanup_close int fd =
			i->state == STATE_OPEN ? open_place(g, place_of(i), &why) : -1;

		if (fd >= 0) {
			names[j.n] = place_of(i)->pkg->nevra;
			v[j.n++] = i;
		} else if (i->state == STATE_OPEN) {
			go_on_for(i, why.msg);
		}
	}
	return judge_all(s, g, &j, err);
}

/* --- all of it ---------------------------------------------------------------------------------------------- */

static bool is_open(const struct gathering *g)
{
	const struct gather_item *i;

	array_foreach(i, &g->items) {
		if (i->state == STATE_OPEN)
			return true;
	}
	return false;
}

static int open_kit(struct session *s, struct gathering *g, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/downloads", s->o->to);

	if (kit_open(s->o->to, &g->kit, err) < 0)
		return -1;
	if (s->o->cache)
		return 0;
	if (store_at(g->kit->downloads, path, &g->store, err))
		return -1;
	g->p.env.packages = g->store;
	return 0;
}

static int finish(struct session *s, struct gathering *g, struct error *err)
{
	struct gather_item *i;

	array_foreach(i, &g->items) {
		if (i->state == STATE_MISSING && i->doubtful &&
		    take(g, i, i->doubtful, err) < 0)
			return -1;
		if (i->state == STATE_MISSING)
			kit_add_missing(g->kit, i->what,
					i->why.n ? i->why.v[i->why.n - 1] : NULL);
	}
	for (uint32_t k = 0; k < s->o->keys.n; k++)
		if (kit_add_keys(g->kit, s->o->keys.v[k], err))
			return -1;
	if (g->store)
		store_empty(g->store, g->failed);
	return kit_finish(g->kit, err);
}

int gather(struct session *s, struct gathering *g, struct error *err)
{
	if (open_kit(s, g, err) < 0)
		return -1;
	while (is_open(g))
		if (download(g, err) < 0 || judge_open(s, g, err) < 0)
			return -1;
	return finish(s, g, err);
}

uint32_t gather_count(const struct gathering *g)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->items.n; i++)
		n += g->items.v[i].state == STATE_TAKEN;
	return n;
}

/* --- what is wrong with it ---------------------------------------------------------------------------------- */

static void add_fault(struct details *d, const struct gather_item *i)
{
	const char *verdict = verdict_name(i->doubt.verdict);
	struct package_fault f = {
		.package = arena_strdup(&d->mem, i->doubtful->pkg->nevra),
		.location = arena_strdup(&d->mem, i->doubtful->location),
		.verdict = verdict,
		.text = arena_strdup(&d->mem, i->doubt.text ? i->doubt.text : verdict),
	};

	array_add(&d->faults, f);
}

static void list_places(const struct gathering *g, struct strlist *ret)
{
	sources_say_where(&g->p.sources, ret);
	for (uint32_t i = 0; i < g->p.sources.n; i++) {
		const struct source *v = g->p.sources.v[i];

		for (uint32_t k = 0; k < v->remarks.n; k++)
			strlist_take(ret, xasprintf("(of no use) %s", v->remarks.v[k]));
	}
}

static void list_missing(const struct gathering *g, struct details *d)
{
	const struct gather_item *i;

	array_foreach(i, &g->items) {
		if (i->state == STATE_MISSING)
			strlist_add(&d->missing, i->what);
	}
	list_places(g, &d->looked_at);
	array_foreach(i, &g->items) {
		for (uint32_t k = 0; k < i->why.n && i->state == STATE_MISSING; k++)
			strlist_take(&d->looked_at, xasprintf("(of no use) %s: %s",
							      i->what, i->why.v[k]));
	}
}

int gather_err(struct session *s, const struct gathering *g, struct error *err)
{
	uint32_t n = gather_count(g), missing = g->items.n - n, doubtful;
	struct details *d = &s->details;
	const struct gather_item *i;

	array_foreach(i, &g->items) {
		if (i->state == STATE_TAKEN && i->at == i->n)
			add_fault(d, i);
	}
	doubtful = d->faults.n;
	if (missing) {
		list_missing(g, d);
		return err_set(
			err, ERR_UNAVAILABLE,
			"%u of %u wanted packages %s not to be had%s; name more places with "
			"--from, and fetch into '%s' again",
			missing, g->items.n, missing == 1 ? "is" : "are",
			n ? ", the others are there" : "", s->o->to);
	}
	if (doubtful)
		return err_set(
			err, ERR_UNTRUSTED,
			"%u of %u packages in '%s' cannot be trusted with the keys given; name "
			"others with --key, or more places with --from, and fetch into it again",
			doubtful, n, s->o->to);
	return 0;
}
