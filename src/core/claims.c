/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/buf.h"
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
	if (t ==
	    FT_DIR) /* attributes of shared directories are no conflict worth stopping for */
		return true;
	if (t == FT_LNK)
		return strcmp(a->link, b->link) == 0;
	if (a->mode != b->mode || strcmp(a->user, b->user) != 0 ||
	    strcmp(a->group, b->group) != 0)
		return false;
	if (t == FT_REG)
		return a->size == b->size &&
		       planning_pkg(g, ca)->digest_algo ==
			       planning_pkg(g, cb)->digest_algo &&
		       a->digest_len == b->digest_len &&
		       (a->digest_len == 0 ||
			memcmp(a->digest, b->digest, a->digest_len) == 0);
	return (t != FT_CHR && t != FT_BLK) || a->rdev == b->rdev;
}

static void set_state(struct planning *g, const struct claim *c, uint8_t state)
{
	if (c->side == SIDE_ARRIVING) {
		g->states[c->owner][c->file] = state;
	} else if (planning_file(g, c)->state != state) {
		struct state_fix *f = array_push(&g->plan->states);

		f->side = SIDE_STAYING;
		f->owner = g->staying->v[c->owner]->instance;
		f->file = c->file;
		f->state = state;
	}
}

/* A claim that puts something on the disk. */
static bool is_active(const struct planning *g, const struct claim *c)
{
	return c->side != SIDE_LEAVING && planning_state(g, c) == STATE_NORMAL &&
	       !(planning_file(g, c)->flags & FILE_GHOST);
}

/* Whether the package that goes was in the same conflict, so that the answer was given before. */
static bool conflict_is_old(const struct planning *g, const struct slot *s,
			    const struct claim *staying)
{
	const struct claim *cl = g->layout->claims.v + s->first;

	for (uint32_t i = 0; i < s->n; i++)
		if (cl[i].side == SIDE_LEAVING && !same_packaged(g, &cl[i], staying))
			return true;
	return false;
}

/* Two active claims of different content: which of them is it? (handleColorConflict(),
 * handleOverlappedFiles(), handleInstInstalledFile() of lib/transaction.c) */
static const struct claim *contest(struct planning *g, const struct slot *s,
				   const struct claim *a, const struct claim *b)
{
	uint32_t ca = planning_file(g, a)->color, cb = planning_file(g, b)->color;
	bool both_arrive = a->side == SIDE_ARRIVING && b->side == SIDE_ARRIVING;
	const struct claim *stays = a->side == SIDE_STAYING ? a : b;
	cleanup_free char *path = NULL;
	bool config;

	if (ca && cb && ca != cb) {
		const struct claim *winner = ca & PREFERRED_COLOR ? a : b;

		set_state(g, winner == a ? b : a, STATE_WRONGCOLOR);
		return winner;
	}
	config = (planning_file(g, a)->flags | planning_file(g, b)->flags) & FILE_CONFIG;
	if (!both_arrive && a->side == b->side)
		return a; /* both stay: not our doing */
	path = quoted(s->path);
	if (!g->policy->replacefiles && (both_arrive || !conflict_is_old(g, s, stays)))
		problems_add(
			&g->plan->problems, PROBLEM_FILE_CONFLICT, SEV_REFUSE, s->path,
			"'/%s' of %s conflicts with the one of %s; --replacefiles puts the "
			"former in its place",
			path, planning_pkg(g, b == stays ? a : b)->nevra,
			planning_pkg(g, b == stays ? b : a)->nevra);
	if (both_arrive)
		return b; /* rpm installs in order, and the later one is what remains */
	if (!config)
		set_state(g, stays, STATE_REPLACED);
	return stays == a ? b : a;
}

/* Among the packages that go: the one that the winner replaces, else one that really had it. */
static uint32_t find_old(const struct planning *g, const struct slot *s, uint32_t want)
{
	const struct claim *cl = g->layout->claims.v;
	uint32_t best = NO_INDEX;

	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		if (cl[i].side != SIDE_LEAVING ||
		    planning_file(g, &cl[i])->state != STATE_NORMAL)
			continue;
		if (want != NO_INDEX && cl[i].owner == cl[want].owner)
			return i;
		if (best == NO_INDEX || (planning_file(g, &cl[best])->flags & FILE_GHOST))
			best = i;
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
		    same_packaged(g, &cl[i], stays))
			continue;
		path = quoted(s->path);
		problems_add(
			&g->plan->problems, PROBLEM_CONTENT_ELSEWHERE, SEV_WARNING,
			s->path,
			"'/%s' stays as %s left it; it belongs to %s: name that package too, "
			"to have its own file back",
			path, planning_pkg(g, &cl[i])->nevra,
			planning_pkg(g, stays)->nevra);
		return;
	}
}

static void settle(struct planning *g, const struct slot *s, struct step *step)
{
	const struct claim *winner = NULL, *cl = g->layout->claims.v;
	bool claimed_after = false, owned_now = false;

	for (uint32_t i = s->first; i < s->first + s->n; i++) {
		if (cl[i].side == SIDE_LEAVING) {
			owned_now |= planning_state(g, &cl[i]) == STATE_NORMAL &&
				     !(planning_file(g, &cl[i])->flags & FILE_GHOST);
			continue;
		}
		claimed_after = true;
		if (!is_active(g, &cl[i]))
			continue;
		if (!winner)
			winner = &cl[i];
		else if (!same_packaged(g, winner, &cl[i]))
			winner = contest(g, s, winner, &cl[i]);
	}
	step->old = find_old(g, s, NO_INDEX);
	if (winner && winner->side == SIDE_ARRIVING) {
		step->want = (uint32_t)(winner - cl);
		step->old = find_old(g, s, step->want);
	} else if (winner) {
		check_overwritten(g, s, winner);
	} else if (!claimed_after && owned_now) {
		step->gone = true;
	}
}

static void count_left_alone(struct planning *g)
{
	const struct claim *c;

	array_foreach(c, &g->layout->claims) {
		if (c->side != SIDE_ARRIVING)
			continue;
		if (planning_file(g, c)->flags & FILE_GHOST)
			g->plan->ghosts++;
		else if (planning_state(g, c) != STATE_NORMAL)
			g->plan->not_installed++;
	}
}

void claims_settle(struct planning *g)
{
	for (uint32_t i = 0; i < g->layout->slots.n; i++)
		settle(g, &g->layout->slots.v[i], &g->steps[i]);
	for (uint32_t c = 0; c < g->changes->list.n; c++) {
		const struct pkg *to = g->changes->list.v[c].to;

		for (uint32_t f = 0; to && f < to->files.n; f++) {
			if (g->states[c][f] == STATE_NORMAL)
				continue;
			array_add(
				&g->plan->states,
				(struct state_fix){SIDE_ARRIVING, c, f, g->states[c][f]});
		}
	}
	count_left_alone(g);
}
