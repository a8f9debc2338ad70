/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "core/planning.h"

/*
 * Files that the administrator chose not to have (documentation, languages, network shares) were
 * decided on by settings that need not be at hand now. What they came to is recorded in the rpmdb,
 * and is taken over: first file by file, then for files that only the arriving version has from
 * what was left out elsewhere (lib/transaction.c: skipInstallFiles() is the rule that made it).
 */

/* What an installation can leave out as a kind; a licence is none of them. */
static const uint32_t kinds[] = {FILE_DOC, FILE_CONFIG, FILE_ARTIFACT};
struct counts {
	struct {
		uint32_t all, skipped;
	} of[ELEMENTSOF(kinds)];
};

struct habits {
	struct counts counts;
	struct strlist langs; /* of files that were left out for their language */
	struct strlist
		doc_langs; /* of documents that were: for their language, or as documents */
	struct strlist
		langs_present; /* wanted for sure: files of one language that are there */
	struct strmap shares;  /* packaged directory -> SHARED, LOCAL */
};
enum { SHARED = 1, LOCAL = 2 };

static bool is_doc(const struct pkgfile *f)
{
	return (f->flags & FILE_DOC) && !(f->flags & FILE_LICENSE);
}

static bool is_dir(const struct pkgfile *f)
{
	return ftype_of_mode(f->mode) == FT_DIR;
}

/* The kinds that a file is of, as a mask of FILE_*. */
static uint32_t kinds_of(const struct pkgfile *f)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		mask |= kinds[i];
	return f->flags & FILE_LICENSE ? 0 : f->flags & mask;
}

/* "de|fr" -> each added */
static void add_langs(struct strlist *l, const char *langs)
{
	while (*langs) {
		size_t n = strcspn(langs, "|");
		char *one = xstrndup(langs, n);

		if (n && !strlist_has(l, one))
			strlist_add(l, one);
		free(one);
		langs += n + (langs[n] == '|');
	}
}

/* What is of several kinds, or in one language, says of none why it was left out. */
static void learn_kinds(struct counts *c, const struct pkg *p)
{
	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];
		uint32_t mask = kinds_of(f);

		if (is_dir(f) || f->langs[0] ||
		    (f->state != STATE_NORMAL && f->state != STATE_NOTINSTALLED))
			continue;
		for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
			if (mask != kinds[k])
				continue;
			c->of[k].all++;
			c->of[k].skipped += f->state == STATE_NOTINSTALLED;
		}
	}
}

/* All that there is of a kind was left out. */
static bool is_left_out(const struct counts *c, size_t kind)
{
	return c->of[kind].all && c->of[kind].all == c->of[kind].skipped;
}

static void learn_langs(struct habits *h, const struct pkg *p)
{
	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];

		if (!f->langs[0] || (f->flags & FILE_LICENSE))
			continue;
		if (f->state == STATE_NOTINSTALLED)
			add_langs(is_doc(f) ? &h->doc_langs : &h->langs, f->langs);
		else if (f->state == STATE_NORMAL && !strchr(f->langs, '|'))
			add_langs(&h->langs_present, f->langs);
	}
}

/* Directories in which something lies on a share. Called for all packages, then again. */
static void learn_shares(struct habits *h, const struct pkg *p, bool again)
{
	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];
		uint32_t bits = 0;

		if (f->state == STATE_NETSHARED && !again)
			strmap_set(&h->shares, f->dir, SHARED);
		else if (f->state == STATE_NORMAL && again &&
			 strmap_get(&h->shares, f->dir, &bits))
			strmap_set(&h->shares, f->dir, bits | LOCAL);
	}
}

static void learn(struct planning *g, struct habits *h)
{
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < g->staying->n + g->changes->list.n; i++) {
			const struct change *x =
				i < g->staying->n
					? NULL
					: &g->changes->list.v[i - g->staying->n];
			const struct pkg *p = x ? x->from : g->staying->v[i];

			/* what never was installed was installed by no policy */
			if (!p || (x && x->kind == CHANGE_CLEAR))
				continue;
			learn_shares(h, p, pass);
			if (pass)
				continue;
			learn_kinds(&h->counts, p);
			learn_langs(h, p);
		}
		if (!h->shares.n)
			break;
	}
	/* a document in a language that is there nowhere: what was it left out for? */
	if (!is_left_out(&h->counts, 0))
		for (uint32_t i = 0; i < h->doc_langs.n; i++)
			add_langs(&h->langs, h->doc_langs.v[i]);
}

static void habits_release(struct habits *h)
{
	strlist_release(&h->langs);
	strlist_release(&h->doc_langs);
	strlist_release(&h->langs_present);
	strmap_release(&h->shares);
}

/* All of a file's languages are among those that are left out here. */
static bool langs_left_out(const struct habits *h, const char *langs)
{
	struct strlist l = {0};
	bool out = langs[0] != '\0';

	add_langs(&l, langs);
	for (uint32_t i = 0; i < l.n; i++)
		out &= strlist_has(&h->langs, l.v[i]) &&
		       !strlist_has(&h->langs_present, l.v[i]);
	strlist_release(&l);
	return out;
}

/* The directory, or the nearest one above of which anything is known, is on a share. */
static bool is_on_share(const struct habits *h, const char *dir)
{
	cleanup_free char *up = NULL;
	uint32_t bits;
	size_t n;

	if (!h->shares.n)
		return false;
	up = xstrdup(dir);
	for (n = strlen(up); n; up[n] = '\0') {
		if (strmap_get(&h->shares, up, &bits))
			return bits == SHARED;
		/* "/usr/share/" -> "/usr/" */
		for (n--; n && up[n - 1] != '/'; n--)
			;
	}
	return false;
}

static bool is_elsewhere(uint8_t state)
{
	return state == STATE_NOTINSTALLED || state == STATE_NETSHARED;
}

/* Whether rpm left the file out for its colour alone, and not for one of another colour. */
static bool is_out_of_color(const struct planning *g, const struct slot *s,
			    const struct pkgfile *f)
{
	const struct claim *cl = g->layout->claims.v + s->first;

	if (f->state != STATE_WRONGCOLOR)
		return false;
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t color = planning_file(g, &cl[i])->color;

		if (color && color != f->color)
			return false;
	}
	return true;
}

/* What would leave the one out would leave out the other: not so for what becomes a document, or
 * configuration, or one of another language. */
static bool is_of_kind(const struct pkgfile *a, const struct pkgfile *b)
{
	return kinds_of(a) == kinds_of(b) && strcmp(a->langs, b->langs) == 0;
}

/* Files of the same path in versions that go hand their state on: the one that is replaced, or
 * else, where a file moves between packages, what all that had it agree on. */
static void take_over(struct planning *g, const struct slot *s, const struct claim *c,
		      bool **known)
{
	const struct claim *cl = g->layout->claims.v + s->first;
	uint8_t own = STATE_NORMAL, others = STATE_NORMAL;
	bool is_own = false, is_there = false;

	for (uint32_t k = 0; k < s->n; k++) {
		const struct pkgfile *was = planning_file(g, &cl[k]);
		uint8_t state = was->state;

		if (cl[k].side != SIDE_LEAVING ||
		    (state != STATE_NETSHARED &&
		     !is_of_kind(was, planning_file(g, c))))
			continue;
		known[c->owner][c->file] = true;
		is_there |= state == STATE_NORMAL;
		if (!is_elsewhere(state) && !is_out_of_color(g, s, was))
			state = STATE_NORMAL;
		others = MAX(others, state);
		if (cl[k].owner == c->owner) {
			is_own = true;
			own = state;
		}
	}
	if (is_own)
		g->states[c->owner][c->file] = own;
	else if (!is_there)
		g->states[c->owner][c->file] = others;
}

/* Files that the version that goes did not have. */
static void infer_new(struct planning *g, uint32_t change, const struct habits *h,
		      const bool *known)
{
	const struct change *x = &g->changes->list.v[change];
	struct counts own = {0};
	uint32_t out = 0;

	if (x->from)
		learn_kinds(&own, x->from);
	for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
		if (is_left_out(own.of[k].all ? &own : &h->counts, k))
			out |= kinds[k];
	for (uint32_t i = 0; i < x->to->files.n; i++) {
		const struct pkgfile *f = &x->to->files.v[i];
		uint8_t *state = &g->states[change][i];

		if (known[i])
			continue;
		if (is_on_share(h, f->dir))
			*state = STATE_NETSHARED;
		else if (f->flags & FILE_LICENSE)
			continue;
		else if (kinds_of(f) & out)
			*state = STATE_NOTINSTALLED;
		else if (langs_left_out(h, f->langs))
			*state = STATE_NOTINSTALLED;
	}
}

/* One of the directories that a package's files lie in. */
struct dir_count {
	const char *dir;
	uint32_t there, skipped;
	uint32_t entry; /* the file that is this directory; NO_INDEX */
};
struct dir_counts {
	ARRAY(struct dir_count) list;
	struct strmap by_name;
};

static struct dir_count *count_of(struct dir_counts *d, const char *dir)
{
	uint32_t i;

	if (!strmap_get(&d->by_name, dir, &i)) {
		array_add(&d->list, (struct dir_count){.dir = dir, .entry = NO_INDEX});
		i = d->list.n - 1;
		strmap_set(&d->by_name, dir, i);
	}
	return &d->list.v[i];
}

/* Directories in which all that the package has is left out are left out as well, whatever was there before. */
static void skip_empty_dirs(struct planning *g, uint32_t change)
{
	const struct pkg *p = g->changes->list.v[change].to;
	uint8_t *states = g->states[change];
	struct dir_counts d = {0};

	for (uint32_t i = 0; i < p->files.n; i++) {
		struct dir_count *n = count_of(&d, p->files.v[i].dir);

		if (states[i] != STATE_NORMAL)
			n->skipped++;
		else
			n->there++;
	}
	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];
		cleanup_free char *name = NULL;
		uint32_t at;

		if (!is_dir(f) || states[i] != STATE_NORMAL)
			continue;
		name = xasprintf("%s%s/", f->dir, f->base);
		if (strmap_get(&d.by_name, name, &at))
			d.list.v[at].entry = i;
	}
	/* names ascend in a header, so what lies beneath comes first here */
	for (uint32_t i = d.list.n; i-- > 0;) {
		const struct dir_count *n = &d.list.v[i];
		struct dir_count *up;

		if (n->there || !n->skipped || n->entry == NO_INDEX)
			continue;
		states[n->entry] = STATE_NOTINSTALLED;
		up = count_of(&d, p->files.v[n->entry].dir);
		up->there--;
		up->skipped++;
	}
	strmap_release(&d.by_name);
	array_release(&d.list);
}

void states_infer(struct planning *g)
{
	uint32_t n = g->changes->list.n;
	struct habits h = {0};
	bool **known = xcalloc(n + 1, sizeof(*known));
	const struct claim *c;

	learn(g, &h);
	g->states = xcalloc(n + 1, sizeof(*g->states));
	for (uint32_t i = 0; i < n; i++) {
		const struct pkg *to = g->changes->list.v[i].to;

		g->states[i] = xcalloc(to ? to->files.n + 1 : 1, 1);
		known[i] = xcalloc(to ? to->files.n + 1 : 1, sizeof(bool));
	}
	array_foreach(c, &g->layout->claims)
		if (c->side == SIDE_ARRIVING)
			take_over(g, &g->layout->slots.v[c->slot], c, known);
	for (uint32_t i = 0; i < n; i++) {
		if (g->changes->list.v[i].to) {
			infer_new(g, i, &h, known[i]);
			skip_empty_dirs(g, i);
		}
		free(known[i]);
	}
	free(known);
	habits_release(&h);
}
