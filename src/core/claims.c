/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "core/planning.h"

/* The 64-bit file wins where both are wanted; rpm's default for %_prefer_color. */
#define PREFERRED_COLOR 2

/* Packaged files that cannot be told apart (lib/rpmfi.c: rpmfilesCompare()). */
static bool same_packaged(const struct planning *g, const struct claim *ca,
			  const struct claim *cb)
{
	const struct pkgfile *a = planning_file(g, ca), *b = planning_file(g, cb);
	enum ftype t = ftype_of_mode(a->mode);

	if ((a->flags | b->flags) & FILE_GHOST)
		return true;
	if (t != ftype_of_mode(b->mode))
		return false;
	/* rpm stops for attributes of shared directories as well; here nothing is lost by them */
	if (t == FT_DIR)
		return true;
	if (strcmp(a->user, b->user) != 0 || strcmp(a->group, b->group) != 0)
		return false;
	if (t == FT_LNK)
		return strcmp(a->link, b->link) == 0;
	if (a->mode != b->mode)
		return false;
	if (t == FT_REG)
		return a->size == b->size &&
		       planning_pkg(g, ca)->digest_algo ==
			       planning_pkg(g, cb)->digest_algo &&
		       a->digest_len == b->digest_len &&
		       (a->digest_len == 0 ||
			memcmp(a->digest, b->digest, a->digest_len) == 0);
	return (t != FT_CHR && t != FT_BLK) || (a->rdev & 0xffff) == (b->rdev & 0xffff);
}

static void set_state(struct planning *g, const struct claim *c, uint8_t state)
{
	if (c->side == SIDE_ARRIVING)
		g->states[c->owner][c->file] = state;
	else
		array_add(&g->plan->states,
			  (struct state_fix){SIDE_STAYING,
					     g->staying->v[c->owner]->instance, c->file,
					     state});
}

/* A claim that puts something on the disk. */
static bool is_active(const struct planning *g, const struct claim *c)
{
	return c->side != SIDE_LEAVING && planning_state(g, c) == STATE_NORMAL &&
	       !(planning_file(g, c)->flags & FILE_GHOST);
}

/* What the package that goes has at the path where the one that comes for it has c. */
static const struct claim *predecessor(const struct planning *g, const struct slot *s,
				       const struct claim *c)
{
	const struct claim *cl = g->layout->claims.v + s->first, *found = NULL;
	const struct pkgfile *f = planning_file(g, c);

	for (uint32_t i = 0; c->side == SIDE_ARRIVING && i < s->n; i++) {
		const struct pkgfile *was = planning_file(g, &cl[i]);

		if (cl[i].side != SIDE_LEAVING || cl[i].owner != c->owner)
			continue;
		if (strcmp(was->base, f->base) == 0 && strcmp(was->dir, f->dir) == 0)
			return &cl[i]; /* one package may have two names for a path */
		found = &cl[i];
	}
	return found;
}

/* Whether the two claimed the path with different content before: the answer was given then. */
static bool conflict_is_old(const struct planning *g, const struct slot *s,
			    const struct claim *a, const struct claim *b)
{
	const struct claim *was_a = a->side == SIDE_STAYING ? a : predecessor(g, s, a);
	const struct claim *was_b = b->side == SIDE_STAYING ? b : predecessor(g, s, b);

	return was_a && was_b && !same_packaged(g, was_a, was_b);
}

static bool was_replaced(const struct planning *g, const struct slot *s,
			 const struct claim *c)
{
	const struct claim *was = predecessor(g, s, c);

	return was && planning_file(g, was)->state == STATE_REPLACED;
}

static void conflict(struct planning *g, const struct slot *s, const struct claim *winner,
		     const struct claim *loser)
{
	cleanup_free char *path = NULL;

	if (g->policy->replacefiles || conflict_is_old(g, s, winner, loser))
		return;
	path = quoted(s->path);
	problems_add(
		&g->plan->problems, PROBLEM_FILE_CONFLICT, SEV_REFUSE, s->path,
		"'/%s' of %s conflicts with the one of %s; --replacefiles puts the former "
		"in its place",
		path, planning_pkg(g, winner)->nevra, planning_pkg(g, loser)->nevra);
}

/* Two active claims of different content: which of them is it? (handleColorConflict(),
 * handleOverlappedFiles(), handleInstInstalledFile() of lib/transaction.c) */
static const struct claim *contest(struct planning *g, const struct slot *s,
				   const struct claim *a, const struct claim *b)
{
	const struct pkgfile *fa = planning_file(g, a), *fb = planning_file(g, b);

	if (a->side == SIDE_STAYING && b->side == SIDE_STAYING)
		return a; /* not our doing */
	if (fa->color && fb->color && fa->color != fb->color &&
	    ((fa->color | fb->color) & PREFERRED_COLOR)) {
		const struct claim *winner = fa->color & PREFERRED_COLOR ? a : b;

		set_state(g, winner == a ? b : a, STATE_WRONGCOLOR);
		return winner;
	}
	/* another package's file had taken the path over, and that stays so (rpm refuses), unless it is to give way */
	if (!g->policy->replacefiles && was_replaced(g, s, a) != was_replaced(g, s, b)) {
		const struct claim *winner = was_replaced(g, s, a) ? b : a;

		set_state(g, winner == a ? b : a, STATE_REPLACED);
		return winner;
	}
	if (a->side == b->side) {
		conflict(g, s, b, a);
		return b; /* rpm installs in order, and the later one is what remains */
	}
	if (a->side == SIDE_STAYING) {
		const struct claim *swap = a;

		a = b;
		b = swap;
	}
	conflict(g, s, a, b);
	if (!((fa->flags | fb->flags) & FILE_CONFIG))
		set_state(g, b, STATE_REPLACED);
	return a;
}

/* Of an update that was cut off two versions go; the one whose configuration file it is on the disk
 * says whether that was edited. */
static bool is_on_disk(const struct planning *g, const struct slot *s,
		       const struct claim *c)
{
	return fate_digest_matches(planning_file(g, c), planning_pkg(g, c)->digest_algo,
				   &s->fact);
}

/* Among the packages that go: the file that the winner replaces, else one that really was there;
 * rather a configuration file, rather no ghost. */
static uint32_t find_old(const struct planning *g, const struct slot *s, uint32_t want)
{
	const struct claim *cl = g->layout->claims.v, *own = NULL;
	uint32_t best = NO_INDEX;
	int best_rank = -1;
	bool config = false;

	if (want != NO_INDEX) {
		own = predecessor(g, s, &cl[want]);
		config = planning_file(g, &cl[want])->flags & FILE_CONFIG;
	}
	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		const struct pkgfile *f = planning_file(g, &cl[i]);
		int rank = 0;

		if (cl[i].side != SIDE_LEAVING || f->state == STATE_NOTINSTALLED)
			continue;
		if ((config || (f->flags & FILE_CONFIG)) && is_on_disk(g, s, &cl[i]))
			rank += 16;
		rank += own == &cl[i] ? 8 : 0;
		rank += f->state == STATE_NORMAL ? 4 : 0;
		rank += f->flags & FILE_GHOST ? 0 : 2;
		rank += f->flags & FILE_CONFIG ? 1 : 0;
		if (rank <= best_rank)
			continue;
		best = i;
		best_rank = rank;
	}
	return best;
}

/* A package that stays has the path, and one that goes had put its own there. */
static void check_overwritten(struct planning *g, const struct slot *s,
			      const struct claim *stays)
{
	const struct claim *cl = g->layout->claims.v + s->first;
	const struct pkgfile *f = planning_file(g, stays);
	cleanup_free char *path = NULL;

	if (ftype_of_mode(f->mode) == FT_DIR || (f->flags & (FILE_GHOST | FILE_CONFIG)))
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		if (cl[i].side != SIDE_LEAVING ||
		    planning_state(g, &cl[i]) != STATE_NORMAL ||
		    g->changes->list.v[cl[i].owner].stands == planning_pkg(g, stays) ||
		    same_packaged(g, &cl[i], stays))
			continue;
		path = quoted(s->path);
		problems_add(
			&g->plan->problems, PROBLEM_CONTENT_ELSEWHERE, SEV_WARNING,
			s->path,
			"'/%s' stays as %s left it; it belongs to %s: name that package "
			"too, to have its own file back",
			path, planning_pkg(g, &cl[i])->nevra,
			planning_pkg(g, stays)->nevra);
		return;
	}
}

/*
 * Whether a claim keeps what is there from being removed with a package that goes. For rpm a file of
 * a package that stays counts while its state is normal. Here also while it is replaced: what
 * replaced it is all that there is of it.
 */
static bool keeps(const struct planning *g, const struct claim *c)
{
	uint8_t state = planning_state(g, c);

	if (c->side == SIDE_ARRIVING)
		return state != STATE_NOTINSTALLED;
	return c->side == SIDE_STAYING &&
	       (state == STATE_NORMAL || state == STATE_REPLACED);
}

/* Files that what arrives had taken the place of are as their packages had them again. */
static void heal(struct planning *g, const struct slot *s, const struct claim *winner)
{
	const struct claim *cl = g->layout->claims.v + s->first;

	for (uint32_t i = 0; i < s->n; i++)
		if (cl[i].side == SIDE_STAYING &&
		    planning_file(g, &cl[i])->state == STATE_REPLACED &&
		    !(planning_file(g, &cl[i])->flags & FILE_GHOST) &&
		    same_packaged(g, &cl[i], winner))
			set_state(g, &cl[i], STATE_NORMAL);
}

static void settle(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *winner = NULL, *keeper = NULL, *cl = g->layout->claims.v;
	bool owned_now = false;

	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		if (cl[i].side == SIDE_LEAVING)
			/* rpm removes ghosts with their package; what is in them is the machine's,
			 * not the package's, and stays */
			owned_now |= planning_state(g, &cl[i]) == STATE_NORMAL &&
				     !(planning_file(g, &cl[i])->flags & FILE_GHOST);
		else if (!keeper && keeps(g, &cl[i]))
			keeper = &cl[i];
		if (!is_active(g, &cl[i]))
			continue;
		if (!winner)
			winner = &cl[i];
		else if (!same_packaged(g, winner, &cl[i]))
			winner = contest(g, s, winner, &cl[i]);
	}
	if (winner && winner->side == SIDE_ARRIVING) {
		step->want = (uint32_t)(winner - cl);
		heal(g, s, winner);
	} else if (keeper) {
		if (winner || keeper->side == SIDE_STAYING)
			check_overwritten(g, s, winner ? winner : keeper);
	} else {
		step->gone = owned_now;
	}
	step->old = find_old(g, s, step->want);
}

static int state_cmp(const void *pa, const void *pb)
{
	const struct state_fix *a = pa, *b = pb;

	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->file < b->file ? -1 : a->file > b->file;
}

/* In order, and each file once: one may have been overruled by several. */
static void sort_states(struct plan *plan)
{
	uint32_t out = 0;

	if (plan->states.n)
		qsort(plan->states.v, plan->states.n, sizeof(*plan->states.v), state_cmp);
	for (uint32_t i = 0; i < plan->states.n; i++)
		if (!out || state_cmp(&plan->states.v[out - 1], &plan->states.v[i]) != 0)
			plan->states.v[out++] = plan->states.v[i];
	plan->states.n = out;
}

static void record_states(struct planning *g)
{
	for (uint32_t c = 0; c < g->changes->list.n; c++) {
		const struct pkg *to = g->changes->list.v[c].to;

		for (uint32_t f = 0; to && f < to->files.n; f++) {
			uint8_t state = g->states[c][f];

			if (state != STATE_NORMAL)
				array_add(&g->plan->states,
					  (struct state_fix){SIDE_ARRIVING, c, f, state});
			if (to->files.v[f].flags & FILE_GHOST)
				g->plan->ghosts++;
			else if (state != STATE_NORMAL)
				g->plan->not_installed++;
		}
	}
	sort_states(g->plan);
}

/* Files of packages that stay, and that will not be found any more (see struct stray). */
static void check_strays(struct planning *g)
{
	uint32_t last = NO_INDEX;
	const struct stray *x;

	array_foreach(x, &g->layout->strays) {
		const struct pkg *p = g->staying->v[x->owner];
		const struct pkgfile *f = &p->files.v[x->file];
		const struct claim mine = {
			.side = SIDE_STAYING, .owner = x->owner, .file = x->file};
		cleanup_free char *path = path_join(x->after, f->base);
		cleanup_free char *shown = NULL, *now = NULL;
		const struct slot *s = layout_find(g->layout, path);
		uint32_t want = s ? g->steps[s - g->layout->slots.v].want : NO_INDEX;

		if (last == x->owner || (f->flags & FILE_GHOST) ||
		    f->state != STATE_NORMAL ||
		    (want != NO_INDEX &&
		     same_packaged(g, &g->layout->claims.v[want], &mine)))
			continue;
		last = x->owner;
		shown = quoted(path);
		now = quoted(x->now);
		problems_add(
			&g->plan->problems, PROBLEM_CONTENT_ELSEWHERE, SEV_REFUSE, path,
			"'/%s' of %s lies in '/%s' now, to which no link will lead any more; "
			"name that package too",
			shown, p->nevra, now);
	}
}

void claims_settle(struct planning *g)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++)
		settle(g, &g->layout->slots.v[i], &g->steps[i]);
	record_states(g);
	check_strays(g);
}
