/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "core/planning.h"

/*
 * Files that the administrator chose not to have (documentation, languages, network shares) were
 * decided on by settings that need not be at hand now. What they came to is recorded in the rpmdb,
 * and is taken over: first file by file, then for files that only the arriving version has from
 * the package that it replaces (lib/transaction.c: skipInstallFiles() is the rule that made it).
 */
struct habits {
	uint32_t docs, docs_skipped;
	struct strlist langs_skipped, langs_present;
};

static bool is_plain_doc(const struct pkgfile *f)
{
	return (f->flags & FILE_DOC) && !(f->flags & (FILE_LICENSE | FILE_CONFIG));
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

static void learn(struct habits *h, const struct pkg *p)
{
	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];
		bool skipped = f->state == STATE_NOTINSTALLED;

		if (f->state != STATE_NORMAL && !skipped)
			continue;
		if (is_plain_doc(f) && (f->mode & 0170000) != 0040000) {
			h->docs++;
			h->docs_skipped += skipped;
		} else if (f->langs[0]) {
			add_langs(skipped ? &h->langs_skipped : &h->langs_present,
				  f->langs);
		}
	}
}

/* All of a file's languages are among those that are left out here. */
static bool langs_left_out(const struct habits *h, const char *langs)
{
	struct strlist l = {0};
	bool out = langs[0] != '\0';

	add_langs(&l, langs);
	for (uint32_t i = 0; i < l.n; i++)
		out &= strlist_has(&h->langs_skipped, l.v[i]) &&
		       !strlist_has(&h->langs_present, l.v[i]);
	strlist_release(&l);
	return out;
}

static bool dir_is_netshared(const struct pkg *from, const struct pkgfile *f)
{
	for (uint32_t i = 0; from && i < from->files.n; i++)
		if (from->files.v[i].state == STATE_NETSHARED &&
		    strcmp(from->files.v[i].dir, f->dir) == 0)
			return true;
	return false;
}

static void habits_release(struct habits *h)
{
	strlist_release(&h->langs_skipped);
	strlist_release(&h->langs_present);
}

/* Files of the same path in the version that goes hand their state on. */
static void take_over(struct planning *g, const struct slot *s, bool **known)
{
	const struct claim *cl = g->layout->claims.v + s->first;

	for (uint32_t i = 0; i < s->n; i++) {
		for (uint32_t k = 0; k < s->n && cl[i].side == SIDE_ARRIVING; k++) {
			uint8_t was = planning_file(g, &cl[k])->state;

			if (cl[k].side != SIDE_LEAVING || cl[k].owner != cl[i].owner)
				continue;
			known[cl[i].owner][cl[i].file] = true;
			if (was == STATE_NOTINSTALLED || was == STATE_NETSHARED)
				g->states[cl[i].owner][cl[i].file] = was;
		}
	}
}

/* Files that the version that goes did not have. */
static void infer_new(struct planning *g, uint32_t change, const struct habits *all,
		      const bool *known)
{
	const struct change *x = &g->changes->list.v[change];
	struct habits own = {0};
	const struct habits *docs = all;

	if (x->from)
		learn(&own, x->from);
	if (own.docs)
		docs = &own;
	for (uint32_t i = 0; i < x->to->files.n; i++) {
		const struct pkgfile *f = &x->to->files.v[i];
		uint8_t *state = &g->states[change][i];

		if (known[i])
			continue;
		if (dir_is_netshared(x->from, f))
			*state = STATE_NETSHARED;
		else if (is_plain_doc(f) && docs->docs &&
			 docs->docs == docs->docs_skipped)
			*state = STATE_NOTINSTALLED;
		else if (!(f->flags & FILE_LICENSE) && langs_left_out(all, f->langs))
			*state = STATE_NOTINSTALLED;
	}
	habits_release(&own);
}

void states_infer(struct planning *g)
{
	uint32_t n = g->changes->list.n;
	struct habits all = {0};
	bool **known = xcalloc(n + 1, sizeof(*known));
	const struct slot *s;

	for (uint32_t k = 0; k < g->staying->n; k++)
		learn(&all, g->staying->v[k]);
	g->states = xcalloc(n + 1, sizeof(*g->states));
	for (uint32_t c = 0; c < n; c++) {
		const struct change *x = &g->changes->list.v[c];

		if (x->from)
			learn(&all, x->from);
		g->states[c] = xcalloc(x->to ? x->to->files.n + 1 : 1, 1);
		known[c] = xcalloc(x->to ? x->to->files.n + 1 : 1, sizeof(bool));
	}
	array_foreach(s, &g->layout->slots)
		take_over(g, s, known);
	for (uint32_t c = 0; c < n; c++) {
		if (g->changes->list.v[c].to)
			infer_new(g, c, &all, known[c]);
		free(known[c]);
	}
	free(known);
	habits_release(&all);
}
